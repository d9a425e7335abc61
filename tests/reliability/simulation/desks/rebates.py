"""Programmes, and settlements that somebody asks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.reliability.simulation.desks.pen import Kinds, Pen
from tests.reliability.simulation.moves import Ask


@dataclass(slots=True)
class Rebates:
    pen: Pen

    def begun(self) -> Iterator[Ask]:
        yield self.pen.ask("rebates", "/rebates/programmes", programme("pr-month", 1, "0.02"))
        manual = programme("pr-asked", 1, "0.03") | {"settlement": "manual", "partition": []}
        yield self.pen.ask("rebates", "/rebates/programmes", manual)

    def kinds(self) -> Kinds:
        return {self._next: 2}

    def _next(self) -> Ask:
        if self.pen.random.randrange(3):
            path = "/rebates/programmes/pr-asked/settlements"
            return self.pen.ask("rebates", path, {"period": "2026-02"})
        return self.pen.ask("rebates", "/rebates/programmes", programme("pr-month", 2, "0.04"))


def programme(programme_id: str, version: int, rate: str) -> dict[str, Any]:
    return {
        "programme_id": programme_id,
        "version": version,
        "effective_from": "2026-01-01" if version == 1 else "2026-03-01",
        "currency": "CNY",
        "partition": ["product_line"],
        "method": "whole",
        "tiers": [{"from": "4424.78", "rate": rate}, {"from": "15000", "rate": "0.0625"}],
        "period": "month",
        "grace_days": 5,
        "settle_after": "PT1H",
    }
