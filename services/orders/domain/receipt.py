"""A receipt: one document of one system is one payment, however often it is reported."""

from dataclasses import dataclass, replace

from services.orders.domain.commands import ReceiptCommand, RecordPayment, RejectPayment
from services.orders.domain.events import Payment, ReceiptEvent, ReceiptRecorded, ReceiptRejected
from services.orders.domain.pricing import BOUND, plausible
from shared.kernel.decider import Decider, corrupt
from shared.kernel.errors import Malformed, Refused


@dataclass(frozen=True, slots=True)
class Unseen: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    payment: Payment


@dataclass(frozen=True, slots=True)
class Rejected:
    """The document may be reported again, corrected."""

    payment: Payment
    slug: str
    detail: str


Receipt = Unseen | Recorded | Rejected
LONGEST = 200


def sound(payment: Payment) -> Payment:
    """The payment with its amount in minor units, or why it is none."""
    names = (payment.source_system, payment.document_no)
    if not all(name == name.strip() and 0 < len(name) <= LONGEST for name in names):
        raise Malformed("payment-malformed", f"names have 1 to {LONGEST} characters")
    amount, day = payment.amount, plausible(payment.paid_on)
    if not 0 < amount.amount < BOUND or amount.rounded() != amount:
        raise Malformed("payment-malformed", "an amount is above 0, in whole minor units")
    return replace(payment, amount=amount.rounded(), paid_on=day)


def decide(command: ReceiptCommand, receipt: Receipt) -> list[ReceiptEvent]:
    match receipt, command:
        case Recorded(), RecordPayment():
            check(receipt, command.payment)
            return []
        case _, RecordPayment(payment=payment):
            return [
                ReceiptRecorded(
                    payment_id=payment.payment_id,
                    partner_id=payment.partner_id,
                    payment=payment,
                    origin=command.origin,
                )
            ]
        case Recorded(payment), RejectPayment():
            return [
                ReceiptRejected(
                    payment_id=payment.payment_id,
                    partner_id=payment.partner_id,
                    slug=command.slug,
                    detail=command.detail,
                )
            ]
        case _:
            return []


def check(receipt: Receipt, payment: Payment) -> None:
    """Same number, other content: refused (ruling o7). The strategy is ours, not content."""
    if isinstance(receipt, Recorded):
        known = receipt.payment
        if replace(payment, strategy=known.strategy) != known:
            raise Refused(
                "payment-conflict",
                f"document {payment.document_no} was reported with other content: "
                "report a correction under its own number",
            )


def evolve(receipt: Receipt, fact: ReceiptEvent) -> Receipt:
    match receipt, fact:
        case ((Unseen() | Rejected()), ReceiptRecorded()):
            return Recorded(fact.payment)
        case Recorded(payment), ReceiptRejected():
            return Rejected(payment, fact.slug, fact.detail)
        case _:
            raise corrupt(receipt, fact)


RECEIPT: Decider[ReceiptCommand, Receipt, ReceiptEvent] = Decider(decide, evolve, Unseen())
