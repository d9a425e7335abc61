"""Facts as plain JSON: the oracle reads the bytes of the stores, none of the product's types."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.contracts.event import Envelope

ZERO = Decimal(0)


class Violation(AssertionError):
    """Something happened that never may."""


@dataclass(frozen=True, slots=True)
class Told:
    position: int
    envelope: Envelope
    data: Mapping[str, Any]

    @property
    def type(self) -> str:
        return self.envelope.type

    @property
    def id(self) -> str:
        """Of the stream, without its context and kind."""
        return self.envelope.subject.partition("-")[2]


def told(position: int, envelope: Envelope) -> Told:
    return Told(position, envelope, json.loads(envelope.data))


def amount(money: Mapping[str, str] | None) -> Decimal:
    return Decimal(money["amount"]) if money else ZERO


def never(wrong: bool, what: str) -> None:
    if wrong:
        raise Violation(what)
