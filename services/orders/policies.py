"""What other contexts say about a partner, recorded in its account before we decide from it."""

from collections.abc import Iterable
from typing import Any

from services.orders.domain.commands import RecordLimit, RecordStanding
from services.orders.domain.streams import account_stream
from shared.contracts.event import Envelope
from shared.contracts.partners import (
    CreditLimitSet,
    PartnerEnrolled,
    PartnerReinstated,
    PartnerSuspended,
)
from shared.kernel.policy import Asked, Policy, Read


async def limit(fact: CreditLimitSet, envelope: Envelope, read: Read) -> Iterable[Asked]:
    command = RecordLimit(
        partner_id=fact.partner_id,
        limit=fact.limit,
        fact_id=envelope.id,
        recorded_at=envelope.time,
        sequence=envelope.sequence,
        at=envelope.occurredat,
    )
    return [(account_stream(fact.partner_id), command)]


async def standing(
    fact: PartnerEnrolled | PartnerSuspended | PartnerReinstated, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    command = RecordStanding(
        partner_id=fact.partner_id,
        standing="suspended" if isinstance(fact, PartnerSuspended) else "active",
        fact_id=envelope.id,
        recorded_at=envelope.time,
        sequence=envelope.sequence,
        at=envelope.occurredat,
    )
    return [(account_stream(fact.partner_id), command)]


POLICIES: tuple[Policy[Any], ...] = (
    Policy(name="orders.when-credit-limit-set", facts=(CreditLimitSet,), react=limit),
    Policy(
        name="orders.when-partner-changed",
        facts=(PartnerEnrolled, PartnerSuspended, PartnerReinstated),
        react=standing,
    ),
)
