"""What the streams of orders are called: uniqueness is a stream's name."""

from uuid import UUID

from shared.contracts.ids import named

ACCOUNT = "orders.account-"
ORDER_RULE = "orders.approvalrule-order"


def order_stream(order_id: str) -> str:
    return f"orders.order-{order_id}"


def account_stream(partner_id: str) -> str:
    return f"{ACCOUNT}{partner_id}"


def receipt_stream(payment_id: UUID) -> str:
    return f"orders.receipt-{payment_id}"


def payment_id_of(source_system: str, document_no: str) -> UUID:
    return named(source_system, document_no)


def payer_id_of(partner_id: str, payer: str) -> UUID:
    """A person id: the name itself stays in the People port."""
    return named("payer", partner_id, payer)
