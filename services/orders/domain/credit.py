"""Which orders the account confirms, and what holds the others (O-01 … O-03, O-06; o1 … o10)."""

from dataclasses import replace
from datetime import datetime

from services.orders.domain.allocation import give_back, settle, unknown, unsettle
from services.orders.domain.approval.approving import APPROVAL, DEFAULT_RULE, fields_of, routed
from services.orders.domain.commands import (
    FreeOrder,
    LiftHold,
    RecheckOrder,
    ReduceOrder,
    RegisterOrder,
)
from services.orders.domain.events import (
    CreditFreed,
    CreditReserved,
    CreditWithheld,
    HoldLifted,
    OrderRecorded,
    OrderReduced,
    PaymentDeferred,
    PaymentResumed,
)
from services.orders.domain.evolution import Story
from services.orders.domain.ledger import ZERO, Account, MoneyKey, Owed
from shared.contracts.money import Money
from shared.kernel.approvals import Rule


def register(story: Story, command: RegisterOrder) -> None:
    if command.order_id in story.account.orders:
        return
    order = OrderRecorded(
        partner_id=command.partner_id,
        order_id=command.order_id,
        round=0,
        region=command.region,
        customer_id=command.customer_id,
        submitted_on=command.submitted_on,
        ordered_on=command.ordered_on,
        pieces=command.pieces,
        net=command.net,
        total=command.total,
        director=False,
        imported=command.verdict == "imported",
        since=command.at,
    )
    if command.verdict != "confirmed":
        order = asked(story.account, order, command.rule, command.at)
    story.tell(order)
    if command.verdict == "confirmed" and order.total.currency == story.account.currency:
        confirm(story, command.partner_id, story.account.orders[command.order_id])


def recheck(story: Story, command: RecheckOrder) -> None:
    owed = story.account.orders.get(command.order_id)
    if owed and owed.closed and owed.order.round < command.round:
        again = replace(owed.order, round=command.round, imported=False, since=command.at)
        story.tell(asked(story.account, again, command.rule, command.at))


def asked(
    account: Account, order: OrderRecorded, rule: Rule | None, at: datetime
) -> OrderRecorded:
    """With the route of whoever must agree, also when linked orders come to more: same partner,
    end customer and day (ruling o10).
    """
    linked = ZERO
    if order.customer_id is not None:
        linked = account.bundles.get((order.customer_id, order.submitted_on), ZERO)
    net = Money(linked + order.net.amount, order.net.currency)
    lines = [one.product_line for one in order.pieces]
    fields = fields_of(order.partner_id, order.region, order.customer_id, lines)
    route = routed(rule or DEFAULT_RULE, order.partner_id, net, fields, at)
    return replace(order, director=bool(route.steps), route=route if route.steps else None)


def lift(story: Story, command: LiftHold) -> None:
    owed = story.account.orders.get(command.order_id)
    if owed is None or not owed.held:
        return
    if {APPROVAL: owed.director, "imported": owed.imported}.get(command.reason):
        story.tell(
            HoldLifted(
                partner_id=command.partner_id,
                order_id=command.order_id,
                reason=command.reason,
                since=command.at,
            )
        )


def free(story: Story, command: FreeOrder) -> None:
    owed = story.account.orders.get(command.order_id)
    if owed is None or owed.closed:
        return
    story.tell(CreditFreed(partner_id=command.partner_id, order_id=command.order_id))
    money = {*owed.payers, *owed.deposits}
    unsettle(story, command.partner_id, command.order_id, money)


def reduce(story: Story, command: ReduceOrder) -> None:
    """What was cancelled frees its money; what was paid for returned goods waits for a refund."""
    owed = story.account.orders.get(command.order_id)
    if owed is None or owed.closed or command.revision <= owed.revision:
        return
    story.tell(
        OrderReduced(
            partner_id=command.partner_id,
            order_id=command.order_id,
            revision=command.revision,
            pieces=command.pieces,
            net=command.net,
            total=command.total,
            returned=command.returned,
        )
    )
    if not command.returned:
        give_back(story, command.partner_id, command.order_id, command.total.amount)


def release(story: Story, partner_id: str) -> None:
    """First fit in the order of the hold: one that does not fit is passed over (ruling o3).

    Available only shrinks on the way, so one walk leaves nothing held that fits.
    """
    for owed in tuple(story.account.held()):
        reasons = withheld(story.account, owed)
        if not reasons:
            confirm(story, partner_id, owed)
        elif reasons != owed.reasons:
            story.tell(
                CreditWithheld(
                    partner_id=partner_id,
                    order_id=owed.order.order_id,
                    round=owed.order.round,
                    reasons=reasons,
                    route=owed.order.route if APPROVAL in reasons else None,
                )
            )


def withheld(account: Account, owed: Owed) -> tuple[str, ...]:
    """Everything that holds the order now; credit is asked last, at confirmation."""
    if owed.imported:
        return ("imported",)
    holds = {
        "partner-unknown": not account.known,
        "partner-suspended": account.suspended,
        "currency-mismatch": owed.order.total.currency != account.currency,
        APPROVAL: owed.director,
    }
    if reasons := tuple(reason for reason, applies in holds.items() if applies):
        return reasons
    return ("credit",) if owed.need > account.available else ()


def confirm(story: Story, partner_id: str, owed: Owed) -> None:
    order_id = owed.order.order_id
    story.tell(CreditReserved(partner_id=partner_id, order_id=order_id, round=owed.order.round))
    settle(story, partner_id, order_id)


def canonical(waiting: PaymentDeferred) -> MoneyKey:
    paid = waiting.payment
    return (paid.paid_on, paid.document_no, paid.source_system, paid.payment_id)


def resume(story: Story) -> None:
    """Payments whose reason to wait is gone are allocated, the oldest first, a step each."""
    account = story.account
    for waiting in sorted(account.waiting.values(), key=canonical):
        if unknown(account, waiting.payment.order_id) != waiting.reason:
            story.tell(
                PaymentResumed(
                    partner_id=waiting.partner_id,
                    payment_id=waiting.payment_id,
                    payment=waiting.payment,
                    origin=waiting.origin,
                    until=waiting.until,
                )
            )
