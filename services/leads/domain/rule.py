"""An assignment rule: for which leads it stands, and between whom they are shared out."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.leads.domain.commands import Contender, PublishRule
from services.leads.domain.events import LeadRulePublished, RuleTerms
from services.leads.domain.partner import Partner
from shared.contracts.leads import LeadRegistered, RuleVersion
from shared.kernel.decider import Decider
from shared.kernel.errors import NotFound, Refused

BY_HAND = RuleVersion(id="by-hand", version=0)


@dataclass(frozen=True, slots=True)
class Unpublished: ...


Rule = Unpublished | LeadRulePublished


def decide(command: PublishRule, rule: Rule) -> Sequence[LeadRulePublished]:
    if command.rule_id == BY_HAND.id:
        raise Refused("rule-id-reserved", "what a person assigns goes by this name: take another")
    version = 1 if isinstance(rule, Unpublished) else rule.version + 1
    return [LeadRulePublished(rule_id=command.rule_id, version=version, terms=command.terms)]


def evolve(_: Rule, fact: LeadRulePublished) -> Rule:
    return fact


def published(rule: Rule) -> LeadRulePublished:
    if isinstance(rule, Unpublished):
        raise NotFound("rule-not-found")
    return rule


def matches(terms: RuleTerms, lead: LeadRegistered) -> bool:
    """Empty means any."""
    return (
        admits(terms.regions, lead.region)
        and admits(terms.industries, lead.industry)
        and admits(terms.product_lines, lead.product_line)
    )


def admits(allowed: Sequence[str], value: str | None) -> bool:
    return not allowed or value in allowed


def contender(
    partner_id: str, weight: int, partner: Partner, lead: LeadRegistered, again: bool
) -> Contender:
    """The partner as a candidate for the lead; `again` if it was offered to it before."""
    reason = "offered-before" if again else unfit(partner, lead)
    return Contender(partner_id=partner_id, weight=weight, excluded=reason)


def unfit(partner: Partner, lead: LeadRegistered) -> str | None:
    covers = partner.coverage
    if covers is None:
        return "partner-unknown"
    if partner.suspended:
        return "partner-suspended"
    if not admits(covers.regions, lead.region):
        return "region-not-covered"
    if not admits(covers.industries, lead.industry):
        return "industry-not-covered"
    if lead.product_line and not admits(covers.product_lines, lead.product_line):
        return "product-line-not-covered"
    return None


RULE: Decider[PublishRule, Rule, LeadRulePublished] = Decider(decide, evolve, Unpublished())
