"""What came of an import: counts, faults, and where its payments stand."""

from dataclasses import dataclass, field
from typing import Any

from shared.contracts.money import Money
from shared.kernel.codec import document
from shared.runtime.importing.cells import Fault

KINDS = ("partners", "orders", "payments")


@dataclass(slots=True)
class Count:
    """Every record that was read is accepted, repeated or refused."""

    read: int = 0
    accepted: int = 0
    repeated: int = 0
    refused: int = 0


@dataclass(slots=True)
class Standing:
    """The payments of this import as they stand now, whichever run brought them."""

    matched_exact: int
    collected: Money
    unallocated: Money


@dataclass(slots=True)
class Outcome:
    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in KINDS})
    faults: list[Fault] = field(default_factory=list)
    facts: int = 0
    seconds: float = 0.0
    parked: int = 0
    standing: Standing | None = None

    def sum(self, name: str) -> int:
        return sum(getattr(count, name) for count in self.counts.values())

    @property
    def rate(self) -> float:
        return round(self.facts / self.seconds, 1) if self.seconds else 0.0

    def shown(self) -> dict[str, Any]:
        return {
            "read": self.sum("read"),
            "accepted": self.sum("accepted"),
            "repeated": self.sum("repeated"),
            "refused": {kind: count.refused for kind, count in self.counts.items()},
            "facts": self.facts,
            "seconds": round(self.seconds, 3),
            "facts_per_s": self.rate,
            "payments": document(self.standing) if self.standing else None,
            "by_kind": {kind: document(count) for kind, count in self.counts.items()},
        }
