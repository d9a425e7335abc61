"""A partner's account as its facts tell it: the limit, what is owed, what was paid."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from immutables import Map

from services.orders.domain.events import OrderRecorded, PaymentDeferred, Piece
from services.orders.domain.heap import Heap, ascending, pruned, push
from shared.contracts.money import Money

ZERO = Decimal(0)
HOME = "CNY"
OrderKey = tuple[date, str]
MoneyKey = tuple[date, str, str, UUID]
Source = tuple[datetime, int]
"""A foreign fact's place: recorded_at and sequence. The latest wins, whenever it arrives."""


@dataclass(frozen=True, slots=True)
class Owed:
    """An order in the account, without what was cancelled or returned since.

    `paid` is what payments have allocated to it; `revision` that of its last reduction.
    """

    order: OrderRecorded
    confirmed: bool = False
    closed: bool = False
    director: bool = False
    imported: bool = False
    reasons: tuple[str, ...] = ()
    since: datetime | None = None
    paid: Decimal = ZERO
    payers: Map[UUID, None] = field(default_factory=Map)
    deposits: Map[UUID, Decimal] = field(default_factory=Map)
    deposit: Decimal = ZERO
    revision: int = 0

    @property
    def key(self) -> OrderKey:
        return (self.order.ordered_on, self.order.order_id)

    @property
    def total(self) -> Decimal:
        return self.order.total.amount

    @property
    def need(self) -> Decimal:
        """What its confirmation takes from the limit (ruling o1)."""
        return self.total - self.deposit

    @property
    def open(self) -> Decimal:
        return max(self.total - self.paid, ZERO) if self.confirmed else ZERO

    @property
    def credit(self) -> Decimal:
        """Paid for goods that came back, and not refunded yet."""
        return max(self.paid - self.total, ZERO) if self.confirmed else ZERO

    @property
    def held(self) -> bool:
        return not self.confirmed and not self.closed


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment in the account: what it is allocated to, and what is kept as a deposit.

    `amount` is what is left of it after refunds. `weights` say how what each order took is split.
    """

    payment_id: UUID
    source_system: str
    document_no: str
    paid_on: date
    amount: Decimal
    revision: int = 0
    taken: Mapping[str, Decimal] = field(default_factory=dict)
    weights: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)
    reversed: bool = False
    deposit: Decimal = ZERO
    deposit_for: str | None = None

    @property
    def key(self) -> MoneyKey:
        """The canonical order of money."""
        return (self.paid_on, self.document_no, self.source_system, self.payment_id)

    @property
    def unallocated(self) -> Decimal:
        return self.amount - sum(self.taken.values(), ZERO)

    @property
    def free(self) -> Decimal:
        return self.unallocated - self.deposit


@dataclass(frozen=True, slots=True)
class Account:
    """`queue`: what is not confirmed, in the order of its hold. `due` and `spare` are heaps, of
    confirmed orders with an open amount and of payments with free money. `anchored`: money has
    moved, so the currency stays. `bundles`: net per end customer and day (ruling o10). `credits`:
    orders that were paid for goods which came back.
    """

    known: bool = False
    standing_at: Source | None = None
    suspended: bool = False
    limit_at: Source | None = None
    limit_set: Money | None = None
    currency: str | None = None
    anchored: bool = False
    receivables: Decimal = ZERO
    unapplied: Decimal = ZERO
    opened: bool = False
    confirmed: Decimal = ZERO
    received: Decimal = ZERO
    deposits: Decimal = ZERO
    spare_money: Decimal = ZERO
    orders: Map[str, Owed] = field(default_factory=Map)
    queue: tuple[str, ...] = ()
    due: Heap[OrderKey] = None
    unpaid: Map[Decimal, Heap[OrderKey]] = field(default_factory=Map)
    credits: Map[OrderKey, None] = field(default_factory=Map)
    bundles: Map[tuple[str, date], Decimal] = field(default_factory=Map)
    payments: Map[UUID, Paid] = field(default_factory=Map)
    spare: Heap[MoneyKey] = None
    waiting: Map[UUID, PaymentDeferred] = field(default_factory=Map)

    @property
    def limit(self) -> Decimal:
        """A limit in another currency than the account's counts as none."""
        fits = self.limit_set is not None and self.limit_set.currency == self.currency
        return self.limit_set.amount if fits and self.limit_set else ZERO

    @property
    def exposure(self) -> Decimal:
        """Ruling o1."""
        opening = self.receivables - self.unapplied
        return opening + self.confirmed - (self.received - self.deposits)

    @property
    def available(self) -> Decimal:
        return self.limit - self.exposure

    @property
    def credit(self) -> Decimal:
        """Paid for goods that came back: unapplied, until it is refunded or another order is
        confirmed.
        """
        return sum((self.orders[order_id].credit for _, order_id in self.credits), ZERO)

    def money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency or HOME).rounded()

    def held(self) -> Iterator[Owed]:
        return (self.orders[order_id] for order_id in self.queue)

    def oldest_due(self) -> Iterator[Owed]:
        """Confirmed orders with an open amount, by date, then id."""
        every = (self.orders[order_id] for _, order_id in ascending(self.due))
        return (owed for owed in every if owed.open > 0)

    def oldest_spare(self) -> Iterator[Paid]:
        every = (self.payments[key[3]] for key in ascending(self.spare))
        return (paid for paid in every if paid.free > 0)

    def exactly(self, amount: Decimal) -> Owed | None:
        """The earliest order that is wholly unpaid and comes to this amount."""
        keys = ascending(self.unpaid.get(amount))
        every = (self.orders[order_id] for _, order_id in keys)
        return next((owed for owed in every if owed.open == owed.total == amount), None)

    def short_by(self, owed: Owed) -> Decimal:
        """Ruling o2: always of now."""
        return max(owed.need - self.available, ZERO)


