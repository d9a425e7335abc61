"""Rules about key nodes of an opportunity, and about sales on and off their course."""

from services.notifications.domain.rule import PARTNER, Condition, Rule, Wording

QUOTE, CONFIRMATION, CONTRACT = "方案提交", "价格谈判", "合同审批"
"""Stages of the standard model: the quote goes out, the technical agreement is there (it is the
evidence that 价格谈判 asks for), the contract is decided. Who names stages otherwise publishes
these rules anew.
"""


def node(rule_id: str, stage: str, zh: str, en: str) -> Rule:
    return Rule(
        rule_id=rule_id,
        on="OpportunityStageChanged",
        where=(Condition(field="stage", among=(stage,)),),
        subject="{opportunity_id}",
        episode="{revision}",
        recipients=("role:sales", "role:manager"),
        title=Wording(
            zh=f"商机 {{opportunity_id}} {zh}", en=f"{en}: opportunity {{opportunity_id}}"
        ),
        body=Wording(
            zh="商机 {opportunity_id}({region})进入「{stage}」,金额 {amount},预计 "
            "{expected_close} 签约。",
            en="Opportunity {opportunity_id} ({region}) entered {stage}: {amount}, expected to "
            "close on {expected_close}.",
        ),
    )


NODES = (
    node("opportunity-quoted", QUOTE, "已提交方案报价", "Quote submitted"),
    node("opportunity-confirmed", CONFIRMATION, "技术确认完成", "Technically confirmed"),
    node("opportunity-contracting", CONTRACT, "进入合同审批", "Contract under approval"),
    Rule(
        rule_id="attainment-measured",
        on="AttainmentMeasured",
        subject="{partner_id}/{product_line}/{month}",
        episode="{week}",
        recipients=(PARTNER, "role:sales"),
        title=Wording(
            zh="{partner_id} {month} {product_line} 目标达成 {percent}%",
            en="{percent} % of the target: {partner_id}, {product_line}, {month}",
        ),
        body=Wording(
            zh="{week} 前已回款 {collected},{month} 目标 {target}。",
            en="{collected} of {target} for {month} were collected before {week}.",
        ),
    ),
    Rule(
        rule_id="sales-anomaly-detected",
        on="SalesAnomalyDetected",
        subject="{region}",
        episode="{rule}/{week}",
        recipients=("role:manager", "role:director"),
        severity="warning",
        title=Wording(zh="{region} 销售异动", en="Sales of {region} moved unusually"),
        body=Wording(
            zh="{region} 自 {week} 起的一周销售额 {amount},此前 {weeks} 周均值 {mean}(标准差 "
            "{deviation})。",
            en="{region} sold {amount} in the week of {week}; the {weeks} weeks before had "
            "{mean} on average (deviation {deviation}).",
        ),
    ),
)
