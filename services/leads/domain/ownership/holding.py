"""A customer's owner, as the facts tell it: kept by activities, lost by silence (ruling l4)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.leads.domain.ownership.events import (
    ActivityRecorded,
    ClaimDropped,
    ClaimRequested,
    OwnershipEvent,
)
from shared.contracts.leads.customers import (
    CustomerAssigned,
    CustomerClaimed,
    CustomerDisputed,
    CustomerReleased,
    CustomerSilenceNoticed,
)

REMINDED, RELEASED = timedelta(days=30), timedelta(days=45)
"""Of 24 hours, after the last effective activity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Who lost it last, and when; `known` are activities of theirs that were recorded since."""

    owner: str
    at: datetime
    known: tuple[datetime, ...] = ()

    def kept_by(self, happened: datetime) -> datetime:
        """With this one too: the last activity without 45 days of silence before it."""
        last = self.at - RELEASED
        for each in sorted((*self.known, happened)):
            if last < each < last + RELEASED:
                last = each
        return last


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """`since`: from when silence is counted; `loss` is remembered until it is settled."""

    owner: str | None = None
    since: datetime | None = None
    noticed: bool = False
    loss: Loss | None = None
    pooled: bool = False
    claimant: str | None = None
    disputed_by: str | None = None
    last_contact: datetime | None = None
    next_action: str | None = None
    next_on: date | None = None

    @property
    def holder(self) -> str | None:
        """Who has it, or is about to."""
        return self.owner or self.claimant

    def lost_by(self, by: str | None, happened: datetime) -> Loss | None:
        """Whose an activity is, if of who lost it: named so, or without a name before others."""
        loss = self.loss
        if loss is None or self.owner == loss.owner:
            return None
        unnamed = by is None and (self.since is None or happened < self.since)
        return loss if unnamed or by == loss.owner else None

    @property
    def status(self) -> str:
        if self.owner:
            return "owned"
        return "pool" if self.pooled else "unowned"


def held(holding: Holding, fact: OwnershipEvent) -> Holding:
    match fact:
        case ActivityRecorded():
            return recorded(holding, fact)
        case CustomerSilenceNoticed():
            return replace(holding, noticed=True)
        case CustomerReleased():
            lost = Loss(owner=fact.owner, at=fact.last_activity + RELEASED)
            return replace(holding, owner=None, since=None, loss=lost, pooled=True)
        case ClaimRequested() | ClaimDropped():
            claimant = fact.claimant if isinstance(fact, ClaimRequested) else None
            return replace(holding, claimant=claimant)
        case CustomerClaimed():
            return owned(replace(holding, claimant=None), fact.owner, fact.claimed_at)
        case CustomerAssigned():
            settled = holding.disputed_by or fact.reason == "restored"
            loss = None if settled else holding.loss
            return owned(
                replace(holding, claimant=None, loss=loss, disputed_by=None),
                fact.owner,
                fact.last_activity,
            )
        case CustomerDisputed():
            return replace(holding, disputed_by=fact.claimant)


def owned(holding: Holding, owner: str, since: datetime) -> Holding:
    return replace(holding, owner=owner, since=since, noticed=False, pooled=False)


def recorded(holding: Holding, fact: ActivityRecorded) -> Holding:
    latest = max(filter(None, (holding.last_contact, fact.happened_at)))
    told = replace(
        holding,
        last_contact=latest,
        next_action=fact.next_action or holding.next_action,
        next_on=fact.next_on or holding.next_on,
    )
    if lost := holding.lost_by(fact.by, fact.happened_at):
        known = (*lost.known, fact.happened_at) if fact.effective else lost.known
        told = replace(told, loss=replace(lost, known=known))
    if fact.silent_since is None:
        return told
    return replace(told, since=fact.silent_since, noticed=False)
