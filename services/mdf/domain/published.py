"""Templates of activities and rules of approval: published in versions, the latest counts."""

from services.mdf.domain.commands import PublishApprovalRule, PublishTemplate
from services.mdf.domain.documents import TemplateVersion
from services.mdf.domain.events import ApprovalRulePublished, TemplatePublished
from shared.kernel.approvals import Rule, Step, checked
from shared.kernel.decider import Decider
from shared.kernel.errors import Malformed, Refused

DEFAULT_RULE = Rule(
    id="mdf",
    version=1,
    steps=(
        Step(name="channel-and-marketing", mode="all", seats=("role:manager", "role:marketing")),
    ),
)
"""Channel manager and marketing agree (会签), until somebody publishes another version."""


def decide_template(
    command: PublishTemplate, known: TemplateVersion | None
) -> list[TemplatePublished]:
    told = command.template
    kinds = [one.kind for one in told.requirements]
    if len(kinds) != len(set(kinds)) or any(one.count < 1 for one in told.requirements):
        raise Malformed("template-malformed", "each kind of evidence once, 1 or more of it")
    if told == known:
        return []
    if known and told.version <= known.version:
        raise Refused("template-version-stale", f"version {known.version} is published already")
    return [TemplatePublished(template=told)]


def decide_rule(command: PublishApprovalRule, known: Rule) -> list[ApprovalRulePublished]:
    told = checked(command.rule)
    if told == known:
        return []
    if known.id == told.id and told.version <= known.version:
        raise Refused(
            "approval-rule-version-stale", f"version {known.version} is published already"
        )
    return [ApprovalRulePublished(rule=told)]


TEMPLATE: Decider[PublishTemplate, TemplateVersion | None, TemplatePublished] = Decider(
    decide_template, lambda _, fact: fact.template, None
)
RULE: Decider[PublishApprovalRule, Rule, ApprovalRulePublished] = Decider(
    decide_rule, lambda _, fact: fact.rule, DEFAULT_RULE
)
