"""What leads learns of partners: another context's fact becomes one of ours."""

from collections.abc import Iterable

from services.leads.domain.commands import (
    LearnCoverage,
    LearnLevel,
    LearnStanding,
    PartnerCommand,
)
from services.leads.domain.streams import partner
from shared.contracts.event import Envelope
from shared.contracts.partners import (
    PartnerEnrolled,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTierChanged,
)
from shared.kernel.policy import Asked, Policy, Read

Foreign = PartnerEnrolled | PartnerTierChanged | PartnerSuspended | PartnerReinstated


async def learn(fact: Foreign, envelope: Envelope, _: Read) -> Iterable[Asked]:
    return [(partner(fact.partner_id), learned(fact, envelope))]


def learned(fact: Foreign, envelope: Envelope) -> PartnerCommand:
    revision, at = envelope.sequence, envelope.occurredat
    match fact:
        case PartnerEnrolled():
            return LearnCoverage(
                partner_id=fact.partner_id,
                level=fact.level,
                regions=fact.regions,
                industries=fact.industries,
                product_lines=fact.product_lines,
                revision=revision,
                at=at,
            )
        case PartnerTierChanged():
            return LearnLevel(
                partner_id=fact.partner_id, level=fact.level, revision=revision, at=at
            )
        case PartnerSuspended() | PartnerReinstated():
            return LearnStanding(
                partner_id=fact.partner_id,
                suspended=isinstance(fact, PartnerSuspended),
                revision=revision,
                at=at,
            )


LEARN_PARTNERS: Policy[Foreign] = Policy(
    name="leads.learn-partners",
    facts=(PartnerEnrolled, PartnerTierChanged, PartnerSuspended, PartnerReinstated),
    react=learn,
)
POLICIES = (LEARN_PARTNERS,)
