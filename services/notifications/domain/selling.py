"""The built-in rules about deals, opportunities and customers."""

from services.notifications.domain.rule import PARTNER, Condition, Rule, Wording

SELLING = (
    Rule(
        rule_id="deal-registered",
        on="DealRegistered",
        subject="{registration_id}",
        episode="{protected_from}",
        recipients=(PARTNER,),
        title=Wording(
            zh="报备 {registration_id} 已生效", en="Deal {registration_id} is registered"
        ),
        body=Wording(
            zh="报备 {registration_id}({product_line},{region})保护至 {protected_until}。",
            en="Deal {registration_id} ({product_line}, {region}) is protected until "
            "{protected_until}.",
        ),
    ),
    Rule(
        rule_id="registration-rejected",
        on="RegistrationRejected",
        subject="{registration_id}",
        episode="{reason}",
        recipients=(PARTNER,),
        severity="warning",
        title=Wording(
            zh="报备 {registration_id} 未通过", en="Registration {registration_id} is rejected"
        ),
        body=Wording(
            zh="报备 {registration_id} 未通过:{reason}。",
            en="Registration {registration_id} is rejected: {reason}.",
        ),
    ),
    Rule(
        rule_id="deal-expiry-announced",
        on="DealExpiryAnnounced",
        subject="{registration_id}",
        episode="{protected_until}/{days}",
        recipients=(PARTNER, "role:sales"),
        severity="warning",
        critical_where=(Condition(field="days", below="2"),),
        ladder=("role:manager",),
        title=Wording(
            zh="报备 {registration_id} 保护期剩 {days} 天",
            en="{days} days of protection left for {registration_id}",
        ),
        body=Wording(
            zh="报备 {registration_id} 的保护期至 {protected_until};如有推进,请在此之前申请延期。",
            en="Deal {registration_id} is protected until {protected_until}: ask for an extension "
            "before, with what was done for it.",
        ),
    ),
    Rule(
        rule_id="deal-protection-ended",
        on="DealProtectionEnded",
        subject="{registration_id}",
        episode="{ended_at}",
        recipients=(PARTNER, "role:manager"),
        title=Wording(
            zh="报备 {registration_id} 保护期已结束",
            en="The protection of {registration_id} is over",
        ),
        body=Wording(
            zh="报备 {registration_id} 的保护期已结束({reason});{free_from} 起可再次报备。",
            en="The protection of {registration_id} is over ({reason}); it may be registered "
            "again from {free_from}.",
        ),
    ),
    Rule(
        rule_id="opportunity-stalled",
        on="OpportunityStalled",
        where=(Condition(field="level", among=("yellow",)),),
        closed_by=("OpportunityStallCleared",),
        subject="{opportunity_id}",
        recipients=("role:sales",),
        severity="warning",
        ladder=("role:manager", "role:director"),
        title=Wording(
            zh="黄色预警:商机 {opportunity_id}", en="Yellow: opportunity {opportunity_id}"
        ),
        body=Wording(
            zh="商机 {opportunity_id} 于 {entered_at} 进入「{stage}」,至今无反馈"
            "(负责人 {owner})。",
            en="Opportunity {opportunity_id} entered {stage} at {entered_at} and had no feedback "
            "since (owner {owner}).",
        ),
    ),
    Rule(
        rule_id="opportunity-escalated",
        on="OpportunityStalled",
        where=(Condition(field="level", among=("escalation",)),),
        subject="{opportunity_id}",
        episode="{visit}",
        recipients=("role:manager", "role:director"),
        severity="critical",
        title=Wording(
            zh="商机 {opportunity_id} 停滞,需上级介入",
            en="Opportunity {opportunity_id} is stuck: step in",
        ),
        body=Wording(
            zh="商机 {opportunity_id} 自 {entered_at} 停在「{stage}」(负责人 {owner}),建议高层拜访"
            "或调整方案。",
            en="Opportunity {opportunity_id} has been in {stage} since {entered_at} (owner "
            "{owner}): an executive visit or another offer may help.",
        ),
    ),
    Rule(
        rule_id="customer-silence-noticed",
        on="CustomerSilenceNoticed",
        subject="{customer_id}",
        episode="{last_activity}",
        recipients=("role:sales",),
        severity="warning",
        ladder=("role:manager", "role:director"),
        title=Wording(zh="客户 {customer_id} 30 天未跟进", en="Customer {customer_id} is silent"),
        body=Wording(
            zh="客户 {customer_id}(负责人 {owner})自 {last_activity} 起无有效跟进,{release_at} "
            "将进入公海。",
            en="Customer {customer_id} (owner {owner}) has had no effective activity since "
            "{last_activity}: at {release_at} it goes to the public pool.",
        ),
    ),
    Rule(
        rule_id="customer-released",
        on="CustomerReleased",
        subject="{customer_id}",
        episode="{last_activity}",
        recipients=("role:sales", "role:manager"),
        title=Wording(
            zh="客户 {customer_id} 已进入公海",
            en="Customer {customer_id} is in the public pool",
        ),
        body=Wording(
            zh="客户 {customer_id}({region},原负责人 {owner})已进入公海,请分配或领取。",
            en="Customer {customer_id} ({region}, formerly {owner}'s) is in the public pool: "
            "assign or claim it.",
        ),
    ),
    Rule(
        rule_id="customer-disputed",
        on="CustomerDisputed",
        subject="{customer_id}",
        episode="{last_activity}",
        recipients=("role:manager",),
        severity="warning",
        ladder=("role:director",),
        title=Wording(zh="客户 {customer_id} 归属有争议", en="Customer {customer_id} is disputed"),
        body=Wording(
            zh="{claimant} 补录了 {last_activity} 的跟进,而客户 {customer_id} "
            "现归 {owner}:请裁定。",
            en="{claimant} recorded an activity of {last_activity} late, and customer "
            "{customer_id} is {owner}'s by now: decide whose it is.",
        ),
    ),
)
