"""Rules that are there from the start: goods on their way, and money that goes back."""

from services.notifications.domain.rule import PARTNER, Rule, Wording

GOODS_AND_REFUNDS = (
    Rule(
        rule_id="order-shipped",
        on="OrderShipped",
        subject="{order_id}",
        episode="{number}",
        recipients=(PARTNER,),
        title=Wording(zh="订单 {order_id} 已发货", en="Order {order_id} has shipped"),
        body=Wording(
            zh="订单 {order_id} 第 {number} 次发货:{shipped_on},单据 {document}。",
            en="Shipment {number} of order {order_id} left on {shipped_on}, document {document}.",
        ),
    ),
    Rule(
        rule_id="order-delivered",
        on="OrderDelivered",
        subject="{order_id}",
        episode="{number}",
        recipients=(PARTNER,),
        title=Wording(zh="订单 {order_id} 已签收", en="Order {order_id} is delivered"),
        body=Wording(
            zh="订单 {order_id} 于 {delivered_on} 签收,单据 {document}。",
            en="Goods of order {order_id} arrived on {delivered_on}, document {document}.",
        ),
    ),
    Rule(
        rule_id="goods-returned",
        on="GoodsReturned",
        subject="{order_id}",
        episode="{revision}",
        recipients=(PARTNER, "role:finance"),
        severity="warning",
        title=Wording(zh="订单 {order_id} 有退货", en="Goods of order {order_id} came back"),
        body=Wording(
            zh="{partner_id} 的订单 {order_id} 于 {returned_on} 退货:{reason}。已付货款待退。",
            en="Goods of order {order_id} of {partner_id} came back on {returned_on}: {reason}. "
            "What was paid for them waits for a refund.",
        ),
    ),
    Rule(
        rule_id="payment-refunded",
        on="PaymentRefunded",
        subject="{payment_id}",
        episode="{revision}",
        recipients=(PARTNER,),
        title=Wording(zh="退款 {amount}", en="{amount} refunded"),
        body=Wording(
            zh="款项(单据 {document_no})于 {refunded_on} 退款 {amount}:{reason}。",
            en="{amount} of the payment {document_no} went back on {refunded_on}: {reason}.",
        ),
        max_age_days=92,
    ),
    Rule(
        rule_id="payment-reversed",
        on="PaymentReversed",
        subject="{payment_id}",
        episode="{revision}",
        recipients=(PARTNER, "role:finance"),
        severity="warning",
        title=Wording(zh="款项 {document_no} 已冲销", en="Payment {document_no} is reversed"),
        body=Wording(
            zh="{partner_id} 的款项 {amount}(单据 {document_no})于 {reversed_on} 冲销:{reason}。",
            en="{amount} of {partner_id} (document {document_no}) was reversed on {reversed_on}: "
            "{reason}.",
        ),
        max_age_days=92,
    ),
)
