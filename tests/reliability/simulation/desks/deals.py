"""Deals are registered by partners who want the same ones, approved, extended, given up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.simulation.desks.pen import Kinds, Pen
from tests.reliability.simulation.moves import Ask

FIRMS = (*["Deep Harbour Ltd"] * 5, "Stone Bridge Ltd")
LINES = (*["A"] * 5, "B")
PROJECTS = (None, "north-hall", "south-hall")
VISITS = ("2026-03-20T20:00:00+08:00", "2026-03-24T09:00:00+08:00")


@dataclass(slots=True)
class Deals:
    pen: Pen
    deals: list[tuple[str, str]] = field(default_factory=list)  # id, partner

    def begun(self) -> Iterator[Ask]:
        if self.pen.random.randrange(3):  # nobody needs to be asked
            yield self.pen.ask("leads", "/registration-rule", {"version": 1, "steps": []})

    def kinds(self) -> Kinds:
        return {self._register: 4, self._decide: 6, self._withdraw: 1, self._extend: 1}

    def _register(self) -> Ask:
        number, partner, random = len(self.deals) + 1, self.pen.partner(), self.pen.random
        self.deals.append((f"de-{number}", partner))
        deal: dict[str, Any] = {"registration_id": f"de-{number}", "partner_id": partner}
        deal |= {"customer": {"name": random.choice(FIRMS)}, "region": "East"}
        deal["product_line"] = random.choice(LINES)
        if project := random.choice(PROJECTS):
            deal["project"] = project
        return self.pen.ask("leads", "/registrations", deal, partner=partner)

    def _decide(self) -> Ask:
        deal = self._some()[0]
        if self.pen.random.randrange(6):
            return self.pen.ask("leads", f"/registrations/{deal}/approval")
        return self.pen.ask("leads", f"/registrations/{deal}/rejection", {"reason": "no case"})

    def _withdraw(self) -> Ask:
        deal, partner = self._some()
        return self.pen.ask("leads", f"/registrations/{deal}/withdrawal", partner=partner)

    def _extend(self) -> Ask:
        visit = {"kind": "visit", "happened_at": self.pen.random.choice(VISITS)}
        path = f"/registrations/{self._some()[0]}/extension"
        return self.pen.ask("leads", path, {"evidence": [visit]})

    def _some(self) -> tuple[str, str]:
        return self.pen.of(self.deals) if self.deals else ("de-1", self.pen.partner())