def placed(account: Account, owed: Owed) -> Account:
    """With the order as it is now, and without heap heads that it made stale."""
    account = replace(account, orders=account.orders.set(owed.order.order_id, owed))
    credits = account.credits
    if owed.credit:
        credits = credits.set(owed.key, None)
    elif owed.key in credits:
        credits = credits.delete(owed.key)
    due = pruned(account.due, lambda key: account.orders[key[1]].open > 0)
    unpaid = account.unpaid
    if heap := unpaid.get(owed.total):
        kept = pruned(heap, lambda key: _wholly_unpaid(account.orders[key[1]], owed.total))
        unpaid = unpaid.set(owed.total, kept) if kept else unpaid.delete(owed.total)
    return replace(account, credits=credits, due=due, unpaid=unpaid)


def offered(account: Account, owed: Owed, was: Decimal = ZERO) -> Account:
    """An order whose open amount rose, from what it was, may take money from now on."""
    due, unpaid = account.due, account.unpaid
    if owed.open > 0 >= was:
        due = push(due, owed.key)
    if _wholly_unpaid(owed, owed.total):
        unpaid = unpaid.set(owed.total, push(unpaid.get(owed.total), owed.key))
    return replace(account, due=due, unpaid=unpaid)


def kept(account: Account, paid: Paid) -> Account:
    """With the payment as it is now; free money waits for orders."""
    before = account.payments.get(paid.payment_id)
    was = before.free if before else ZERO
    payments = account.payments.set(paid.payment_id, paid)
    spare = push(account.spare, paid.key) if paid.free > 0 >= was else account.spare
    spare = pruned(spare, lambda key: payments[key[3]].free > 0)
    money = account.spare_money + paid.free - was
    return replace(account, payments=payments, spare=spare, spare_money=money)


def _wholly_unpaid(owed: Owed, total: Decimal) -> bool:
    return owed.open == owed.total == total > 0
