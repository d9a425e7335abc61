"""What the rules make of a fact: per subject, which conditions it opens and which it closes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from services.notifications.domain.events import Notice
from services.notifications.domain.rule import ASKED, CRITICAL, Condition, Rule, Wording
from services.notifications.domain.template import PLACE, filled, looked_up, places, shown
from shared.contracts.approvals import Route

NOBODY_NAMED = "role:director"


@dataclass(frozen=True, slots=True)
class Heard:
    opened: tuple[Notice, ...] = ()
    closed: tuple[str, ...] = ()


def heard(rules: Iterable[Rule], fact: object, age: timedelta) -> Mapping[str, Heard]:
    """Subject → what was heard, rule by rule in the order of their ids, whatever order a map has.

    `age`: how old the fact was when it was recorded.
    """
    found: dict[str, Heard] = {}
    for rule in sorted(rules, key=lambda one: one.rule_id):
        if not rule.enabled or age > timedelta(days=rule.max_age_days):
            continue
        if opens(rule, fact):
            before = found.get(subject := filled(rule.subject, fact), Heard())
            found[subject] = Heard((*before.opened, notice(rule, fact)), before.closed)
        elif closes(rule, fact):
            before = found.get(subject := filled(rule.subject, fact), Heard())
            found[subject] = Heard(before.opened, (*before.closed, rule.rule_id))
    return found


def opens(rule: Rule, fact: object) -> bool:
    return type(fact).__name__ == rule.on and all(holds(one, fact) for one in rule.where)


def closes(rule: Rule, fact: object) -> bool:
    """A named episode is never closed; a fact that could have opened and did not, closes."""
    return rule.episode is None and type(fact).__name__ in {rule.on, *rule.closed_by}


def holds(condition: Condition, fact: object) -> bool:
    value = looked_up(fact, condition.field)
    if condition.present is not None:
        return (value is not None) is condition.present
    if condition.below is not None or condition.above is not None:
        return isinstance(value, Decimal | int) and within(condition, value)
    values = value if isinstance(value, tuple) else (value,)
    return any(shown(each) in condition.among for each in values)


def within(condition: Condition, value: Decimal | int) -> bool:
    below, above = condition.below, condition.above
    return (below is None or value < Decimal(below)) and (above is None or value > Decimal(above))


def notice(rule: Rule, fact: object) -> Notice:
    critical = bool(rule.critical_where) and all(holds(one, fact) for one in rule.critical_where)
    return Notice(
        rule=rule.rule_id,
        version=rule.version,
        key=filled(rule.episode, fact) if rule.episode else None,
        recipients=tuple(dict.fromkeys(recipients(rule, fact))),
        channels=rule.channels,
        severity=CRITICAL if critical else rule.severity,
        title=Wording(zh=filled(rule.title.zh, fact), en=filled(rule.title.en, fact)),
        body=Wording(zh=filled(rule.body.zh, fact), en=filled(rule.body.en, fact)),
        about=about(rule),
        ladder=tuple(filled(each, fact) for each in rule.ladder),
    )


def recipients(rule: Rule, fact: object) -> Iterator[str]:
    """A fact that names no partner is told to none."""
    for each in rule.recipients:
        if each == ASKED:
            yield from asked(looked_up(fact, "route"))
        elif all(looked_up(fact, name) is not None for name in places(each)):
            yield filled(each, fact)


def asked(route: object) -> Iterable[str]:
    if not isinstance(route, Route):
        return [NOBODY_NAMED]
    seats = (seat for step in route.steps for seat in step.seats)
    return [seat for seat in seats if seat.startswith("role:")]


def about(rule: Rule) -> str:
    """The kind of thing that its subject is: `{order_id}` is an order."""
    first = PLACE.search(rule.subject)
    return first[1].partition(".")[0].removesuffix("_id") if first else rule.subject
