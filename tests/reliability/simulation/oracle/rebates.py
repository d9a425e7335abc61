"""Rebates by hand: the money of the accounts, tier by tier, and what was booked of it (X-05)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.reliability.simulation.oracle.accounts import Account
from tests.reliability.simulation.oracle.told import ZERO, Told, amount, never

Slot = tuple[str, str, str, str]  # programme, partner, period, partition
CENT = Decimal("0.01")


@dataclass(slots=True)
class Rebates:
    programmes: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    earned: dict[Slot, Decimal] = field(default_factory=dict)
    booked: dict[Slot, Decimal] = field(default_factory=dict)
    numbers: dict[Slot, int] = field(default_factory=dict)
    proposed: dict[Slot, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def see(self, fact: Told) -> None:
        data = fact.data
        match fact.type:
            case "ProgrammePublished":
                terms = data["terms"]
                self.programmes.setdefault(terms["programme_id"], []).append(terms)
            case "RebateAccrued":
                self.earned[_slot(data)] = amount(data["entitlement"])
            case "RebateSettled" | "RebateAdjusted":
                self._book(_slot(data), fact)
            case "RebateAdjustmentProposed":
                self.proposed[_slot(data)] += amount(data["amount"])

    def _book(self, slot: Slot, fact: Told) -> None:
        number = self.numbers.get(slot, 0) + 1
        never(fact.data["number"] != number, f"{slot}: number {fact.data['number']}")
        never((fact.type == "RebateSettled") != (number == 1), f"{slot} is settled twice")
        self.numbers[slot] = number
        self.booked[slot] = self.booked.get(slot, ZERO) + amount(fact.data["amount"])
        if fact.data.get("proposal"):
            self.proposed[slot] -= amount(fact.data["amount"])

    def judge(self, accounts: Iterable[Account]) -> int:
        """To the cent, for every account that has had money; how many there were."""
        due = {slot: self._due(slot[0], parts) for slot, parts in self._volumes(accounts).items()}
        for slot in {*due, *self.earned}:
            mine, theirs = due.get(slot, ZERO), self.earned.get(slot, ZERO)
            never(mine != theirs, f"{slot} earns {theirs}, and should earn {mine}")
            if slot in self.booked:
                whole = self.booked[slot] + self.proposed[slot]
                never(whole != mine, f"{slot}: booked and proposed are {whole} of {mine}")
        return len(due)

    def _volumes(self, accounts: Iterable[Account]) -> dict[Slot, dict[int, Decimal]]:
        """By version, net: each payment as it is allocated now."""
        found: dict[Slot, dict[int, Decimal]] = {}
        for account in accounts:
            for paid in account.payments.values():
                for programme_id, versions in self.programmes.items():
                    for line, net in paid.lines:
                        terms = _covering(versions, paid.paid_on)
                        if terms is None:
                            continue
                        part = line if terms["partition"] else ""
                        slot = (programme_id, account.partner, paid.paid_on[:7], part)
                        parts = found.setdefault(slot, defaultdict(lambda: ZERO))
                        parts[terms["version"]] += net
        return found

    def _due(self, programme_id: str, parts: Mapping[int, Decimal]) -> Decimal:
        whole = sum(parts.values(), ZERO)
        versions = {one["version"]: one for one in self.programmes[programme_id]}
        exact = sum((part * _rate(versions[v], whole) for v, part in parts.items()), ZERO)
        return exact.quantize(CENT, ROUND_HALF_UP)


def _slot(data: Mapping[str, Any]) -> Slot:
    return data["programme_id"], data["partner_id"], data["period"], data["partition"]


def _covering(versions: Iterable[Mapping[str, Any]], day: str) -> Mapping[str, Any] | None:
    covering = [one for one in versions if one["effective_from"] <= day]
    return max(covering, key=lambda one: int(one["version"]), default=None)


def _rate(terms: Mapping[str, Any], whole: Decimal) -> Decimal:
    reached = [t for t in terms["tiers"] if Decimal(t["threshold"]) <= whole]
    return Decimal(reached[-1]["rate"]) if reached else ZERO
