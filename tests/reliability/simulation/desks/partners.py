"""Partners are enrolled, given credit, raised, suspended."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.reliability.simulation.desks.pen import PARTNERS, Kinds, Pen, yuan
from tests.reliability.simulation.moves import Ask


@dataclass(slots=True)
class Partners:
    pen: Pen

    def begun(self) -> Iterator[Ask]:
        for partner in PARTNERS:
            body = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["East"]}
            yield self.pen.ask("partners", "/partners", body)
            limit = {"limit": yuan(self.pen.random.choice((2_000_000, 5_000_000, 100_000_000)))}
            yield self.pen.ask("partners", f"/partners/{partner}/credit-limit", limit)

    def kinds(self) -> Kinds:
        return {self._change: 3}

    def _change(self) -> Ask:
        partner, random = self.pen.partner(), self.pen.random
        change = random.choice(("credit-limit", "level", "suspension", "reinstatement"))
        bodies: dict[str, Any] = {
            "credit-limit": {"limit": yuan(random.choice((0, 1_000_000, 9_000_000)))},
            "level": {"level": random.choice(("gold", "silver"))},
        }
        return self.pen.ask("partners", f"/partners/{partner}/{change}", bodies.get(change))
