"""Votes on the order o1, and the ballots that they come to."""

from collections.abc import Sequence
from typing import Any

from services.orders.domain.approval.approving import DEFAULT_RULE, routed
from services.orders.domain.approval.commands import (
    VoteOnOrder,
)
from services.orders.domain.approval.events import (
    OrderVoted,
)
from services.orders.domain.commands import HoldOrder
from services.orders.tests.samples import NOW, P1, cny
from shared.contracts.approvals import Ballot, Verdict

WHO: dict[str, Any] = {"order_id": "o1", "partner_id": P1}
DIRECTORS = routed(DEFAULT_RULE, P1, cny("500000.01"), {}, NOW)
ASK = HoldOrder(round=0, reasons=("director-approval",), route=DIRECTORS, at=NOW)


def vote(
    by: str, role: str, verdict: Verdict = "approve", reason: str = "", **more: Any
) -> VoteOnOrder:
    said: dict[str, Any] = {"by": by, "roles": (role,), "verdict": verdict, "reason": reason}
    return VoteOnOrder(**said | {"at": NOW} | more)


def ballot(  # noqa: PLR0913, PLR0917
    by: str,
    role: str,
    verdict: Verdict = "approve",
    reason: str = "",
    step: int = 0,
    delegated: Sequence[str] = (),
    **more: Any,
) -> OrderVoted:
    said = Ballot(
        step=step,
        by=by,
        verdict=verdict,
        seats=(f"role:{role}",),
        delegated=tuple(delegated),
        reason=reason,
        at=more.pop("at", NOW),
    )
    return OrderVoted(**WHO, ballot=said, due=more.pop("due", None))
