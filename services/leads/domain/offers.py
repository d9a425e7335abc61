"""The situations a lead can be in, and the offers that were made of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.leads.domain.events import LeadOverflowed
from shared.contracts.leads import LeadRegistered, LeadReleased, RuleVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`answer`: open, accepted, declined, timed-out, recalled or closed."""

    number: int
    partner_id: str
    rule: RuleVersion
    accept_by: datetime
    answer: str = "open"


@dataclass(frozen=True, slots=True)
class Absent: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Registered:
    about: LeadRegistered
    offers: tuple[Offer, ...] = ()

    @property
    def lead_id(self) -> str:
        return self.about.lead_id

    @property
    def next(self) -> int:
        """The number that the next offer will have."""
        return len(self.offers) + 1

    def offered_to(self, partner_id: str) -> bool:
        return any(offer.partner_id == partner_id for offer in self.offers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held(_Registered):
    """By the partner of the last offer."""

    @property
    def offer(self) -> Offer:
        return self.offers[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(_Registered):
    """For the next offer, or for the word that there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(_Held): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(_Held): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Overflowed(_Registered):
    why: LeadOverflowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(_Registered):
    outcome: str


Known = Waiting | Offered | Accepted | Overflowed | Closed
Lead = Absent | Known


def ended(lead: Offered | Accepted, how: str) -> tuple[Offer, ...]:
    """The offers, the last one with its answer."""
    return (*lead.offers[:-1], replace(lead.offer, answer=how))


def released(lead: Offered | Accepted, reason: str, note: str = "") -> LeadReleased:
    return LeadReleased(
        lead_id=lead.lead_id,
        partner_id=lead.offer.partner_id,
        offer=lead.offer.number,
        reason=reason,
        note=note,
    )


def status(lead: Known) -> str:
    match lead:
        case Waiting():
            return "registered"
        case Offered():
            return "offered"
        case Accepted():
            return "accepted"
        case Overflowed():
            return "overflow"
        case Closed():
            return "closed"
