"""A key goes where Kafka's Java client would put it."""

import pytest

from shared.adapters.sqlite.partitioner import murmur2, partition_of

KAFKA = {  # from the tests of Kafka's clients: what Java's signed ints show
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.mark.parametrize(("key", "signed"), KAFKA.items())
def test_the_hash_is_kafkas(key: str, signed: int) -> None:
    assert murmur2(key.encode()) == signed % 2**32
    assert partition_of(key, 6) == (signed & 0x7FFFFFFF) % 6


def test_every_length_of_rest_is_hashed() -> None:
    assert len({murmur2(b"x" * n) for n in range(20)}) == 20


def test_a_key_is_hashed_as_utf_8() -> None:
    assert partition_of("渠道", 1_000) == (murmur2("渠道".encode()) & 0x7FFFFFFF) % 1_000
