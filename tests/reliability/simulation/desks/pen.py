"""What desks write with: requests and claims, numbered, whose content comes from one source."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Protocol, TypeVar

from tests.reliability.simulation.moves import Ask, Report

PARTNERS = ("pa-ahorn", "pb-birke", "pc-ceder")
FIRST_DAY, DAYS = date(2026, 2, 20), 45
T = TypeVar("T")
Kinds = Mapping[Callable[[], Ask | Report], int]
"""What a desk may ask for next, and how often it does."""


@dataclass(slots=True)
class Pen:
    """Whatever is invented comes from its random numbers alone."""

    random: Random
    asked: int = 0

    def ask(self, context: str, path: str, body: Any = None, **who: Any) -> Ask:
        self.asked += 1
        at = self.random.randrange(2)
        return Ask(self.asked, context, path, {} if body is None else body, at=at, **who)

    def report(self, topic: str, data: Any) -> Report:
        self.asked += 1
        return Report(topic, f"r{self.asked}", data, self.random.choice((1, 1, 2)))

    def partner(self) -> str:
        return self.random.choice(PARTNERS)

    def of(self, those: Sequence[T]) -> T:
        """Rather one of the first: what was asked for last may not be there yet."""
        return those[min(self.random.randrange(len(those)) for _ in range(2))]

    def day(self) -> str:
        return (FIRST_DAY + timedelta(days=self.random.randrange(DAYS))).isoformat()


class Desk(Protocol):
    def begun(self) -> Iterable[Ask]:
        """What is set up before business begins."""

    def kinds(self) -> Kinds: ...


def yuan(cents: int) -> dict[str, str]:
    return {"amount": f"{cents // 100}.{cents % 100:02}", "currency": "CNY"}
