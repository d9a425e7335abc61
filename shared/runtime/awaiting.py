"""What waits for a decision: the same list from every context in which people approve."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from shared.contracts.approvals import Seat
from shared.contracts.money import Money
from shared.kernel.approvals import Approval, Vote, decide
from shared.kernel.codec import document
from shared.kernel.delegations import lent
from shared.kernel.errors import Refused
from shared.kernel.ports import Document
from shared.runtime.context import Service
from shared.runtime.http import STAFF, Who, allow

Wanted = Annotated[Seat | None, Query(description="a seat that is asked; without it: your own")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """`path` is where it is read and, with `/approval` behind it, decided."""

    kind: str
    path: str
    partner_id: str
    amount: Money | None
    about: str
    approval: Approval


Found = Callable[[], AsyncIterator[Awaited]]


def awaiting(service: Service, context: str, path: str, found: Found) -> APIRouter:
    router = APIRouter(tags=[context])

    @router.get(f"/approvals/{path}", dependencies=[allow(*STAFF)])
    async def approvals(who: Who, seat: Wanted = None) -> Document:
        """What you could decide now, for yourself or as a delegate; or what waits for `seat`."""
        at = service.clock()
        vote = Vote(
            by=who.subject,
            roles=(who.role,),
            verdict="approve",
            delegations=await lent(service.read, context, who.subject, at),
            at=at,
        )
        waiting = [one async for one in found() if one.approval.outcome == "open"]
        mine = [
            shown(one)
            for one in waiting
            if (seat in one.approval.waiting if seat else counts(one.approval, vote))
        ]
        return {"items": sorted(mine, key=lambda one: (one["asked_at"], one["path"]))}

    return router


def counts(approval: Approval, vote: Vote) -> bool:
    """By the rule that decides on the vote itself."""
    try:
        decide(approval, vote)
    except Refused:
        return False
    return True


def shown(one: Awaited) -> Document:
    approval = one.approval
    told: Document = document(
        {
            "kind": one.kind,
            "path": one.path,
            "partner_id": one.partner_id,
            "amount": one.amount,
            "about": one.about,
            "requester": approval.route.requester,
            "asked_at": approval.since,
            "due": approval.due,
            "waiting_for": approval.waiting,
        }
    )
    return told
