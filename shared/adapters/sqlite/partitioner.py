"""The partition of a key, as Kafka's Java client has it: every client puts a key on one log."""

from functools import lru_cache

MASK = 0xFFFFFFFF
SEED, M, R = 0x9747B28C, 0x5BD1E995, 24


@lru_cache(maxsize=65_536)
def partition_of(key: str, partitions: int) -> int:
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Unsigned; Java shows the same 32 bits as a signed number."""
    whole = len(data) & ~3
    h = SEED ^ len(data)
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * M & MASK
        h = (h * M & MASK) ^ ((k ^ k >> R) * M & MASK)
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * M & MASK
    h = (h ^ h >> 13) * M & MASK
    return h ^ h >> 15
