"""What was settled and adjusted, and what waits for approval?"""

from collections.abc import Iterable

from services.rebates.domain.events import RebateAdjustmentProposed
from services.rebates.projections.accounts import place
from shared.contracts.event import Envelope
from shared.contracts.rebates import RebateAdjusted, RebateSettled
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

Entry = RebateSettled | RebateAdjusted
Proposal = RebateAdjustmentProposed | RebateAdjusted
INDEXES = (
    Index("place"),
    Index("programme_id"),
    Index("partner_id"),
    Index("period"),
    Index("partition"),
    Index("at", "instant"),
)


def by_number(fact: Entry, envelope: Envelope) -> Iterable[str]:
    return [f"{envelope.subject}/{fact.number:06}"]


def entry(_: str, __: Document | None, fact: Entry, envelope: Envelope) -> Document:
    kind = "settled" if isinstance(fact, RebateSettled) else "adjusted"
    return _told(fact, envelope) | {"kind": kind, "number": fact.number}


def by_proposal(fact: Proposal, envelope: Envelope) -> Iterable[str]:
    return [f"{envelope.subject}/{fact.proposal:06}"] if fact.proposal else []


def pending(
    _: str,
    __: Document | None,
    fact: Proposal,
    envelope: Envelope,
) -> Document | None:
    """Gone once it is booked."""
    if isinstance(fact, RebateAdjusted):
        return None
    return _told(fact, envelope) | {"proposal": fact.proposal}


def _told(fact: Entry | Proposal, envelope: Envelope) -> Document:
    told = document(fact) | {
        "account_id": envelope.subject.partition("-")[2],
        "at": envelope.time.isoformat(),
    }
    return {**told, "place": place(told)}


ENTRIES: Projection[Entry] = Projection(
    name="rebates.entries",
    facts=(RebateSettled, RebateAdjusted),
    keys=by_number,
    fold=entry,
    indexes=INDEXES,
    partner_field="partner_id",
)
PROPOSALS: Projection[Proposal] = Projection(
    name="rebates.proposals",
    facts=(RebateAdjustmentProposed, RebateAdjusted),
    keys=by_proposal,
    fold=pending,
    indexes=INDEXES,
    partner_field="partner_id",
)
