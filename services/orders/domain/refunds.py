"""Money that goes back: refunded in part or whole, or reversed because it never came."""

from decimal import Decimal
from uuid import UUID

from services.orders.domain.allocation import spread
from services.orders.domain.commands import RefundPayment, ReversePayment
from services.orders.domain.evolution import Story
from services.orders.domain.ledger import Account, Paid
from services.orders.domain.pricing import plausible
from services.orders.domain.shares import allocation, without
from shared.contracts.calendar import business_day
from shared.contracts.money import total
from shared.contracts.orders import PaymentRefunded, PaymentReversed
from shared.kernel.errors import Malformed, Refused


def refund(story: Story, command: RefundPayment) -> None:
    """What nothing took goes first, then what is kept for a held order, then what was taken."""
    paid, amount = booked(story.account, command.payment_id), command.amount
    if amount.amount <= 0 or amount.rounded() != amount:
        raise Malformed("payment-malformed", "an amount is above 0, in whole minor units")
    if amount.currency != story.account.currency:
        raise Refused("payment-currency", f"the payment is in {story.account.currency}")
    if amount.amount > paid.amount:
        left = story.account.money(paid.amount)
        raise Refused("refund-too-much", f"{left} is left of the payment: refund at most that")
    story.tell(refunded(story.account, paid, command))
    spread(story, command.partner_id)


def refunded(account: Account, paid: Paid, command: RefundPayment) -> PaymentRefunded:
    amount = command.amount.rounded()
    back = account.money(max(amount.amount - paid.unallocated, Decimal(0)))
    allocations = tuple(
        allocation(account, order_id, pieces, total((one.gross for one in pieces), back.currency))
        for order_id, pieces in without(paid, back).items()
    )
    return PaymentRefunded(
        payment_id=paid.payment_id,
        source_system=paid.source_system,
        document_no=paid.document_no,
        partner_id=command.partner_id,
        amount=amount,
        paid_on=paid.paid_on,
        refunded_on=plausible(command.refunded_on or business_day(command.at)),
        revision=paid.revision + 1,
        allocations=allocations,
        unallocated=account.money(paid.unallocated) - (amount - back),
        reason=command.reason,
    )


def reverse(story: Story, command: ReversePayment) -> None:
    """Ruling o7: it undoes the allocations; what is confirmed stays confirmed (o6)."""
    paid = booked(story.account, command.payment_id)
    if not paid.amount:
        raise Refused("payment-refunded", "all of it was refunded: nothing is left to reverse")
    story.tell(
        PaymentReversed(
            payment_id=paid.payment_id,
            source_system=paid.source_system,
            document_no=paid.document_no,
            partner_id=command.partner_id,
            amount=story.account.money(paid.amount),
            paid_on=paid.paid_on,
            reversed_on=plausible(command.reversed_on or business_day(command.at)),
            revision=paid.revision + 1,
            reason=command.reason,
        )
    )
    spread(story, command.partner_id)


def booked(account: Account, payment_id: UUID) -> Paid:
    paid = account.payments.get(payment_id)
    if paid is None:
        raise Refused(
            "payment-waiting", "the account has not booked it: see its status, then retry"
        )
    if paid.reversed:
        raise Refused("payment-reversed", "the payment was reversed: nothing of it is left")
    return paid
