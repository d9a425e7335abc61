"""Rules as data: the built-in ones hold, and a published one replaces or adds."""

from dataclasses import replace

import pytest

from services.notifications.context import FACTS
from services.notifications.domain.catalogue import BUILT_IN
from services.notifications.domain.commands import PublishRule
from services.notifications.domain.events import NotificationRulePublished
from services.notifications.domain.rule import CHANNELS, RECIPIENTS, SEVERITIES, Condition, Rule
from services.notifications.domain.rulebook import DECIDER, checked
from services.notifications.tests.facts import NOW
from shared.kernel.errors import Malformed
from shared.testing.given import Given

given = Given(DECIDER)
RULES = {rule.rule_id: rule for rule in BUILT_IN}
HELD = RULES["order-held-credit"]
OWN = replace(HELD, rule_id="own")


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.rule_id)
def test_a_built_in_rule_is_sound(rule: Rule) -> None:
    assert checked(rule, FACTS) is rule
    assert set(rule.recipients) <= set(RECIPIENTS)
    assert set(rule.channels) <= set(CHANNELS)
    assert rule.severity in SEVERITIES


def test_a_new_rule_begins_with_version_one() -> None:
    given().when(PublishRule(rule=replace(OWN, version=9), at=NOW)).then(
        NotificationRulePublished(rule=OWN)
    )


def test_a_built_in_rule_is_version_one_already() -> None:
    given().when(PublishRule(rule=HELD, at=NOW)).then(
        NotificationRulePublished(rule=replace(HELD, version=2))
    )


def test_the_last_version_is_in_force() -> None:
    quiet = replace(HELD, version=2, enabled=False)
    assert DECIDER.fold([NotificationRulePublished(rule=quiet)])[HELD.rule_id] == quiet


@pytest.mark.parametrize(
    ("rule", "slug"),
    [
        (replace(OWN, on="OrderDreamt"), "rule-fact-unknown"),
        (replace(OWN, closed_by=("OrderDreamt",)), "rule-fact-unknown"),
        (replace(OWN, subject="{dream_id}"), "rule-field-unknown"),
        (replace(OWN, subject="{reasons}"), "rule-field-unknown"),  # what closes it has none
        (replace(OWN, where=(Condition(field="dreams", among=("x",)),)), "rule-field-unknown"),
        (replace(OWN, body=replace(OWN.body, en="{dreams}")), "rule-field-unknown"),
        (replace(OWN, episode="{order_id}"), "rule-episode-twice"),
    ],
)
def test_a_rule_about_what_is_not_there_is_refused(rule: Rule, slug: str) -> None:
    with pytest.raises(Malformed) as refusal:
        checked(rule, FACTS)
    assert refusal.value.slug == slug
