"""An order: submitted, held or approved by the account, shipped; rejected, cancelled, reopened."""

from dataclasses import replace

from services.orders.domain.approval.approving import (
    agreed,
    by_then,
    escalate,
    followed,
    held,
    recall,
    vote,
)
from services.orders.domain.approval.commands import (
    EscalateOrder,
    RecallOrder,
    VoteOnOrder,
)
from services.orders.domain.approval.events import (
    ApprovalGranted,
    OrderEscalated,
    OrderRouted,
    OrderVoted,
    VoteKept,
)
from services.orders.domain.commands import (
    ConfirmOrder,
    HoldOrder,
    OrderCommand,
    RecordHistory,
    ReleaseOrder,
    ReopenOrder,
    SubmitOrder,
)
from services.orders.domain.events import (
    DisputeFlagged,
    OrderEvent,
    ReleaseRequested,
    ShipmentDeclined,
    ShipmentDeferred,
    ShipmentResumed,
)
from services.orders.domain.goods import LapseShipment, ReportShipment
from services.orders.domain.movement import move, moved
from services.orders.domain.reporting import book, lapse, report, waits
from services.orders.domain.situation import (
    Absent,
    Approved,
    Cancelled,
    Held,
    Order,
    Placed,
    Rejected,
    Shipped,
    Submitted,
    become,
    wrong_status,
)
from services.orders.domain.statements import (
    IMPORTED,
    approved,
    history,
    named,
    reopened,
    submitted,
    wanted,
)
from shared.contracts.orders import (
    GoodsReturned,
    OrderApproved,
    OrderCancelled,
    OrderDelivered,
    OrderHeld,
    OrderRejected,
    OrderReleased,
    OrderReopened,
    OrderShipped,
    OrderSubmitted,
)
from shared.kernel.decider import Decider, corrupt
from shared.kernel.errors import NotFound, Refused

__all__ = [
    "ORDER",
    "Absent",
    "Approved",
    "Cancelled",
    "Held",
    "Order",
    "Placed",
    "Rejected",
    "Shipped",
    "Submitted",
]

CREDIT_CHECK = "credit-check"


def decide(command: OrderCommand, order: Order) -> list[OrderEvent]:
    """The command's own facts, then the reported shipments that waited for them."""
    facts = decided(command, order)
    for fact in facts:
        order = evolve(order, fact)
    return [*facts, *resumed(order)] if facts else []


def decided(command: OrderCommand, order: Order) -> list[OrderEvent]:
    match command:
        case SubmitOrder() | RecordHistory():
            return place(command, order)
        case ConfirmOrder() | HoldOrder():
            return answer(command, order)
        case ReportShipment() | LapseShipment() | EscalateOrder():
            return overdue(command, order)
        case _ if isinstance(order, Absent):
            raise NotFound("order-not-found")
        case VoteOnOrder() | RecallOrder() | ReleaseOrder():
            return judge(command, order)
        case ReopenOrder():
            return reopen(command, order)
        case _:
            return [*move(command, order)]


def overdue(
    command: ReportShipment | LapseShipment | EscalateOrder, order: Order
) -> list[OrderEvent]:
    """What waits, or has waited long enough: total, the order may be unknown."""
    match command:
        case ReportShipment():
            return report(command, order)
        case LapseShipment():
            return lapse(command, order)
        case EscalateOrder():
            return escalate(command, order) if isinstance(order, Placed) else []


def resumed(order: Order) -> list[OrderEvent]:
    facts: list[OrderEvent] = []
    for one in order.waiting:
        if not waits(order, one.shipment):
            again = ShipmentResumed(
                order_id=one.order_id, partner_id=one.partner_id, shipment=one.shipment
            )
            for fact in [again, *book(order, one)]:
                facts.append(fact)
                order = evolve(order, fact)
    return facts


def place(command: SubmitOrder | RecordHistory, order: Order) -> list[OrderEvent]:
    if not isinstance(order, Absent):
        raise Refused("order-already-submitted", "choose another order_id")
    if isinstance(command, SubmitOrder):
        return [submitted(command)]
    return history(command, submitted(command.order, command.status))


def answer(command: ConfirmOrder | HoldOrder, order: Order) -> list[OrderEvent]:
    """What the account decided; of another round or too late it means nothing."""
    match order, command:
        case ((Submitted() | Held()), _) if order.round != command.round:
            return []
        case Submitted(), ConfirmOrder():
            return [_approved(order)]
        case Held(), ConfirmOrder():
            reason = ", ".join(order.reasons)
            return [OrderReleased(**named(order.asked), reason=reason), _approved(order)]
        case ((Submitted() | Held()), HoldOrder()):
            return held(command, order)
        case _:
            return []


def judge(command: VoteOnOrder | RecallOrder | ReleaseOrder, order: Placed) -> list[OrderEvent]:
    """What a person decides about an order that is not confirmed yet."""
    match order, command:
        case _, VoteOnOrder():
            return vote(command, order)
        case _, RecallOrder():
            return recall(command, order)
        case Held(), ReleaseOrder() if IMPORTED in order.reasons:
            who = named(order.asked)
            return [ReleaseRequested(**who, reason=IMPORTED, by=command.by)]
        case _:
            raise wrong_status(order, command)


def reopen(command: ReopenOrder, order: Placed) -> list[OrderEvent]:
    if not isinstance(order, Cancelled):
        raise wrong_status(order, command)
    return [reopened(wanted(order.asked, order.progress), order.revision + 1)]


def _approved(order: Submitted | Held) -> OrderApproved:
    by = order.director or CREDIT_CHECK
    return approved(wanted(order.asked, order.progress), by, order.revision + 1)


def evolve(order: Order, fact: OrderEvent) -> Order:
    match order, fact:
        case _, ShipmentDeferred():
            return replace(order, waiting=(*order.waiting, fact))
        case _, ShipmentResumed() | ShipmentDeclined():
            left = tuple(one for one in order.waiting if one.shipment != fact.shipment)
            return replace(order, waiting=left)
        case Absent(), OrderSubmitted():
            return Submitted(asked=fact, waiting=order.waiting)
        case _, OrderCancelled() | OrderShipped() | OrderDelivered() | GoodsReturned():
            return moved(order, fact)
        case ((Submitted() | Held()), _):
            return _judged(order, fact)
        case Cancelled(), OrderReopened():
            began = fact.revision
            anew = become(Submitted, order, revision=began, round=began, director=None)
            return replace(anew, approval=None, votes=())
        case Shipped(), DisputeFlagged():
            return replace(order, disputed=True)
        case _:
            raise corrupt(order, fact)


def _judged(order: Submitted | Held, fact: OrderEvent) -> Order:
    match fact:
        case OrderHeld(reasons=reasons):
            return become(Held, order, reasons=reasons, approval=by_then(order, reasons))
        case OrderRouted() | OrderVoted() | OrderEscalated():
            return replace(order, approval=followed(order, fact))
        case VoteKept():
            return replace(order, votes=(*order.votes, fact.vote))
        case ApprovalGranted():
            return replace(order, director=fact.by, approval=agreed(order))
        case OrderReleased() | ReleaseRequested():
            return order
        case OrderApproved():
            return become(Approved, order, revision=fact.revision, by=fact.approved_by)
        case OrderRejected():
            return become(Rejected, order, reason=fact.reason)
        case _:
            raise corrupt(order, fact)


ORDER: Decider[OrderCommand, Order, OrderEvent] = Decider(decide, evolve, Absent())
