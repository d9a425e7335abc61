"""The register of partners: one document a partner; and the delegations of our own people."""

from collections.abc import Iterable
from typing import get_args

from services.partners.domain.events import PartnerEvent
from shared.contracts.event import Envelope
from shared.contracts.partners import (
    CreditLimitSet,
    DelegationGranted,
    DelegationRevoked,
    PartnerEnrolled,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTierChanged,
)
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection


def by_partner(fact: PartnerEvent, envelope: Envelope) -> Iterable[str]:
    return [fact.partner_id]


def register(key: str, row: Document | None, fact: PartnerEvent, envelope: Envelope) -> Document:
    row = row or {}
    match fact:
        case PartnerEnrolled():
            told = {"limit": None, "suspended": None}
            row = {**document(fact), **told, "enrolled_at": envelope.occurredat.isoformat()}
        case PartnerTierChanged():
            row = row | {"level": fact.level}
        case CreditLimitSet():
            row = row | {"limit": document(fact.limit)}
        case PartnerSuspended():
            row = row | {"suspended": fact.reason}
        case PartnerReinstated():
            row = row | {"suspended": None}
    return row | {"version": envelope.sequence}


def by_delegation(fact: DelegationGranted | DelegationRevoked, _: Envelope) -> Iterable[str]:
    return [fact.delegation_id]


def delegation(
    _: str, row: Document | None, fact: DelegationGranted | DelegationRevoked, __: Envelope
) -> Document:
    return {**(row or {}), **document(fact)}


REGISTER: Projection[PartnerEvent] = Projection(
    name="partners.register",
    facts=get_args(PartnerEvent),
    keys=by_partner,
    fold=register,
    indexes=(Index("level"), Index("type")),
    partner_field="partner_id",
)
DELEGATIONS: Projection[DelegationGranted | DelegationRevoked] = Projection(
    name="partners.delegations",
    facts=(DelegationGranted, DelegationRevoked),
    keys=by_delegation,
    fold=delegation,
    indexes=(Index("by"), Index("to"), Index("until", "instant")),
)
