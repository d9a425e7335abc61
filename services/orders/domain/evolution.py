"""How an account follows from its facts, and a story: facts decided one after another."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from services.orders.domain.events import (
    AccountEvent,
    CreditFreed,
    CreditReserved,
    CreditWithheld,
    HoldLifted,
    LimitRecorded,
    OpeningRecorded,
    OrderRecorded,
    OrderReduced,
    PaymentDeclined,
    PaymentDeferred,
    PaymentResumed,
    Piece,
    StandingRecorded,
)
from services.orders.domain.ledger import ZERO, Account, Owed, Paid, kept, offered, placed
from services.orders.domain.shares import grain, without
from shared.contracts.money import Money
from shared.contracts.orders import (
    Allocation,
    PaymentAllocated,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)

AboutPartner = OpeningRecorded | LimitRecorded | StandingRecorded
AboutOrder = (
    OrderRecorded | CreditReserved | CreditWithheld | HoldLifted | CreditFreed | OrderReduced
)


class Story:
    """What one command decides: each fact is told to the account that the next one meets."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.facts: list[AccountEvent] = []

    def tell(self, fact: AccountEvent) -> None:
        self.facts.append(fact)
        self.account = evolve(self.account, fact)


def evolve(account: Account, fact: AccountEvent) -> Account:
    match fact:
        case PaymentReceived():
            return _received(account, fact)
        case PaymentAllocated():
            return _allocated(account, fact)
        case PaymentRefunded() | PaymentReversed():
            return _gone(account, fact)
        case PaymentDeferred():
            return replace(account, waiting=account.waiting.set(fact.payment_id, fact))
        case PaymentResumed() | PaymentDeclined():
            waiting = account.waiting
            left = waiting.delete(fact.payment_id) if fact.payment_id in waiting else waiting
            return replace(account, waiting=left)
        case OpeningRecorded() | LimitRecorded() | StandingRecorded():
            return _told(account, fact)
        case _:
            return _moved(account, fact)


def _told(account: Account, fact: AboutPartner) -> Account:
    """Foreign facts come in any order: the latest at its source counts."""
    match fact:
        case OpeningRecorded():
            owed, spare = fact.receivables, fact.unapplied
            opening = replace(account, receivables=owed.amount, unapplied=spare.amount)
            return replace(opening, currency=owed.currency, opened=True, anchored=True)
        case LimitRecorded():
            source = (fact.recorded_at, fact.sequence)
            if account.limit_at and source <= account.limit_at:
                return account
            currency = account.currency if account.anchored else fact.limit.currency
            account = replace(account, limit_at=source, limit_set=fact.limit, known=True)
            return replace(account, currency=currency)
        case StandingRecorded():
            source = (fact.recorded_at, fact.sequence)
            if account.standing_at and source <= account.standing_at:
                return account
            suspended = fact.standing == "suspended"
            return replace(account, known=True, standing_at=source, suspended=suspended)


def _moved(account: Account, fact: AboutOrder) -> Account:
    match fact:
        case OrderRecorded():
            return _queued(account, fact)
        case CreditReserved():
            return _reserved(account, account.orders[fact.order_id])
        case CreditWithheld():
            owed = replace(account.orders[fact.order_id], reasons=fact.reasons)
            return placed(account, owed)
        case HoldLifted():
            return _lifted(account, fact)
        case CreditFreed():
            return _freed(account, account.orders[fact.order_id])
        case OrderReduced():
            return _reduced(account, account.orders[fact.order_id], fact)


def _queued(account: Account, fact: OrderRecorded) -> Account:
    owed = Owed(fact, director=fact.director, imported=fact.imported, since=fact.since)
    currency = account.currency or fact.total.currency
    queued = replace(account, currency=currency, queue=(*account.queue, fact.order_id))
    return _bundled(placed(queued, owed), fact, +1)


def _reserved(account: Account, owed: Owed) -> Account:
    confirmed = account.confirmed + owed.total
    account = replace(account, confirmed=confirmed, queue=_without(account, owed), anchored=True)
    owed = replace(owed, confirmed=True, reasons=())
    return offered(placed(account, owed), owed)


def _lifted(account: Account, fact: HoldLifted) -> Account:
    owed = account.orders[fact.order_id]
    director = owed.director and fact.reason != "director-approval"
    imported = owed.imported and fact.reason != "imported"
    queue = (*_without(account, owed), fact.order_id)
    owed = replace(owed, director=director, imported=imported, since=fact.since)
    return placed(replace(account, queue=queue), owed)


def _freed(account: Account, owed: Owed) -> Account:
    """What was paid to it follows with a PaymentAllocated for each payment."""
    confirmed = account.confirmed - (owed.total if owed.confirmed else ZERO)
    account = replace(account, confirmed=confirmed, queue=_without(account, owed))
    for payment_id in owed.deposits:
        account = _secured(account, account.payments[payment_id], ZERO)
    owed = replace(account.orders[owed.order.order_id], closed=True, confirmed=False, reasons=())
    return _bundled(placed(account, owed), owed.order, -1)


