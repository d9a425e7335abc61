"""All rules in force: those that are built in, until a published version replaces one.

One stream for the whole installation: rules are few, and whoever reads them needs them all.
"""

from collections.abc import Mapping
from dataclasses import replace

from immutables import Map

from services.notifications.domain.catalogue import BUILT_IN
from services.notifications.domain.commands import PublishRule
from services.notifications.domain.events import NotificationRulePublished
from services.notifications.domain.rule import ASKED, Rule
from services.notifications.domain.template import places
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed

RULES = "notifications.rulebook-main"
Rules = Map[str, Rule]
Facts = Mapping[str, frozenset[str]]


def decide(command: PublishRule, rules: Rules) -> list[NotificationRulePublished]:
    known = rules.get(command.rule.rule_id)
    version = known.version + 1 if known else 1
    return [NotificationRulePublished(rule=replace(command.rule, version=version))]


def evolve(rules: Rules, fact: NotificationRulePublished) -> Rules:
    return rules.set(fact.rule.rule_id, fact.rule)


def checked(rule: Rule, facts: Facts) -> Rule:
    """A rule that names only facts, and fields of them, that are there."""
    if unknown := {rule.on, *rule.closed_by} - facts.keys():
        raise Malformed("rule-fact-unknown", f"no fact {sorted(unknown)[0]} to listen to")
    told = (rule.title.zh, rule.title.en, rule.body.zh, rule.body.en, rule.episode or "")
    needed = {
        each
        for text in (rule.subject, *told, *rule.recipients, *rule.ladder)
        for each in places(text)
    }
    needed |= {"route"} if ASKED in rule.recipients else set()
    conditions = (*rule.where, *rule.critical_where)
    needed |= {condition.field.partition(".")[0] for condition in conditions}
    for fact in (rule.on, *rule.closed_by):
        wanted = needed if fact == rule.on else places(rule.subject)
        if missing := wanted - facts[fact]:
            raise Malformed("rule-field-unknown", f"{fact} has no field {sorted(missing)[0]}")
    if rule.episode and rule.closed_by:
        raise Malformed("rule-episode-twice", "an episode is named or closed, not both")
    return rule


DECIDER: Decider[PublishRule, Rules, NotificationRulePublished] = Decider(
    decide, evolve, Map({rule.rule_id: rule for rule in BUILT_IN})
)
RULEBOOK = Aggregate(name="rulebook", decider=DECIDER, facts=(NotificationRulePublished,))
