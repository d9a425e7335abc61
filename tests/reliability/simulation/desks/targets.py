"""Targets: what each partner is to sell in March, set again now and then."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reliability.simulation.desks.pen import PARTNERS, Kinds, Pen, yuan
from tests.reliability.simulation.moves import Ask


@dataclass(slots=True)
class Targets:
    pen: Pen

    def begun(self) -> Iterator[Ask]:
        for partner in PARTNERS:
            yield self._target(partner, "A", 5_000_000)

    def kinds(self) -> Kinds:
        return {self._again: 1}

    def _again(self) -> Ask:
        random = self.pen.random
        cents = random.choice((0, 123_457, 2_000_000))
        return self._target(self.pen.partner(), random.choice(("A", "B")), cents)

    def _target(self, partner: str, line: str, cents: int) -> Ask:
        body = {"partner_id": partner, "product_line": line, "month": "2026-03"}
        return self.pen.ask("forecast", "/forecast/targets", body | {"target": yuan(cents)})