def _reduced(account: Account, owed: Owed, fact: OrderReduced) -> Account:
    """A confirmed order owes less; of a held one, the newest deposits that it cannot use go."""
    was, order = owed.open, owed.order
    rest = replace(
        order,
        pieces=_less(order.pieces, fact.pieces),
        net=order.net - fact.net,
        total=order.total - fact.total,
    )
    if owed.confirmed:
        account = replace(account, confirmed=account.confirmed - fact.total.amount)
    account = _bundled(account, replace(order, net=fact.net), -1)
    owed = replace(owed, order=rest, revision=fact.revision)
    account = offered(placed(account, owed), owed, was)
    for payment_id in sorted(owed.deposits, key=lambda one: account.payments[one].key)[::-1]:
        paid, over = account.payments[payment_id], -account.orders[order.order_id].need
        account = _secured(account, paid, paid.deposit - max(min(over, paid.deposit), ZERO))
    return account


def _less(pieces: tuple[Piece, ...], gone: tuple[Piece, ...]) -> tuple[Piece, ...]:
    cuts = {(one.product_line, one.tax_rate): one.gross for one in gone}
    rest = (
        replace(one, gross=one.gross - cuts[key])
        if (key := (one.product_line, one.tax_rate)) in cuts
        else one
        for one in pieces
    )
    return tuple(rest)


def _bundled(account: Account, order: OrderRecorded, sign: int) -> Account:
    """Ruling o10: what one end customer ordered on one day through one partner."""
    if order.customer_id is None:
        return account
    key = (order.customer_id, order.submitted_on)
    net = account.bundles.get(key, ZERO) + sign * order.net.amount
    return replace(account, bundles=account.bundles.set(key, net))


def _without(account: Account, owed: Owed) -> tuple[str, ...]:
    mine = owed.order.order_id
    return tuple(other for other in account.queue if other != mine) if owed.held else account.queue


def _received(account: Account, fact: PaymentReceived) -> Account:
    paid = Paid(
        payment_id=fact.payment_id,
        source_system=fact.source_system,
        document_no=fact.document_no,
        paid_on=fact.paid_on,
        amount=fact.amount.amount,
        deposit=fact.deposit.amount if fact.deposit else ZERO,
        deposit_for=fact.order_id if fact.deposit else None,
    )
    currency, received = fact.amount.currency, account.received + paid.amount
    account = replace(account, currency=currency, received=received, anchored=True)
    if paid.deposit_for:
        account = _secured(account, replace(paid, deposit=ZERO), paid.deposit)
    weights = {one.order_id: account.orders[one.order_id].order.pieces for one in fact.allocations}
    return _paid(account, paid, fact.allocations, weights, fact.revision)


def _allocated(account: Account, fact: PaymentAllocated) -> Account:
    paid = account.payments[fact.payment_id]
    if paid.deposit_for in {one.order_id for one in fact.allocations}:
        account = _secured(account, paid, ZERO)
    weights = {
        one.order_id: grain(account, paid, one.order_id, one.amount.amount)
        for one in fact.allocations
    }
    paid = account.payments[fact.payment_id]
    return _paid(account, paid, fact.allocations, weights, fact.revision)


def _gone(account: Account, fact: PaymentRefunded | PaymentReversed) -> Account:
    """What nothing took goes first, a deposit before what was taken."""
    paid, amount = account.payments[fact.payment_id], fact.amount.amount
    rest = replace(account, received=account.received - amount)
    back = Money(max(amount - paid.unallocated, ZERO), fact.amount.currency)
    spare = max(paid.unallocated - amount, ZERO)
    if paid.deposit > spare:
        rest = _secured(rest, paid, spare)
    paid = replace(rest.payments[fact.payment_id], amount=paid.amount - amount)
    paid = replace(paid, reversed=isinstance(fact, PaymentReversed))
    return _paid(rest, paid, fact.allocations, without(paid, back), fact.revision)


def _paid(
    account: Account,
    paid: Paid,
    allocations: tuple[Allocation, ...],
    weights: Mapping[str, tuple[Piece, ...]],
    revision: int,
) -> Account:
    taken = {one.order_id: one.amount.amount for one in allocations}
    for order_id in dict.fromkeys((*paid.taken, *taken)):
        change = taken.get(order_id, ZERO) - paid.taken.get(order_id, ZERO)
        owed = account.orders[order_id]
        payers = owed.payers.set(paid.payment_id, None)
        if order_id not in taken:
            payers = payers.delete(paid.payment_id)
        now = replace(owed, paid=owed.paid + change, payers=payers)
        account = placed(account, now)
        if change < 0:
            account = offered(account, now, owed.open)
    return kept(account, replace(paid, taken=taken, weights=weights, revision=revision))


def _secured(account: Account, paid: Paid, amount: Decimal) -> Account:
    """So much of the payment is kept for its order; the rest is money like any other."""
    owed = account.orders[str(paid.deposit_for)]
    deposits = owed.deposits.set(paid.payment_id, amount)
    if not amount:
        deposits = deposits.delete(paid.payment_id)
    change = amount - paid.deposit
    owed = replace(owed, deposits=deposits, deposit=owed.deposit + change)
    account = placed(replace(account, deposits=account.deposits + change), owed)
    if paid.payment_id not in account.payments:
        return account
    kept_for = paid.deposit_for if amount else None
    return kept(account, replace(paid, deposit=amount, deposit_for=kept_for))
