"""How an account follows from its facts, and a story: facts decided one after another."""

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
    PaymentDeclined,
    PaymentDeferred,
    PaymentResumed,
    StandingRecorded,
)
from services.orders.domain.ledger import ZERO, Account, Owed, Paid, kept, offered, placed
from shared.contracts.orders import PaymentAllocated, PaymentReceived

AboutPartner = OpeningRecorded | LimitRecorded | StandingRecorded
AboutOrder = OrderRecorded | CreditReserved | CreditWithheld | HoldLifted | CreditFreed


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
        account = _unsecured(account, account.payments[payment_id])
    owed = replace(account.orders[owed.order.order_id], closed=True, confirmed=False, reasons=())
    return _bundled(placed(account, owed), owed.order, -1)


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
        owed = account.orders[paid.deposit_for]
        deposits = owed.deposits.set(paid.payment_id, paid.deposit)
        account = _secured(account, replace(owed, deposits=deposits), paid.deposit)
    return _paid(account, paid, fact)


def _allocated(account: Account, fact: PaymentAllocated) -> Account:
    paid = account.payments[fact.payment_id]
    if paid.deposit_for in {one.order_id for one in fact.allocations}:
        account = _unsecured(account, paid)
    return _paid(account, account.payments[fact.payment_id], fact)


def _paid(account: Account, paid: Paid, fact: PaymentReceived | PaymentAllocated) -> Account:
    taken = {one.order_id: one.amount.amount for one in fact.allocations}
    for order_id in dict.fromkeys((*paid.taken, *taken)):
        change = taken.get(order_id, ZERO) - paid.taken.get(order_id, ZERO)
        owed = account.orders[order_id]
        payers = owed.payers.set(paid.payment_id, None)
        if order_id not in taken:
            payers = payers.delete(paid.payment_id)
        account = placed(account, replace(owed, paid=owed.paid + change, payers=payers))
    return kept(account, replace(paid, taken=taken, revision=fact.revision))


def _secured(account: Account, owed: Owed, amount: Decimal) -> Account:
    owed = replace(owed, deposit=owed.deposit + amount)
    return placed(replace(account, deposits=account.deposits + amount), owed)


def _unsecured(account: Account, paid: Paid) -> Account:
    """The order was confirmed, or fell: its deposit is money like any other."""
    owed = account.orders[str(paid.deposit_for)]
    deposits = owed.deposits.delete(paid.payment_id)
    account = _secured(account, replace(owed, deposits=deposits), -paid.deposit)
    return kept(account, replace(paid, deposit=ZERO, deposit_for=None))
