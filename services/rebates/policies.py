"""What other contexts say that rebates decides from: money, and partners' levels."""

from collections.abc import Iterator
from datetime import date

from services.rebates.domain.basis import Kind, Piece
from services.rebates.domain.commands import RecordBasis, RecordLevel
from services.rebates.domain.ledger import ledger_stream
from services.rebates.domain.partner import partner_stream
from shared.contracts.event import Envelope
from shared.contracts.orders import (
    PaymentAllocated,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)
from shared.contracts.partners import PartnerEnrolled, PartnerTierChanged
from shared.kernel.policy import Asked, Policy, Read

Payment = PaymentReceived | PaymentAllocated | PaymentRefunded | PaymentReversed
Levelled = PartnerEnrolled | PartnerTierChanged


async def record_basis(fact: Payment, envelope: Envelope, _: Read) -> list[Asked]:
    """Into the ledger of the business year in which it was paid, also for later revisions."""
    command = RecordBasis(
        partner_id=fact.partner_id,
        source=envelope.id,
        source_system=fact.source_system,
        document_no=fact.document_no,
        paid_on=fact.paid_on,
        revision=fact.revision,
        recorded_at=envelope.time,
        pieces=tuple(_pieces(fact)),
        kind=_kind(fact),
        returned_on=_returned_on(fact),
        at=envelope.occurredat,
    )
    return [(ledger_stream(fact.partner_id, fact.paid_on.year), command)]


def _kind(fact: Payment) -> Kind:
    match fact:
        case PaymentRefunded():
            return "refund"
        case PaymentReversed():
            return "reversal"
        case _:
            return "payment"


def _returned_on(fact: Payment) -> date | None:
    match fact:
        case PaymentRefunded(refunded_on=day) | PaymentReversed(reversed_on=day):
            return day
        case _:
            return None


def _pieces(fact: Payment) -> Iterator[Piece]:
    for allocation in fact.allocations:
        for line in allocation.lines:
            yield Piece(
                order_id=allocation.order_id,
                region=allocation.region,
                product_line=line.product_line,
                net=line.net.rounded(),
            )


async def record_level(fact: Levelled, envelope: Envelope, _: Read) -> list[Asked]:
    command = RecordLevel(
        partner_id=fact.partner_id,
        level=fact.level,
        source=envelope.id,
        sequence=envelope.sequence,
        recorded_at=envelope.time,
        at=envelope.occurredat,
    )
    return [(partner_stream(fact.partner_id), command)]


WHEN_PAID_RECORD_BASIS: Policy[Payment] = Policy(
    name="rebates.when-paid-record-basis",
    facts=(PaymentReceived, PaymentAllocated, PaymentRefunded, PaymentReversed),
    react=record_basis,
)
WHEN_LEVELLED_RECORD_LEVEL: Policy[Levelled] = Policy(
    name="rebates.when-levelled-record-level",
    facts=(PartnerEnrolled, PartnerTierChanged),
    react=record_level,
)
