"""A partner: enrolled once; its level, standing and credit limit change over time."""

from dataclasses import dataclass, replace
from typing import get_args

from services.partners.domain.commands import (
    ChangeLevel,
    EnrolPartner,
    PartnerCommand,
    ReinstatePartner,
    SetCreditLimit,
    SuspendPartner,
)
from services.partners.domain.events import PartnerEvent
from shared.contracts.money import Money
from shared.contracts.partners import (
    CreditLimitSet,
    PartnerEnrolled,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTierChanged,
)
from shared.kernel.decider import Aggregate, Decider, corrupt
from shared.kernel.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Unknown: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    partner_id: str
    type: str
    level: str
    regions: tuple[str, ...]
    industries: tuple[str, ...]
    product_lines: tuple[str, ...]
    limit: Money | None = None
    suspended: str | None = None


Partner = Unknown | Enrolled


def decide(command: PartnerCommand, partner: Partner) -> list[PartnerEvent]:
    match partner, command:
        case Unknown(), EnrolPartner():
            return [enrolled(command)]
        case Enrolled(), EnrolPartner():
            raise Refused("partner-exists", f"{partner.partner_id} is enrolled already")
        case Enrolled(), ChangeLevel(level=level):
            return leveled(partner, level)
        case Enrolled(), SetCreditLimit(limit=limit):
            return limited(partner, limit)
        case Enrolled(suspended=None), SuspendPartner(reason=reason):
            return [PartnerSuspended(partner_id=partner.partner_id, reason=reason)]
        case Enrolled(suspended=str()), ReinstatePartner():
            return [PartnerReinstated(partner_id=partner.partner_id)]
        case Enrolled(), _:
            return []  # it is as asked already
        case _:
            raise NotFound("partner-not-found", "enrol it first")


def evolve(partner: Partner, fact: PartnerEvent) -> Partner:
    match partner, fact:
        case Unknown(), PartnerEnrolled():
            return Enrolled(
                partner_id=fact.partner_id,
                type=fact.type,
                level=fact.level,
                regions=fact.regions,
                industries=fact.industries,
                product_lines=fact.product_lines,
            )
        case Enrolled(), PartnerTierChanged():
            return replace(partner, level=fact.level)
        case Enrolled(), CreditLimitSet():
            return replace(partner, limit=fact.limit)
        case Enrolled(), PartnerSuspended():
            return replace(partner, suspended=fact.reason)
        case Enrolled(), PartnerReinstated():
            return replace(partner, suspended=None)
        case _:
            raise corrupt(partner, fact)


def enrolled(command: EnrolPartner) -> PartnerEnrolled:
    return PartnerEnrolled(
        partner_id=command.partner_id,
        type=command.type,
        level=command.level,
        regions=command.regions,
        industries=command.industries,
        product_lines=command.product_lines,
    )


def leveled(partner: Enrolled, level: str) -> list[PartnerEvent]:
    if level == partner.level:
        return []
    changed = PartnerTierChanged(
        partner_id=partner.partner_id, level=level, previous=partner.level
    )
    return [changed]


def limited(partner: Enrolled, limit: Money) -> list[PartnerEvent]:
    if limit.amount < 0:
        raise Refused("limit-negative", "a credit limit is 0 or more")
    if partner.limit and partner.limit.currency != limit.currency:
        raise Refused("limit-currency-fixed", f"the account is kept in {partner.limit.currency}")
    return (
        []
        if limit == partner.limit
        else [CreditLimitSet(partner_id=partner.partner_id, limit=limit)]
    )


PARTNER: Decider[PartnerCommand, Partner, PartnerEvent] = Decider(decide, evolve, Unknown())
AGGREGATE = Aggregate(name="partner", decider=PARTNER, facts=get_args(PartnerEvent))
