"""The shapes of answers. Every amount is a Money object, rounded to its minor unit."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

from fastapi import Response

from services.orders.domain.commands import OrderCommand
from services.orders.domain.fulfilment import NOTHING, Movement, Progresses, left, values
from services.orders.domain.ledger import Account, Owed
from services.orders.domain.order import Approved, Cancelled, Held, Placed, Rejected, Shipped
from services.orders.domain.streams import account_stream, order_stream
from shared.contracts.money import Money
from shared.contracts.orders import OrderLine
from shared.kernel.codec import document
from shared.kernel.errors import NotFound
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.http import Caller, answered

Shown = dict[str, Any]
ALIKE_WITHIN = timedelta(minutes=10)
MOVEMENTS: tuple[Movement, ...] = get_args(Movement)
ADVICE = {
    "director-approval": "those in `approval` decide, of this order or of it with linked ones",
    "credit": "it is confirmed by itself as soon as a payment or a higher limit covers `short_by`",
    "partner-unknown": "it is checked by itself as soon as the partner is enrolled",
    "partner-suspended": "it is checked by itself as soon as the partner is reinstated",
    "currency-mismatch": "cancel it and submit it in the currency of the account",
    "imported": "it was on hold where it comes from: release it to have it checked",
}


async def found(service: Service, order_id: str, who: Caller) -> Placed:
    """Another partner's order and a missing one cannot be told apart."""
    order = await service.read.fold(order_stream(order_id))
    if not isinstance(order, Placed) or not who.sees(order.asked.partner_id):
        raise NotFound("order-not-found")
    return order


async def account_of(service: Service, partner_id: str) -> Account:
    account: Account = await service.read.fold(account_stream(partner_id))
    return account


async def ask(
    service: Service, order_id: str, command: OrderCommand, by: Cause, response: Response
) -> Shown:
    """The order as it stands when the command is stored; its account is asked afterwards."""
    done = await service.handle(order_stream(order_id), command, by)
    order = await service.read.fold(order_stream(order_id))
    assert isinstance(order, Placed)
    account = await account_of(service, order.asked.partner_id)
    return answered(response, "orders", done, **order_shown(order, account))


def order_shown(order: Placed, account: Account) -> Shown:
    asked = order.asked
    told: Shown = document(asked)
    return told | {
        "currency": asked.total.currency,
        "status": type(order).__name__.lower(),
        **held_shown(order.reasons if isinstance(order, Held) else ()),
        "short_by": document(short_by(asked.order_id, asked.total, account)),
        "approved_by": order.by if isinstance(order, Approved | Shipped) else None,
        "shipped_on": day(order.last) if order.last else None,
        "reason": order.reason if isinstance(order, Rejected | Cancelled) else None,
        "approval": approval_shown(order),
        "disputed": order.disputed,
        "revision": order.revision,
        **goods_shown(order),
        **money_shown(order, account),
    }


def approval_shown(order: Placed) -> Shown | None:
    """By which version of which rule, who is asked now and until when, what was said."""
    if (one := order.approval) is None:
        return None
    return {
        "rule": document(one.route.rule),
        "outcome": one.outcome,
        "waiting_for": list(one.waiting),
        "due": one.due.isoformat() if one.due else None,
        "ballots": document(one.ballots),
    }


def goods_shown(order: Placed) -> Shown:
    """Per line how many, and what it comes to gross: `invoiced` is shipped without returned."""
    lines, progress = order.asked.lines, order.progress
    worth = {movement: values(lines, progress, movement) for movement in MOVEMENTS}
    shown = {movement: document(money) for movement, money in worth.items()}
    return {
        "lines": [line_shown(line, progress) for line in lines],
        "goods": shown | {"invoiced": document(worth["shipped"] - worth["returned"])},
    }


def line_shown(line: OrderLine, progress: Progresses) -> Shown:
    told: Shown = document(line)
    so_far: Shown = document(progress.get(line.line, NOTHING))
    return told | so_far | {"open": plain(left(line, progress, "shipped"))}


def money_shown(order: Placed, account: Account) -> Shown:
    """`outstanding`: what its account still waits for; `credit`: paid for what came back."""
    owed = account.orders.get(order.asked.order_id)
    sums = (owed.paid, owed.open, owed.credit) if owed else (Decimal(0),) * 3
    money = [document(Money(one, order.asked.total.currency).rounded()) for one in sums]
    return dict(zip(("paid", "outstanding", "credit"), money, strict=True))


def held_shown(reasons: tuple[str, ...]) -> Shown:
    return {"reasons": list(reasons), "advice": [ADVICE[one] for one in reasons if one in ADVICE]}


def short_by(order_id: str, total: Money, account: Account) -> Money:
    """Ruling o2: of now, so it comes from the account and not from the order."""
    owed = account.orders.get(order_id)
    if owed is None or not owed.held:
        return Money.zero(total.currency).rounded()
    if total.currency != account.currency:
        return total
    return account.money(account.short_by(owed))


def account_shown(partner_id: str, account: Account) -> Shown:
    def money(amount: Decimal) -> Any:
        return document(account.money(amount))

    return {
        "partner_id": partner_id,
        "currency": account.money(Decimal(0)).currency,
        "limit": money(account.limit),
        "limit_set": document(account.limit_set),
        "exposure": money(account.exposure),
        "available": money(account.available),
        "receivables": money(account.receivables),
        "confirmed": money(account.confirmed),
        "received": money(account.received),
        "unapplied": money(account.unapplied + account.spare_money + account.credit),
        "deposits": money(account.deposits),
        "suspended": account.suspended,
        "held": [owed_shown(owed, account) for owed in account.held()],
    }


def owed_shown(owed: Owed, account: Account) -> Shown:
    order = owed.order
    return {
        "order_id": order.order_id,
        "amount": document(order.total),
        "net": document(order.net),
        "deposit": document(Money(owed.deposit, order.total.currency).rounded()),
        "short_by": document(short_by(order.order_id, order.total, account)),
        "held_at": owed.since.isoformat() if owed.since else None,
        **held_shown(owed.reasons),
    }


def plain(quantity: Decimal) -> str:
    return format(quantity, "f")


def day(value: date) -> str:
    return value.isoformat()
