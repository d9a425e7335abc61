"""A fund: allocated, accrued or carried in; asked for, approved, claimed, paid; ended.

One stream holds the budget with everything that is asked of it, so that nothing is ever promised
twice.
"""

from services.mdf.domain import budget, claiming, requesting
from services.mdf.domain.commands import (
    AllocateFund,
    ApproveClaim,
    CarryIn,
    CloseRequest,
    ConvertFund,
    EndFund,
    EscalateRequest,
    FundCommand,
    PassDeadline,
    PayClaim,
    RecallRequest,
    RejectClaim,
    SubmitClaim,
    SubmitRequest,
    TakeAccrual,
    VoteOnRequest,
    WithdrawRequest,
)
from services.mdf.domain.events import FundEvent
from services.mdf.domain.evolution import Story, evolve
from services.mdf.domain.ledger import Fund
from shared.kernel.decider import Decider


def decide(command: FundCommand, fund: Fund) -> list[FundEvent]:
    story = Story(fund)
    match command:
        case AllocateFund() | CarryIn() | TakeAccrual() | EndFund() | ConvertFund():
            budget.decide(story, command)
        case SubmitRequest() | VoteOnRequest() | EscalateRequest():
            requesting.decide(story, command)
        case RecallRequest() | WithdrawRequest() | CloseRequest():
            requesting.undo(story, command)
        case PassDeadline() | SubmitClaim() | ApproveClaim() | RejectClaim() | PayClaim():
            claiming.decide(story, command)
    claiming.close_what_is_over(story, command.at)
    budget.expire_what_came_free(story)
    return story.facts


FUND: Decider[FundCommand, Fund, FundEvent] = Decider(decide, evolve, Fund())
