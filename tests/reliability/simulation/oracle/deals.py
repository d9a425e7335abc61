"""Registered deals: of one customer, product line, region and project there is one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.reliability.simulation.oracle.told import Told, never

Scope = tuple[str, str, str]  # customer, product line, region


@dataclass(slots=True)
class Deal:
    partner: str
    scope: Scope
    project: str | None
    since: datetime
    until: datetime

    def meets(self, other: "Deal") -> bool:
        """Without a project it is about the whole scope."""
        every = None in {self.project, other.project} or self.project == other.project
        return self.scope == other.scope and every


@dataclass(slots=True)
class Deals:
    protected: dict[str, Deal] = field(default_factory=dict)
    decided: int = 0

    def see(self, fact: Told) -> None:
        data = fact.data
        match fact.type:
            case "DealRegistered":
                scope = data["customer_id"], data["product_line"], data["region"]
                since, until = map(instant, (data["protected_from"], data["protected_until"]))
                deal = Deal(data["partner_id"], scope, data["project"], since, until)
                rivals = [one for one, other in self._rivals(deal) if other.until > since]
                never(bool(rivals), f"{fact.id} is protected beside {rivals}")
                never(fact.id in self.protected, f"{fact.id} is protected twice")
                self.protected[fact.id] = deal
                self.decided += 1
            case "DealExtended":
                deal, until = self.protected[fact.id], instant(data["protected_until"])
                never(until <= deal.until, f"{fact.id} is extended to {until}")
                deal.until = until
            case "DealProtectionEnded":
                never(fact.id not in self.protected, f"{fact.id} ends, and was not protected")
                del self.protected[fact.id]
            case "RegistrationRejected":
                never(fact.id in self.protected, f"{fact.id} is rejected while it is protected")
                self.decided += 1

    def _rivals(self, deal: Deal) -> Iterator[tuple[str, Deal]]:
        return ((one, other) for one, other in self.protected.items() if other.meets(deal))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
