"""Rules about market funds: who is asked, who is paid, and what runs out."""

from services.notifications.domain.rule import ASKED, PARTNER, Condition, Rule, Wording

FOR_CLAIM = Condition(field="claim_id", present=True)
FOR_REQUEST = Condition(field="claim_id", present=False)

FUNDS = (
    Rule(
        rule_id="mdf-fund-allocated",
        on="MdfFundAllocated",
        where=(Condition(field="kind", among=("discretionary",)),),
        subject="{fund_id}",
        episode="{revision}",
        recipients=(PARTNER, "role:marketing"),
        title=Wording(zh="市场基金 {fund_id}:{amount}", en="Market fund {fund_id}: {amount}"),
        body=Wording(
            zh="市场基金 {fund_id} 现有额度 {amount},{terms.starts_on} 至 {terms.ends_on} 有效。",
            en="The fund {fund_id} is {amount}, from {terms.starts_on} to {terms.ends_on}.",
        ),
    ),
    Rule(
        rule_id="mdf-requested",
        on="MdfRequested",
        closed_by=("MdfApproved", "MdfRejected"),
        subject="{request_id}",
        recipients=(ASKED,),
        title=Wording(
            zh="市场费用申请 {request_id} 待审批", en="Request {request_id} awaits a decision"
        ),
        body=Wording(
            zh="{partner_id} 申请 {amount}:{activity}({starts_on} 至 {ends_on})。",
            en="{partner_id} asks for {amount}: {activity} ({starts_on} to {ends_on}).",
        ),
    ),
    Rule(
        rule_id="mdf-approved",
        on="MdfApproved",
        subject="{request_id}",
        episode="{claim_until}",
        recipients=(PARTNER,),
        title=Wording(
            zh="市场费用申请 {request_id} 已批准", en="Request {request_id} is approved"
        ),
        body=Wording(
            zh="批准 {amount};请上传执行凭证,最迟 {claim_until} 提交核销。",
            en="{amount} is approved: upload the proof of performance and claim by {claim_until}.",
        ),
    ),
    Rule(
        rule_id="mdf-rejected",
        on="MdfRejected",
        where=(
            FOR_REQUEST,
            Condition(field="outcome", among=("rejected", "returned", "lapsed")),
        ),
        closed_by=("MdfRequested",),
        subject="{request_id}",
        recipients=(PARTNER,),
        severity="warning",
        title=Wording(
            zh="市场费用申请 {request_id} 未获批准", en="Request {request_id} is not approved"
        ),
        body=Wording(
            zh="申请 {request_id}:{outcome},{reason}。", en="{request_id}: {outcome}, {reason}."
        ),
    ),
    Rule(
        rule_id="mdf-released",
        on="MdfReleased",
        where=(Condition(field="reason", among=("claim-deadline",)),),
        subject="{request_id}",
        episode="{reason}/{amount}",
        recipients=(PARTNER, "role:marketing"),
        severity="warning",
        title=Wording(
            zh="{request_id} 逾期未核销,额度已释放",
            en="Not claimed in time: {request_id} is released",
        ),
        body=Wording(
            zh="{request_id} 的 {amount} 在期限内未核销,已退回基金 {fund_id}。",
            en="{amount} of {request_id} was not claimed in time and is back in {fund_id}.",
        ),
    ),
    Rule(
        rule_id="mdf-claimed",
        on="MdfClaimed",
        subject="{claim_id}",
        episode="{request_id}",
        recipients=("role:marketing", "role:finance"),
        title=Wording(zh="核销单 {claim_id} 待审核", en="Claim {claim_id} is to be checked"),
        body=Wording(
            zh="{partner_id} 就申请 {request_id} 核销费用 {amount}。",
            en="{partner_id} claims a cost of {amount} for {request_id}.",
        ),
    ),
    Rule(
        rule_id="mdf-claim-approved",
        on="MdfClaimApproved",
        subject="{claim_id}",
        episode="{request_id}",
        recipients=(PARTNER, "role:finance"),
        title=Wording(
            zh="核销单 {claim_id} 已批准 {amount}", en="{amount} of {claim_id} approved"
        ),
        body=Wording(
            zh="合格费用 {eligible},不合格 {ineligible},应付 {amount}。",
            en="Eligible {eligible}, ineligible {ineligible}: {amount} is to be paid.",
        ),
    ),
    Rule(
        rule_id="mdf-over-cost",
        on="MdfClaimApproved",
        where=(Condition(field="over.amount", above="0"),),
        subject="{request_id}",
        episode="{claim_id}",
        recipients=(PARTNER, "role:manager", "role:marketing"),
        severity="warning",
        title=Wording(
            zh="活动 {request_id} 超支 {over}", en="{request_id} is over cost by {over}"
        ),
        body=Wording(
            zh="核销单 {claim_id} 的费用比批准的额度多 {over},超出部分由 {partner_id} 承担。",
            en="The cost in {claim_id} is {over} more than was approved; {partner_id} bears it.",
        ),
    ),
    Rule(
        rule_id="mdf-claim-rejected",
        on="MdfRejected",
        where=(FOR_CLAIM,),
        subject="{claim_id}",
        episode="{request_id}",
        recipients=(PARTNER,),
        severity="warning",
        title=Wording(zh="核销单 {claim_id} 未通过", en="Claim {claim_id} is rejected"),
        body=Wording(
            zh="核销单 {claim_id} 未通过:{reason}。", en="Claim {claim_id} is rejected: {reason}."
        ),
    ),
    Rule(
        rule_id="mdf-paid",
        on="MdfPaid",
        subject="{claim_id}",
        episode="{request_id}",
        recipients=(PARTNER,),
        title=Wording(zh="市场费用 {amount} 已支付", en="{amount} of market funds paid"),
        body=Wording(
            zh="核销单 {claim_id}:{paid_on} 支付 {amount}({method} {reference})。",
            en="Claim {claim_id}: {amount} paid on {paid_on} ({method} {reference}).",
        ),
        max_age_days=92,
    ),
    Rule(
        rule_id="mdf-expired",
        on="MdfExpired",
        subject="{fund_id}",
        episode="{reason}/{amount}",
        recipients=(PARTNER, "role:marketing"),
        severity="warning",
        title=Wording(zh="基金 {fund_id} 的 {amount} 已到期", en="{amount} of {fund_id} expired"),
        body=Wording(
            zh="基金 {fund_id} 未使用的 {amount} 已到期({reason})。",
            en="{amount} of {fund_id} was not used and expired ({reason}).",
        ),
    ),
    Rule(
        rule_id="mdf-carried-over",
        on="MdfCarriedOver",
        subject="{fund_id}",
        episode="{amount}",
        recipients=(PARTNER, "role:marketing"),
        title=Wording(
            zh="基金 {fund_id} 的 {amount} 已结转", en="{amount} of {fund_id} carried over"
        ),
        body=Wording(
            zh="基金 {fund_id} 的 {amount} 已结转至 {to_fund_id}。",
            en="{amount} of {fund_id} is carried over to {to_fund_id}.",
        ),
    ),
)
