"""Targets by hand: each Monday is told once, and what is told of the whole month is its money."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.reliability.simulation.oracle.accounts import Account
from tests.reliability.simulation.oracle.told import ZERO, Told, amount, never

FINAL = "2026-04-06"


@dataclass(slots=True)
class Targets:
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    weeks: set[tuple[str, str]] = field(default_factory=set)
    final: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    moved: dict[str, datetime] = field(default_factory=dict)  # when, the money of a partner

    def see(self, fact: Told) -> None:
        data = fact.data
        match fact.type:
            case "TargetSet":
                self.known[fact.id] = data
            case "AttainmentMeasured":
                week = (fact.id, data["week"])
                never(week in self.weeks, f"{week} is measured twice")
                never(date.fromisoformat(data["week"]).weekday() != 0, f"{week} is no Monday")
                self.weeks.add(week)
                if data["week"] == FINAL:
                    self.final[fact.id] = data

    def money(self, fact: Told) -> None:
        self.moved[fact.id] = fact.envelope.time

    def judge(self, accounts: Iterable[Account]) -> int:
        """How many were measured, of those whose money had come to rest by then."""
        mine_of, judged = {one.partner: one for one in accounts}, 0
        for target, data in self.known.items():
            if not amount(data["target"]):
                continue
            never(target not in self.final, f"{data} was not measured in the end")
            told, partner = self.final[target], data["partner_id"]
            if told["revision"] != data["revision"] or self._moves_later(partner, told):
                continue
            mine = _collected(mine_of.get(partner), data["product_line"])
            theirs = amount(told["collected"])
            never(mine != theirs, f"{data}: {theirs} is collected, and should be {mine}")
            reached = 100 * mine // amount(data["target"])
            never(mine >= 0 and told["percent"] != reached, f"{told}, and not {reached} %")
            judged += 1
        return judged

    def _moves_later(self, partner: str, told: Mapping[str, Any]) -> bool:
        as_at = datetime.fromisoformat(told["as_at"])
        return partner in self.moved and self.moved[partner] > as_at


def _collected(account: Account | None, line: str) -> Decimal:
    return sum(
        (
            net
            for paid in (account.payments.values() if account else ())
            if paid.paid_on.startswith("2026-03")
            for of, net in paid.lines
            if of == line
        ),
        ZERO,
    )
