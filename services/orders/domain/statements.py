"""What an order says when it changes: its published facts, whole."""

from dataclasses import replace
from datetime import date
from typing import Any

from immutables import Map

from services.orders.domain.commands import RecordHistory, SubmitOrder
from services.orders.domain.events import DisputeFlagged, OrderEvent
from services.orders.domain.fulfilment import NOTHING, Progresses, affected
from services.orders.domain.pricing import gross, net, plausible, priced, worth
from shared.contracts.calendar import business_day
from shared.contracts.orders import (
    AffectedLine,
    OrderApproved,
    OrderCancelled,
    OrderHeld,
    OrderReopened,
    OrderShipped,
    OrderSubmitted,
)

IMPORTED = "imported"


def submitted(command: SubmitOrder, status: str | None = None) -> OrderSubmitted:
    lines = priced(command.lines)
    return OrderSubmitted(
        order_id=command.order_id,
        partner_id=command.partner_id,
        customer_id=command.customer_id,
        sales_id=command.sales_id,
        region=command.region,
        lines=lines,
        net=net(lines),
        total=gross(lines),
        ordered_on=plausible(command.ordered_on or business_day(command.at)),
        history=status,
    )


def history(command: RecordHistory, asked: OrderSubmitted) -> list[OrderEvent]:
    """Approved on its date whatever the credit, then what became of it."""
    who = named(asked)
    if command.status == "held":
        return [asked, OrderHeld(**who, reasons=(IMPORTED,))]
    facts: list[OrderEvent] = [asked, approved(asked, "import", 1)]
    if command.status in {"shipped", "disputed"}:
        facts.append(shipped(asked, command.shipped_on or asked.ordered_on))
    if command.status == "disputed":
        facts.append(DisputeFlagged(**who, reason=command.reason))
    if command.status == "cancelled":
        facts.append(cancelled(asked, command.reason, 2))
    return facts


def approved(asked: OrderSubmitted, by: str, revision: int) -> OrderApproved:
    return OrderApproved(
        **named(asked),
        customer_id=asked.customer_id,
        sales_id=asked.sales_id,
        region=asked.region,
        lines=asked.lines,
        net=asked.net,
        total=asked.total,
        approved_by=by,
        ordered_on=asked.ordered_on,
        revision=revision,
    )


def cancelled(
    asked: OrderSubmitted,
    reason: str,
    revision: int,
    lines: tuple[AffectedLine, ...] = (),
    *,
    whole: bool = True,
) -> OrderCancelled:
    return OrderCancelled(
        **named(asked),
        region=asked.region,
        revision=revision,
        lines=lines or affected(asked.lines, Map(), "cancelled", ()),
        reason=reason,
        whole=whole,
    )


def shipped(asked: OrderSubmitted, on: date) -> OrderShipped:
    """All of it at once."""
    lines = affected(asked.lines, Map(), "shipped", ())
    return OrderShipped(**named(asked), shipped_on=plausible(on), region=asked.region, lines=lines)


def wanted(asked: OrderSubmitted, progress: Progresses) -> OrderSubmitted:
    """Without what was cancelled since: what it would be, asked for like this."""
    lines = tuple(
        replace(line, quantity=stays, net=bare, amount=whole)
        for line in asked.lines
        if (stays := line.quantity - progress.get(line.line, NOTHING).cancelled)
        for bare, whole in [worth(line, stays)]
    )
    return replace(asked, lines=lines, net=net(lines), total=gross(lines)) if lines else asked


def reopened(asked: OrderSubmitted, revision: int) -> OrderReopened:
    return OrderReopened(**named(asked), region=asked.region, revision=revision, lines=asked.lines)


def named(asked: OrderSubmitted) -> dict[str, Any]:
    return {"order_id": asked.order_id, "partner_id": asked.partner_id}
