"""Orders' accounts, told again from their facts: credit, allocation, and the money as a whole.

Of each payment: what came = what is left + what went back, after every fact.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.reliability.simulation.oracle.told import ZERO, Told, amount, never

SKEW = timedelta(hours=1)  # how far clocks jump back, at most


@dataclass(slots=True)
class Order:
    """`back` is what came back: money that is there for it waits for a refund or another order."""

    total: Decimal
    state: str = "held"  # held, confirmed, closed
    director: bool = False
    imported: bool = False
    back: Decimal = ZERO


@dataclass(slots=True)
class Payment:
    """`whole` is what came, `amount` what is left of it, `back` what was refunded or reversed."""

    whole: Decimal
    amount: Decimal
    revision: int
    taken: dict[str, Decimal]
    back: Decimal = ZERO
    deposit: Decimal = ZERO
    kept_for: str | None = None
    lines: list[tuple[str, Decimal]] = field(default_factory=list)  # product line, net
    paid_on: str = ""

    @property
    def loose(self) -> Decimal:
        """What no order has taken."""
        return self.amount - sum(self.taken.values(), ZERO)

    @property
    def free(self) -> Decimal:
        return self.loose - self.deposit

    def kept_after(self, gone: Decimal) -> Decimal:
        """Of the deposit: what nothing took goes first."""
        return min(self.deposit, max(self.loose - gone, ZERO))


@dataclass(slots=True)
class Account:
    partner: str
    limit: Decimal = ZERO
    limit_at: tuple[str, int] = ("", 0)
    known: bool = False
    suspended: bool = False
    standing_at: tuple[str, int] = ("", 0)
    orders: dict[str, Order] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    waiting: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def exposure(self) -> Decimal:
        """Ruling o1: what was confirmed, less the money that is not kept for an order."""
        confirmed = sum((o.total for o in self.orders.values() if o.state == "confirmed"), ZERO)
        return confirmed - sum((p.amount - p.deposit for p in self.payments.values()), ZERO)

    @property
    def available(self) -> Decimal:
        return self.limit - self.exposure

    def deposits(self, order_id: str) -> Decimal:
        kept = (p.deposit for p in self.payments.values() if p.kept_for == order_id)
        return sum(kept, ZERO)

    def paid(self, order_id: str) -> Decimal:
        return sum((p.taken.get(order_id, ZERO) for p in self.payments.values()), ZERO)

    def see(self, fact: Told) -> None:
        data = fact.data
        match fact.type:
            case "LimitRecorded" if (at := _source(data)) > self.limit_at:
                self.limit, self.limit_at, self.known = amount(data["limit"]), at, True
            case "StandingRecorded" if (at := _source(data)) > self.standing_at:
                self.suspended, self.standing_at = data["standing"] == "suspended", at
                self.known = True
            case "PaymentReceived" | "PaymentAllocated":
                self._money(fact)
            case "PaymentRefunded" | "PaymentReversed":
                self._gone(fact)
            case "PaymentDeferred":
                self.waiting[data["payment_id"]] = data
            case "PaymentResumed":
                del self.waiting[data["payment_id"]]
            case "PaymentDeclined":
                self._decline(fact)
            case _:
                self._order(fact)

    def _decline(self, fact: Told) -> None:
        """Only what has waited for its time, for what nobody knows to this day."""
        waited = self.waiting.pop(fact.data["payment_id"], None)
        never(waited is None, f"{fact.data} was declined without waiting")
        if waited is None:
            return
        early = fact.envelope.time + SKEW < datetime.fromisoformat(waited["until"])
        never(early, f"{fact.data} was declined before {waited['until']}")
        order = waited["payment"]["order_id"]
        known = self.known if fact.data["slug"] == "partner-unknown" else order in self.orders
        never(known, f"{fact.data} was declined though it was known")

    def _order(self, fact: Told) -> None:
        data = fact.data
        order_id = data.get("order_id", "")
        match fact.type:
            case "OrderRecorded":
                state = self.orders.get(order_id)
                never(state is not None and state.state != "closed", f"{order_id} is there twice")
                self.orders[order_id] = Order(
                    amount(data["total"]), "held", data["director"], data["imported"]
                )
            case "CreditReserved":
                one = self.orders[order_id]
                fits = self.known and not (self.suspended or one.director or one.imported)
                never(not fits, f"{order_id} was confirmed though something held it")
                never(one.state != "held", f"{order_id} was confirmed though {one.state}")
                one.state = "confirmed"
            case "CreditFreed":
                self.orders[order_id].state = "closed"
                self._unkeep(order_id)
            case "OrderReduced":
                self.orders[order_id].total -= amount(data["total"])
                self.orders[order_id].back += amount(data["total"]) if data["returned"] else ZERO
            case "HoldLifted":
                one = self.orders[order_id]
                one.director = one.director and data["reason"] != "director-approval"
                one.imported = one.imported and data["reason"] != "imported"

    def _money(self, fact: Told) -> None:
        data, payment_id = fact.data, fact.data["payment_id"]
        before = self.payments.get(payment_id)
        never((before is None) != (fact.type == "PaymentReceived"), f"{payment_id} comes twice")
        whole = amount(data["amount"])
        now = self._revised(fact, before.amount if before else whole, before)
        never(now.amount != whole, f"{payment_id} became another amount")
        if before and before.kept_for not in now.taken:
            now.deposit, now.kept_for = before.deposit, before.kept_for
        elif not before and (deposit := amount(data.get("deposit"))):
            now.deposit, now.kept_for = deposit, data["order_id"]

    def _gone(self, fact: Told) -> None:
        """What nothing took goes first, then what is kept for a held order, then the rest."""
        before, gone = self.payments[fact.data["payment_id"]], amount(fact.data["amount"])
        never(not 0 < gone <= before.amount, f"{gone} goes back of {before.amount}")
        whole = fact.type == "PaymentReversed"
        never(whole and gone != before.amount, f"{gone} is reversed of {before.amount}")
        now = self._revised(fact, before.amount - gone, before)
        now.back += gone
        now.deposit = before.kept_after(gone)
        now.kept_for = before.kept_for if now.deposit else None

    def _revised(self, fact: Told, left: Decimal, before: Payment | None) -> Payment:
        """What its orders have of it now; the lines of each allocation come to it."""
        data, payment_id = fact.data, fact.data["payment_id"]
        revision = before.revision + 1 if before else 1
        never(data["revision"] != revision, f"{payment_id}: revision {data['revision']}")
        taken = {one["order_id"]: amount(one["amount"]) for one in data["allocations"]}
        now = Payment(before.whole if before else left, left, revision, taken)
        now.back, now.paid_on = (before.back if before else ZERO), data["paid_on"]
        for one in data["allocations"]:
            parts = sum((amount(line["amount"]) for line in one["lines"]), ZERO)
            never(parts != amount(one["amount"]), f"{payment_id}: lines come to {parts}")
            now.lines += [(line["product_line"], amount(line["net"])) for line in one["lines"]]
        told = amount(data.get("unallocated"))
        never(now.loose != told or now.loose < 0, f"{payment_id}: {now.loose} is left")
        self.payments[payment_id] = now
        return now

    def _unkeep(self, order_id: str) -> None:
        for one in self.payments.values():
            if one.kept_for == order_id:
                one.deposit, one.kept_for = ZERO, None

    def check(self, types: set[str]) -> None:
        """After each command, whatever it was."""
        for wrong in self._wrong(types):
            never(True, f"account of {self.partner}: {wrong}")

    def _wrong(self, types: set[str]) -> Iterator[str]:
        if "CreditReserved" in types and self.exposure > self.limit:
            yield f"confirmed to {self.exposure}, above {self.limit}"
        open_ = False
        for order_id, order in self.orders.items():
            taken = self.paid(order_id)
            if taken > order.total + order.back or (taken and order.state != "confirmed"):
                yield f"{order_id} ({order.state}, {order.total}) has {taken}"
            if self._fits(order_id, order):
                yield f"{order_id} is held though it fits into {self.available}"
            open_ = open_ or (order.state == "confirmed" and taken < order.total)
        free = [payment_id for payment_id, one in self.payments.items() if one.free > 0]
        if open_ and free:
            yield f"{free} lie free beside open orders"
        yield from self._unbalanced()

    def _unbalanced(self) -> Iterator[str]:
        for payment_id, paid in self.payments.items():
            if paid.free < 0:
                yield f"more is taken of {payment_id} than is left"
            if paid.whole != paid.amount + paid.back:
                yield f"{payment_id}: {paid.whole} came, {paid.amount} is left, {paid.back} went"

    def _fits(self, order_id: str, order: Order) -> bool:
        if order.state != "held" or order.director or order.imported:
            return False
        allowed = self.known and not self.suspended
        return allowed and order.total - self.deposits(order_id) <= self.available


def _source(data: Mapping[str, Any]) -> tuple[str, int]:
    return data["recorded_at"], data["sequence"]
