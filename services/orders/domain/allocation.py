"""Money finds its orders: named, exact, oldest due (rulings o4, o7), split by piece (g4, g5)."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from uuid import UUID

from services.orders.domain.commands import AllocatePayment, LapsePayment
from services.orders.domain.events import (
    Payment,
    PaymentDeclined,
    PaymentDeferred,
)
from services.orders.domain.evolution import Story
from services.orders.domain.ledger import ZERO, Account, Paid
from services.orders.domain.shares import allocation, grain
from shared.contracts.money import Money
from shared.contracts.orders import (
    Allocation,
    PaymentAllocated,
    PaymentReceived,
)

Taken = dict[str, Decimal]
UNKNOWN = {
    "partner-unknown": "nobody enrolled this partner: enrol it, then report the payment again",
    "order-unknown": "this partner has no such order: report the payment with the right one",
}


def unknown(account: Account, order_id: str | None) -> str | None:
    """What a payment must wait for (design §2, rule 9)."""
    if not account.known:
        return "partner-unknown"
    if order_id is not None and order_id not in account.orders:
        return "order-unknown"
    return None


def foreign(account: Account, amount: Money) -> str | None:
    """Why money in this currency is not taken."""
    if account.currency in {None, amount.currency}:
        return None
    return f"the account is in {account.currency}: report what it was worth in {account.currency}"


def allocate(story: Story, command: AllocatePayment) -> None:
    account, payment = story.account, command.payment
    if payment.payment_id in account.payments:
        return
    if reason := unknown(account, payment.order_id):
        _defer(story, command, reason)
    elif detail := foreign(account, payment.amount):
        _decline(story, payment, command, "payment-currency", detail)
    else:
        story.tell(receive(account, payment))


def receive(account: Account, payment: Payment) -> PaymentReceived:
    amount = payment.amount.amount
    taken, deposit, matched = _targeted(account, payment)
    oldest(account, amount - sum(taken.values(), ZERO) - deposit, taken)
    if taken and matched == "none":
        matched = "oldest"
    return PaymentReceived(
        payment_id=payment.payment_id,
        source_system=payment.source_system,
        document_no=payment.document_no,
        partner_id=payment.partner_id,
        amount=payment.amount,
        paid_on=payment.paid_on,
        revision=1,
        allocations=_allocations(account, None, taken, payment.amount.currency),
        unallocated=Money(amount - sum(taken.values(), ZERO), payment.amount.currency).rounded(),
        order_id=payment.order_id,
        sales_id=payment.sales_id,
        deposit=Money(deposit, payment.amount.currency).rounded() if deposit else None,
        matched=matched,
    )


def _targeted(account: Account, payment: Payment) -> tuple[Taken, Decimal, str]:
    """The order named takes first: confirmed up to its open amount, held as its deposit."""
    amount = payment.amount.amount
    if payment.order_id is None:
        exact = payment.strategy == "exact-else-oldest" and account.exactly(amount)
        return ({exact.order.order_id: amount}, ZERO, "exact") if exact else ({}, ZERO, "none")
    owed = account.orders[payment.order_id]
    if owed.order.total.currency != payment.amount.currency:
        return {}, ZERO, "none"
    if owed.held:
        deposit = min(amount, owed.need)
        return {}, deposit, "named" if deposit else "none"
    part = min(amount, owed.open)
    return ({payment.order_id: part}, ZERO, "named") if part else ({}, ZERO, "none")


def oldest(account: Account, rest: Decimal, taken: Taken) -> None:
    """Adds to `taken`, whose parts the account does not know yet."""
    for owed in account.oldest_due():
        if rest <= 0:
            return
        order_id = owed.order.order_id
        part = min(rest, owed.open - taken.get(order_id, ZERO))
        if part > 0:
            taken[order_id] = taken.get(order_id, ZERO) + part
            rest -= part


def settle(story: Story, partner_id: str, order_id: str) -> None:
    """A confirmed order takes its deposits, then free money, the oldest first, then credits."""
    owed = story.account.orders[order_id]
    securities = sorted(owed.deposits, key=lambda one: story.account.payments[one].key)
    for payment_id in securities:
        reallocate(story, partner_id, payment_id, {order_id: owed.deposits[payment_id]})
    spare = story.account.oldest_spare() if story.account.spare_money > 0 else ()
    for payment_id in [paid.payment_id for paid in _enough(spare, owed.need)]:
        free, room = story.account.payments[payment_id].free, story.account.orders[order_id].open
        if part := min(free, room):
            reallocate(story, partner_id, payment_id, {order_id: part})
    draw(story, partner_id, order_id)


def draw(story: Story, partner_id: str, order_id: str) -> None:
    """What was paid for goods that came back is unapplied (o8): it pays the next order (o7)."""
    for _, returned in sorted(story.account.credits):
        payers = story.account.orders[returned].payers
        for payment_id in sorted(payers, key=lambda one: story.account.payments[one].key):
            paid, orders = story.account.payments[payment_id], story.account.orders
            most = min(orders[returned].credit, orders[order_id].open)
            if part := min(most, paid.taken[returned]):
                change = {returned: -part, order_id: part}
                reallocate(story, partner_id, payment_id, change)


def unsettle(story: Story, partner_id: str, order_id: str, freed: set[UUID]) -> None:
    """What the order had taken goes to what is due, the oldest first, or stays free."""
    account = story.account
    for payment_id in sorted(freed, key=lambda one: account.payments[one].key):
        paid = story.account.payments[payment_id]
        more: Taken = {}
        back = paid.taken.get(order_id, ZERO)
        oldest(story.account, paid.free + back, more)
        if more or back:
            reallocate(story, partner_id, payment_id, more | {order_id: -back} if back else more)


def give_back(story: Story, partner_id: str, order_id: str, most: Decimal) -> None:
    """What the order can no longer take, of the newest money first, goes to what is due."""
    owed = story.account.orders[order_id]
    payers = sorted(owed.payers, key=lambda one: story.account.payments[one].key)
    over = min(owed.credit, most)
    for payment_id in reversed(payers):
        paid = story.account.payments[payment_id]
        if back := min(over, paid.taken[order_id]):
            over, more = over - back, dict[str, Decimal]()
            oldest(story.account, paid.free + back, more)
            reallocate(story, partner_id, payment_id, more | {order_id: -back})
    spread(story, partner_id)


def spread(story: Story, partner_id: str) -> None:
    """Free money and open orders never meet: the oldest money goes to what is due the longest."""
    while paid := next(story.account.oldest_spare(), None):
        more: Taken = {}
        oldest(story.account, paid.free, more)
        if not more:
            return
        reallocate(story, partner_id, paid.payment_id, more)


def reallocate(
    story: Story, partner_id: str, payment_id: UUID, change: Mapping[str, Decimal]
) -> None:
    """The whole new allocation: what was taken, with the change."""
    account = story.account
    paid, currency = account.payments[payment_id], str(account.currency)
    every = {one: _part(paid, change, one) for one in dict.fromkeys((*paid.taken, *change))}
    taken = {order_id: part for order_id, part in every.items() if part}
    story.tell(
        PaymentAllocated(
            payment_id=payment_id,
            source_system=paid.source_system,
            document_no=paid.document_no,
            partner_id=partner_id,
            amount=account.money(paid.amount),
            paid_on=paid.paid_on,
            revision=paid.revision + 1,
            allocations=_allocations(account, paid, taken, currency),
            unallocated=account.money(paid.amount - sum(taken.values(), ZERO)),
        )
    )


def lapse(story: Story, command: LapsePayment) -> None:
    if waiting := story.account.waiting.get(command.payment_id):
        slug = unknown(story.account, waiting.payment.order_id) or waiting.reason
        _decline(story, waiting.payment, waiting, slug, UNKNOWN[slug])


def _enough(spare: Iterable[Paid], need: Decimal) -> Iterator[Paid]:
    for paid in spare:
        if need <= 0:
            return
        yield paid
        need -= paid.free


def _part(paid: Paid, change: Mapping[str, Decimal], order_id: str) -> Decimal:
    return paid.taken.get(order_id, ZERO) + change.get(order_id, ZERO)


def _allocations(
    account: Account, paid: Paid | None, taken: Taken, currency: str
) -> tuple[Allocation, ...]:
    return tuple(
        allocation(account, order_id, grain(account, paid, order_id, part), Money(part, currency))
        for order_id, part in taken.items()
    )


def _defer(story: Story, command: AllocatePayment, reason: str) -> None:
    story.tell(
        PaymentDeferred(
            partner_id=command.payment.partner_id,
            payment_id=command.payment.payment_id,
            payment=command.payment,
            origin=command.origin,
            reason=reason,
            until=command.until,
        )
    )


def _decline(
    story: Story, payment: Payment, why: AllocatePayment | PaymentDeferred, slug: str, detail: str
) -> None:
    story.tell(
        PaymentDeclined(
            partner_id=payment.partner_id,
            payment_id=payment.payment_id,
            origin=why.origin,
            slug=slug,
            detail=detail,
        )
    )
