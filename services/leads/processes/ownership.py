"""A claim counts against the claimant's day; feedback on an opportunity keeps its customer."""

from collections.abc import Iterable

from services.leads.domain.customer import Known
from services.leads.domain.ownership.commands import (
    ConfirmClaim,
    CountClaim,
    DropClaim,
    RecordActivity,
)
from services.leads.domain.ownership.events import ClaimCounted, ClaimRefused, ClaimRequested
from services.leads.domain.pipeline.events import FeedbackGiven
from services.leads.domain.streams import claimant, customer
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process


async def count(fact: ClaimRequested, envelope: Envelope, _: Read) -> Iterable[Asked]:
    counted = CountClaim(
        customer_id=fact.customer_id,
        claimant=fact.claimant,
        claims_a_day=fact.claims_a_day,
        at=envelope.occurredat,
    )
    return [(claimant(fact.claimant), counted)]


async def confirm(
    fact: ClaimCounted | ClaimRefused, envelope: Envelope, _: Read
) -> Iterable[Asked]:
    answer = ConfirmClaim if isinstance(fact, ClaimCounted) else DropClaim
    command = answer(claimant=fact.claimant, at=envelope.occurredat)
    return [(customer(fact.customer_id), command)]


async def keep(fact: FeedbackGiven, envelope: Envelope, read: Read) -> Iterable[Asked]:
    """The clock of silence runs by what was done, whatever way it was recorded."""
    stream = customer(fact.customer_id)
    if not isinstance(await read.fold(stream), Known):
        return []
    activity = RecordActivity(
        kind="opportunity-feedback",
        happened_at=fact.given_at,
        next_action=fact.next_action,
        next_on=fact.next_on,
        at=envelope.occurredat,
    )
    return [(stream, activity)]


COUNT: Process[ClaimRequested] = Process(
    name="leads.count-claim", facts=(ClaimRequested,), react=count
)
CONFIRM: Process[ClaimCounted | ClaimRefused] = Process(
    name="leads.confirm-claim", facts=(ClaimCounted, ClaimRefused), react=confirm
)
KEEP: Process[FeedbackGiven] = Process(
    name="leads.keep-customer", facts=(FeedbackGiven,), react=keep
)
