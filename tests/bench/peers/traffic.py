"""The same facts for everybody: seeded payloads of a payment's size, streams by Zipf's law."""

import json
import random
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate

SEED = 20_261_126
EXPONENT = 1.1


def payload(number: int) -> dict[str, str]:
    """About 200 bytes as JSON."""
    return {
        "partner_id": f"partner-{number % 997}",
        "payment_id": f"{number:032x}",
        "document_no": f"DOC-{number:010}",
        "source_system": "erp",
        "amount": f"{number % 100_000}.50",
        "currency": "CNY",
        "paid_on": f"2026-{1 + number % 12:02}-{1 + number % 28:02}",
    }


def encoded(number: int) -> bytes:
    return json.dumps(payload(number), separators=(",", ":")).encode()


def zipf(streams: int, seed: int = SEED) -> Iterator[int]:
    """Numbers of streams, the busy ones far more often."""
    chance = random.Random(seed)
    reach = list(accumulate(1 / rank**EXPONENT for rank in range(1, streams + 1)))
    while True:
        yield bisect(reach, chance.random() * reach[-1])
