"""What time does to a fund: steps of a route, the last day for claims, its end and cut-off."""

from collections.abc import Iterable
from datetime import datetime

from services.mdf.domain.budget import ends_at
from services.mdf.domain.commands import (
    ConvertFund,
    EndFund,
    EscalateRequest,
    FundCommand,
    PassDeadline,
)
from services.mdf.domain.events import AccrualTaken, RequestEscalated, RequestVoted
from services.mdf.domain.ledger import Fund
from shared.contracts.calendar import end_of
from shared.contracts.event import Envelope
from shared.contracts.mdf import (
    MdfApproved,
    MdfFundAllocated,
    MdfRejected,
    MdfReleased,
    MdfRequested,
)
from shared.kernel import approvals
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

OfRequest = (
    MdfRequested | RequestVoted | RequestEscalated | MdfApproved | MdfRejected | MdfReleased
)
Scheduling = MdfFundAllocated | AccrualTaken | OfRequest
END, CUT_OFF, VOTE, CLAIMS = "end", "cut-off", "vote/", "claims/"


def when(fact: Scheduling, envelope: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case MdfFundAllocated():
            yield SetTimer(END, ends_at(fact))
        case AccrualTaken(cut_off=datetime() as due):
            # of a half year that is over already: as soon as the fund knows its money
            yield SetTimer(CUT_OFF, due, after_inputs=True)
        case AccrualTaken():
            pass
        case _:
            yield from _of_request(fact)


def _of_request(fact: OfRequest) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case MdfRequested():
            yield _at(f"{VOTE}{fact.request_id}", approvals.begin(fact.route).due)
        case RequestVoted() | RequestEscalated():
            yield _at(f"{VOTE}{fact.request_id}", fact.due)
        case MdfApproved():
            yield ClearTimer(f"{VOTE}{fact.request_id}")
            yield SetTimer(f"{CLAIMS}{fact.request_id}", end_of(fact.claim_until))
        case MdfRejected() if fact.claim_id is None:
            yield ClearTimer(f"{VOTE}{fact.request_id}")
        case MdfReleased() if fact.closes:
            yield ClearTimer(f"{CLAIMS}{fact.request_id}")


def _at(name: str, due: datetime | None) -> SetTimer | ClearTimer:
    return SetTimer(name, due) if due else ClearTimer(name)


async def fire(due: Due, read: Read) -> Iterable[Asked]:
    fund: Fund = await read.fold(due.stream)
    return [(due.stream, command) for command in _due(due, fund)]


def _due(due: Due, fund: Fund) -> Iterable[FundCommand]:
    kind, _, request_id = due.name.partition("/")
    match f"{kind}/" if request_id else kind:
        case "end":
            yield EndFund(at=due.due)
        case "cut-off":
            yield ConvertFund(at=due.due)
        case "claims/":
            yield PassDeadline(request_id=request_id, at=due.due)
        case _:
            if request := fund.requests.get(request_id):
                step, rung = request.approval.step, request.approval.rung
                yield EscalateRequest(request_id=request_id, step=step, rung=rung, at=due.due)


TIMERS: Timers[Scheduling] = Timers(
    facts=(
        MdfFundAllocated,
        AccrualTaken,
        MdfRequested,
        RequestVoted,
        RequestEscalated,
        MdfApproved,
        MdfRejected,
        MdfReleased,
    ),
    set=when,
    fire=fire,
)
