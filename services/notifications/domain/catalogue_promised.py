"""What users were promised to be told (case N-02), and by which rules they are.

What no rule tells says what it waits for: it is shown with the rules, not left out.
"""

from dataclasses import dataclass

from services.notifications.domain.rule import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    what: Wording
    rules: tuple[str, ...] = ()
    missing: str = ""


def promise(zh: str, en: str, *rules: str, missing: str = "") -> Promise:
    return Promise(what=Wording(zh=zh, en=en), rules=rules, missing=missing)


PROMISED = (
    promise("7 天无反馈", "seven days without feedback", "opportunity-stalled"),
    promise("价格谈判满 15 天", "fifteen days of price negotiation", "opportunity-escalated"),
    promise("30 天未跟进", "thirty days of silence", "customer-silence-noticed"),
    promise("45 天释放", "release after 45 days", "customer-released"),
    promise("50 万以上订单审批", "approval above 500,000", "order-held-director"),
    promise(
        "停滞或超支项目",
        "stalled or over-cost project",
        "opportunity-stalled",
        "opportunity-escalated",
        "mdf-over-cost",
    ),
    promise("库存低于阈值", "stock below threshold", "stock-below-safety", "channel-overstocked"),
    promise("区域异动", "regional anomaly", "sales-anomaly-detected"),
    promise(
        "关键节点:报价、技术确认、合同",
        "key nodes: quote, technical confirmation, contract",
        "opportunity-quoted",
        "opportunity-confirmed",
        "opportunity-contracting",
    ),
    promise(
        "目标达成进度",
        "attainment progress",
        "rebate-tier-reached",
        "attainment-measured",
    ),
)

SILENT = {
    "LeadRegistered": "LeadAssigned tells whom it concerns",
    "LeadClosed": "whoever closed it knows",
    "DealExtended": "whoever asked sees it; expiry is announced anew",
    "OpportunityOpened": "whoever opened it knows",
    "OpportunityWon": "the order that follows is told",
    "OpportunityLost": "whoever lost it said so",
    "CustomerClaimed": "whoever claimed it knows",
    "CustomerAssigned": "the list of one's customers shows it",
    "ForecastSubmitted": "the waterfall shows it",
    "ForecastPublished": "it comes each Monday, and the forecast shows it",
    "DelegationGranted": "whoever granted it knows; the delegate sees what waits for a decision",
    "DelegationRevoked": "whoever revoked it knows",
    "PaymentAllocated": "PaymentReceived is told; the account shows the rest",
    "RebateAccrued": "every payment changes it; tiers and settlements are told",
}
"""Published facts that no rule can be about, and why."""
