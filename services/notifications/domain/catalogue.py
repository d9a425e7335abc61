"""The rules that are there from the start. One that is published under the same id replaces it."""

from services.notifications.domain.catalogue_funds import FUNDS
from services.notifications.domain.catalogue_goods import GOODS_AND_REFUNDS
from services.notifications.domain.catalogue_nodes import NODES
from services.notifications.domain.catalogue_stock import STOCK
from services.notifications.domain.rule import ASKED, OLDEST, PARTNER, Condition, Rule, Wording
from services.notifications.domain.selling import SELLING

CONFIRMATION_ENDED = ("OrderReleased", "OrderApproved", "OrderRejected", "OrderCancelled")

BUILT_IN = (
    *GOODS_AND_REFUNDS,
    *STOCK,
    *NODES,
    *FUNDS,
    Rule(
        rule_id="lead-assigned",
        on="LeadAssigned",
        subject="{lead_id}",
        episode="{offer}",
        recipients=(PARTNER,),
        title=Wording(zh="新线索 {lead_id}", en="New lead {lead_id}"),
        body=Wording(
            zh="{region}、{industry}行业的线索 {lead_id} 已分配给您,请在 {accept_by} 前接受。",
            en="Lead {lead_id} ({region}, {industry}) is offered to you: accept by {accept_by}.",
        ),
    ),
    Rule(
        rule_id="order-held-credit",
        on="OrderHeld",
        where=(Condition(field="reasons", among=("credit",)),),
        closed_by=CONFIRMATION_ENDED,
        subject="{order_id}",
        recipients=(PARTNER, "role:finance"),
        severity="critical",
        ladder=("role:manager", "role:director"),
        title=Wording(
            zh="订单 {order_id} 因信用额度暂挂", en="Order {order_id} is held for credit"
        ),
        body=Wording(
            zh="{partner_id} 的订单 {order_id} 超出可用信用额度,收款或提高额度后自动放行。",
            en="Order {order_id} of {partner_id} exceeds the available credit; a payment or a "
            "higher limit releases it.",
        ),
    ),
    Rule(
        rule_id="order-held-director",
        on="OrderHeld",
        where=(Condition(field="reasons", among=("director-approval",)),),
        closed_by=CONFIRMATION_ENDED,
        subject="{order_id}",
        recipients=(PARTNER, ASKED),
        severity="warning",
        title=Wording(zh="订单 {order_id} 待审批", en="Order {order_id} awaits a decision"),
        body=Wording(
            zh="{partner_id} 的订单 {order_id} 按审批规则须经同意。",
            en="The rules of approval ask for a decision on order {order_id} of {partner_id}.",
        ),
    ),
    Rule(
        rule_id="order-held-partner",
        on="OrderHeld",
        where=(
            Condition(
                field="reasons",
                among=("partner-unknown", "partner-suspended", "currency-mismatch"),
            ),
        ),
        closed_by=CONFIRMATION_ENDED,
        subject="{order_id}",
        recipients=(PARTNER, "role:manager"),
        severity="warning",
        ladder=("role:director",),
        title=Wording(zh="订单 {order_id} 暂挂", en="Order {order_id} is held"),
        body=Wording(
            zh="{partner_id} 的订单 {order_id} 暂挂:{reasons}。",
            en="Order {order_id} of {partner_id} is held: {reasons}.",
        ),
    ),
    Rule(
        rule_id="order-released",
        on="OrderReleased",
        closed_by=("OrderHeld", "OrderCancelled", "OrderReopened"),
        subject="{order_id}",
        recipients=(PARTNER,),
        title=Wording(zh="订单 {order_id} 已放行", en="Order {order_id} is released"),
        body=Wording(
            zh="订单 {order_id} 不再暂挂:{reason}。",
            en="Order {order_id} is no longer held: {reason}.",
        ),
    ),
    Rule(
        rule_id="order-approved",
        on="OrderApproved",
        closed_by=("OrderHeld", "OrderCancelled", "OrderReopened"),
        subject="{order_id}",
        recipients=(PARTNER,),
        title=Wording(zh="订单 {order_id} 已确认", en="Order {order_id} is approved"),
        body=Wording(
            zh="订单 {order_id} 已确认,金额 {total}。",
            en="Order {order_id} is approved at {total}.",
        ),
    ),
    Rule(
        rule_id="order-rejected",
        on="OrderRejected",
        closed_by=("OrderReopened",),
        subject="{order_id}",
        recipients=(PARTNER,),
        severity="warning",
        title=Wording(zh="订单 {order_id} 被拒绝", en="Order {order_id} is rejected"),
        body=Wording(
            zh="订单 {order_id} 被拒绝:{reason}。", en="Order {order_id} is rejected: {reason}."
        ),
    ),
    Rule(
        rule_id="payment-received",
        on="PaymentReceived",
        subject="{payment_id}",
        recipients=(PARTNER,),
        title=Wording(zh="收到款项 {amount}", en="Payment of {amount} received"),
        body=Wording(
            zh="{paid_on} 的款项 {amount}(单据 {document_no})已入账,未分配 {unallocated}。",
            en="{amount} paid on {paid_on} (document {document_no}) is booked; {unallocated} of "
            "it is not allocated.",
        ),
        max_age_days=92,
    ),
    Rule(
        rule_id="rebate-tier-reached",
        on="RebateTierReached",
        subject="{partner_id}/{programme_id}/{period}/{partition}",
        episode="{threshold}",
        recipients=(PARTNER,),
        title=Wording(zh="达到返利档位 {threshold}", en="Rebate tier {threshold} reached"),
        body=Wording(
            zh="{programme_id} {period} {partition}:累计 {volume},达到档位 {threshold}。",
            en="{programme_id} {period} {partition}: {volume} reaches the tier {threshold}.",
        ),
        max_age_days=92,
    ),
    Rule(
        rule_id="rebate-settled",
        on="RebateSettled",
        subject="{partner_id}/{programme_id}/{period}/{partition}",
        episode="{number}",
        recipients=(PARTNER, "role:finance"),
        title=Wording(zh="返利已结算 {amount}", en="Rebate of {amount} settled"),
        body=Wording(
            zh="{partner_id} {programme_id} {period} {partition}:按 {volume} 结算返利 {amount}。",
            en="{partner_id} {programme_id} {period} {partition}: {amount} settled on {volume}.",
        ),
        max_age_days=OLDEST,
    ),
    Rule(
        rule_id="rebate-adjusted",
        on="RebateAdjusted",
        subject="{partner_id}/{programme_id}/{period}/{partition}",
        episode="{number}",
        recipients=(PARTNER, "role:finance"),
        severity="warning",
        critical_where=(Condition(field="amount.amount", below="0"),),
        title=Wording(zh="返利调整 {amount}", en="Rebate adjusted by {amount}"),
        body=Wording(
            zh="{partner_id} {programme_id} {period} {partition}:结算后调整 {amount}({reason})。",
            en="{partner_id} {programme_id} {period} {partition}: {amount} after settlement "
            "({reason}).",
        ),
        max_age_days=OLDEST,
    ),
    Rule(
        rule_id="partner-suspended",
        on="PartnerSuspended",
        closed_by=("PartnerReinstated",),
        subject="{partner_id}",
        recipients=("role:manager",),
        severity="warning",
        title=Wording(zh="合作伙伴 {partner_id} 已停用", en="Partner {partner_id} is suspended"),
        body=Wording(
            zh="合作伙伴 {partner_id} 已停用:{reason}。",
            en="Partner {partner_id} is suspended: {reason}.",
        ),
    ),
    *SELLING,
)
