"""Leads are captured and given out, accepted, declined, won."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.simulation.desks.pen import PARTNERS, Kinds, Pen
from tests.reliability.simulation.moves import Ask, Report


@dataclass(slots=True)
class Leads:
    pen: Pen
    leads: list[str] = field(default_factory=list)

    def begun(self) -> Iterator[Ask]:
        weights = {partner: n for n, partner in enumerate(PARTNERS, start=1)}
        rule = {"rule_id": "rule-1", "weights": weights, "capacity": 2, "regions": ["East"]}
        yield self.pen.ask("leads", "/lead-rules", rule)

    def kinds(self) -> Kinds:
        return {self._lead: 3, self._answer: 4}

    def _lead(self) -> Ask | Report:
        number = len(self.leads) + 1
        self.leads.append(f"le-{number}")
        wanted = {"region": "East", "industry": "water", "company": f"Firm {number % 3} Ltd"}
        if self.pen.random.randrange(2):
            body = {**wanted, "lead_id": f"le-{number}", "source": "web"}
            return self.pen.ask("leads", "/leads", body)
        captured: dict[str, Any] = {**wanted, "capture_id": f"le-{number}", "source": "campaign"}
        captured |= {"contact": {"name": "Pat"}, "captured_at": "2026-03-20T08:00:00+08:00"}
        return self.pen.report("LeadCaptured", captured)

    def _answer(self) -> Ask:
        random = self.pen.random
        lead = random.choice(self.leads or ["le-1"])
        kind = random.choice(("acceptance", "acceptance", "decline", "closing"))
        body: dict[str, Any] = {"offer": random.choice((1, 1, 2, 3))}
        if kind == "closing":
            body = {"outcome": "won"}
        return self.pen.ask("leads", f"/leads/{lead}/{kind}", body)
