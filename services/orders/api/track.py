"""Where an order is, in the words of a customer."""

from collections.abc import Sequence
from typing import Any

from services.orders.api.answers import Shown
from services.orders.domain.fulfilment import left
from services.orders.domain.order import (
    Approved,
    Cancelled,
    Held,
    Placed,
    Rejected,
    Shipped,
    Submitted,
)
from shared.contracts.event import Envelope
from shared.contracts.orders import (
    GoodsReturned,
    OrderApproved,
    OrderDelivered,
    OrderShipped,
    OrderSubmitted,
)
from shared.kernel.codec import document

WORDS = {
    "review": ("待审核", "under review"),
    "approved": ("待发货", "to be shipped"),
    "shipped": ("已发货", "shipped"),
    "delivered": ("已签收", "delivered"),
    "rejected": ("已拒绝", "rejected"),
    "cancelled": ("已取消", "cancelled"),
}
WAY = {
    "review": OrderSubmitted,
    "approved": OrderApproved,
    "shipped": OrderShipped,
    "delivered": OrderDelivered,
}


def track_shown(order: Placed, facts: Sequence[tuple[Any, Envelope]]) -> Shown:
    """`stage` in code and words; `complete`: it holds for all of the order; `steps`: the way."""
    now = stage_of(order)
    return {
        "order_id": order.asked.order_id,
        **worded(now),
        "complete": now != "shipped" or not order.open,
        "steps": [worded(stage) | reached(stage, now, facts) for stage in WAY],
        "shipments": [moved(fact) for fact, _ in facts if isinstance(fact, OrderShipped)],
        "deliveries": [moved(fact) for fact, _ in facts if isinstance(fact, OrderDelivered)],
        "returns": [moved(fact) for fact, _ in facts if isinstance(fact, GoodsReturned)],
    }


def stage_of(order: Placed) -> str:
    """Shipped as soon as something is on its way; delivered when nothing is, or will be."""
    match order:
        case Submitted() | Held():
            return "review"
        case Rejected():
            return "rejected"
        case Cancelled():
            return "cancelled"
        case Approved() if not order.moved:
            return "approved"
        case Approved():
            return "shipped"
        case Shipped() if any(
            left(line, order.progress, "delivered") for line in order.asked.lines
        ):
            return "shipped"
        case _:
            return "delivered"


def worded(stage: str) -> Shown:
    zh, en = WORDS[stage]
    return {"stage": stage, "zh": zh, "en": en}


def reached(stage: str, now: str, facts: Sequence[tuple[Any, Envelope]]) -> Shown:
    stages = list(WAY)
    known = now in WAY and stages.index(stage) <= stages.index(now)
    first = next((one for fact, one in facts if isinstance(fact, WAY[stage])), None)
    return {"reached": known, "at": first.time.isoformat() if first and known else None}


def moved(fact: OrderShipped | OrderDelivered | GoodsReturned) -> Shown:
    told: Shown = document(fact)
    return {name: value for name, value in told.items() if name not in {"order_id", "partner_id"}}
