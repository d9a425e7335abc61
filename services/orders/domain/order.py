"""An order: submitted, held or approved by the account, shipped; rejected, cancelled, reopened."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar

from services.orders.domain.commands import (
    ApproveOrder,
    CancelOrder,
    ConfirmOrder,
    HoldOrder,
    OrderCommand,
    RecordHistory,
    RejectOrder,
    ReleaseOrder,
    ReopenOrder,
    ShipOrder,
    SubmitOrder,
)
from services.orders.domain.events import (
    ApprovalGranted,
    DisputeFlagged,
    OrderEvent,
    ReleaseRequested,
)
from services.orders.domain.pricing import DIRECTOR_ABOVE, plausible
from services.orders.domain.statements import (
    IMPORTED,
    approved,
    cancelled,
    history,
    named,
    reopened,
    submitted,
)
from shared.contracts.calendar import business_day
from shared.contracts.orders import (
    OrderApproved,
    OrderCancelled,
    OrderHeld,
    OrderRejected,
    OrderReleased,
    OrderReopened,
    OrderShipped,
    OrderSubmitted,
)
from shared.kernel.decider import Decider, corrupt
from shared.kernel.errors import NotFound, Refused

CREDIT_CHECK = "credit-check"


@dataclass(frozen=True, slots=True)
class Absent: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """`round` is the revision at which the present check began; `director` said yes in it."""

    asked: OrderSubmitted
    revision: int = 0
    round: int = 0
    director: str | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Placed): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Placed):
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved(Placed):
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped(Placed):
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Placed):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Placed):
    reason: str


Order = Absent | Submitted | Held | Approved | Shipped | Rejected | Cancelled
P = TypeVar("P", bound=Placed)


def decide(command: OrderCommand, order: Order) -> list[OrderEvent]:
    match command:
        case SubmitOrder() | RecordHistory():
            return place(command, order)
        case ConfirmOrder() | HoldOrder():
            return answer(command, order)
        case _ if isinstance(order, Absent):
            raise NotFound("order-not-found")
        case ApproveOrder() | RejectOrder() | ReleaseOrder():
            return judge(command, order)
        case _:
            return move(command, order)


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
            return [approved(order.asked, order.director or CREDIT_CHECK, order.revision + 1)]
        case Held(), ConfirmOrder():
            by, reason = order.director or CREDIT_CHECK, ", ".join(order.reasons)
            released = OrderReleased(**named(order.asked), reason=reason)
            return [released, approved(order.asked, by, order.revision + 1)]
        case Held(), HoldOrder() if order.reasons == command.reasons:
            return []
        case ((Submitted() | Held()), HoldOrder()):
            return [OrderHeld(**named(order.asked), reasons=command.reasons)]
        case _:
            return []


def judge(command: ApproveOrder | RejectOrder | ReleaseOrder, order: Placed) -> list[OrderEvent]:
    """What a person decides about an order that is not confirmed yet."""
    who = named(order.asked)
    match order, command:
        case ((Submitted() | Held()), ApproveOrder()) if _may_approve(order):
            return [ApprovalGranted(**who, by=command.by)]
        case Held(), ReleaseOrder() if IMPORTED in order.reasons:
            return [ReleaseRequested(**who, reason=IMPORTED, by=command.by)]
        case ((Submitted() | Held()), RejectOrder()):
            if _awaits_director(order) and not command.director:
                raise Refused("order-needs-director", "only the director decides this order")
            return [OrderRejected(**who, reason=command.reason)]
        case _:
            raise wrong_status(order, command)


def move(
    command: CancelOrder | ReopenOrder | ShipOrder | OrderCommand, order: Placed
) -> list[OrderEvent]:
    match order, command:
        case ((Submitted() | Held() | Approved()), CancelOrder()):
            return [cancelled(order.asked, command.reason, order.revision + 1)]
        case Cancelled(), ReopenOrder():
            return [reopened(order.asked, order.revision + 1)]
        case Approved(), ShipOrder():
            on = plausible(command.shipped_on or business_day(command.at))
            return [OrderShipped(**named(order.asked), shipped_on=on)]
        case _:
            raise wrong_status(order, command)


def _may_approve(order: Placed) -> bool:
    """Also before the account has asked for it: a submitted order may be a linked one."""
    return order.director is None and (isinstance(order, Submitted) or _awaits_director(order))


def _awaits_director(order: Placed) -> bool:
    if isinstance(order, Held):
        return order.director is None and "director-approval" in order.reasons
    return order.asked.net.amount > DIRECTOR_ABOVE


def wrong_status(order: Placed, command: object) -> Refused:
    status = type(order).__name__.lower()
    reasons = f" for {', '.join(order.reasons)}" if isinstance(order, Held) else ""
    return Refused(
        "order-wrong-status",
        f"{type(command).__name__} does not fit an order that is {status}{reasons}",
    )


def evolve(order: Order, fact: OrderEvent) -> Order:
    match order, fact:
        case Absent(), OrderSubmitted():
            return Submitted(asked=fact)
        case ((Submitted() | Held()), _):
            return _decided(order, fact)
        case Approved(), OrderShipped():
            return become(Shipped, order, by=order.by, on=fact.shipped_on)
        case Approved(), OrderCancelled():
            return become(Cancelled, order, revision=fact.revision, reason=fact.reason)
        case Cancelled(), OrderReopened():
            began = fact.revision
            return become(Submitted, order, revision=began, round=began, director=None)
        case Shipped(), DisputeFlagged():
            return replace(order, disputed=True)
        case _:
            raise corrupt(order, fact)


def _decided(order: Submitted | Held, fact: OrderEvent) -> Order:
    match fact:
        case OrderHeld():
            return become(Held, order, reasons=fact.reasons)
        case ApprovalGranted():
            return replace(order, director=fact.by)
        case OrderReleased() | ReleaseRequested():
            return order
        case OrderApproved():
            return become(Approved, order, revision=fact.revision, by=fact.approved_by)
        case OrderRejected():
            return become(Rejected, order, reason=fact.reason)
        case OrderCancelled():
            return become(Cancelled, order, revision=fact.revision, reason=fact.reason)
        case _:
            raise corrupt(order, fact)


def become(kind: type[P], order: Placed, **changes: Any) -> P:
    """The same order in another situation."""
    same = {one.name: getattr(order, one.name) for one in fields(Placed)}
    return kind(**same | changes)


ORDER: Decider[OrderCommand, Order, OrderEvent] = Decider(decide, evolve, Absent())
