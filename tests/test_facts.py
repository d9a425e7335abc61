"""What facts, commands and contexts must be: each rule holds, and finds a planted violation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from shared.contracts.event import Event
from shared.contracts.inbound import PaymentReported
from shared.contracts.leads import LeadAccepted, LeadDeclined
from shared.contracts.orders import OrderApproved
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.policy import Policy
from shared.kernel.process import Process
from shared.kernel.projection import Projection
from shared.runtime.context import Context
from tests.architecture import facts as rules
from tests.architecture.sources import contexts, facts, published

CONTEXTS = contexts()
CONTRACT = published()
FACTS = facts()
COMMANDS = [command for context in CONTEXTS for command in rules.commands(context)]
INBOUND = [fact for fact in CONTRACT if fact.__module__ == "shared.contracts.inbound"]

OF_A_FACT: list[Callable[[type[Any]], Iterator[str]]] = [
    rules.facts_are_frozen_values,
    rules.facts_are_noun_and_participle,
    rules.facts_hold_no_floats,
    rules.facts_hold_no_personal_data,
]
OF_A_CONTEXT: list[Callable[[Context], Iterator[str]]] = [
    rules.location_is_visibility,
    rules.names_say_whose,
    rules.own_from_the_store_others_from_the_bus,
]


@pytest.mark.parametrize("rule", OF_A_FACT)
def test_the_rule_holds_for_every_fact(rule: Callable[[type[Any]], Iterator[str]]) -> None:
    assert [found for fact in FACTS for found in rule(fact)] == []


def test_a_fact_name_means_one_thing_in_all_contexts() -> None:
    assert list(rules.names_are_unique(FACTS)) == []


def test_commands_are_values_that_say_when() -> None:
    assert [found for command in COMMANDS for found in rules.commands_say_when(command)] == []


@pytest.mark.parametrize("rule", OF_A_CONTEXT)
def test_the_rule_holds_for_every_context(rule: Callable[[Context], Iterator[str]]) -> None:
    assert [found for context in CONTEXTS for found in rule(context)] == []


def test_what_stands_in_the_contracts_leaves_its_context() -> None:
    """In whatever module of the context's: one that did not would be on no topic, silently."""
    leaving = {name for context in CONTEXTS for name in context.published}
    assert {fact.__name__ for fact in CONTRACT if fact not in INBOUND} - leaving == set()


def test_every_published_fact_is_recorded_by_its_context() -> None:
    found = [rules.what_is_published_is_recorded(context, CONTRACT) for context in CONTEXTS]
    assert [one for several in found for one in several] == []


def test_every_claim_has_one_owner() -> None:
    assert list(rules.every_claim_has_one_owner(CONTEXTS, INBOUND)) == []


# Planted violations.


@dataclass(slots=True, kw_only=True)
class SofteningAllowed(Event):
    lead_id: str


@dataclass(frozen=True, kw_only=True)
class BallastCarried(Event):
    lead_id: str


@dataclass(frozen=True, slots=True)
class OrderMuddled(Event):
    lead_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptLead(Event):
    share: float
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timely:
    at: datetime


@pytest.mark.parametrize(
    ("rule", "fact"),
    [
        (rules.facts_are_frozen_values, SofteningAllowed),
        (rules.facts_are_frozen_values, BallastCarried),
        (rules.facts_are_frozen_values, OrderMuddled),
        (rules.facts_are_noun_and_participle, AcceptLead),
        (rules.facts_hold_no_floats, AcceptLead),
        (rules.facts_hold_no_personal_data, AcceptLead),
        (rules.commands_say_when, AcceptLead),
    ],
)
def test_a_planted_flaw_is_found(
    rule: Callable[[type[Any]], Iterator[str]], fact: type[Any]
) -> None:
    assert list(rule(fact))


def test_a_sound_fact_and_a_sound_command_pass() -> None:
    assert [found for rule in OF_A_FACT for found in rule(LeadAccepted)] == []
    assert list(rules.commands_say_when(Timely)) == []
    assert list(rules.facts_hold_no_personal_data(PaymentReported)) == []


def test_a_name_used_twice_is_found() -> None:
    assert list(rules.names_are_unique([LeadAccepted, LeadAccepted]))


def unmoved(_: Any, __: Any) -> Any:
    return []


async def silent(_: Any, __: Any, ___: Any) -> Any:
    return []


def shaped(name: str, source: Any, *facts: type[Event]) -> Projection[Any]:
    return Projection(name=name, source=source, facts=facts, keys=unmoved, fold=lambda *_: None)


LEAD = Aggregate(name="lead", decider=Decider(unmoved, unmoved, None), facts=(LeadAccepted,))


@pytest.mark.parametrize(
    ("rule", "context"),
    [
        (rules.location_is_visibility, Context(name="orders", aggregates=(LEAD,))),
        (rules.names_say_whose, Context(name="x", projections=[shaped("y.all", "store")])),
        (rules.names_say_whose, Context(name="x", projections=[shaped("x.all", "store")] * 2)),
    ],
)
def test_a_planted_context_is_found(
    rule: Callable[[Context], Iterator[str]], context: Context
) -> None:
    assert list(rule(context))


@pytest.mark.parametrize(
    "wrong",
    [
        {"projections": [shaped("leads.a", "store", OrderApproved)]},
        {"projections": [shaped("leads.a", "bus", LeadAccepted)]},
        {"projections": [shaped("leads.a", "bus", PaymentReported)]},
        {"processes": [Process(name="leads.a", facts=(OrderApproved,), react=silent)]},
        {"policies": [Policy(name="leads.a", facts=(LeadAccepted,), react=silent)]},
    ],
)
def test_a_fact_that_comes_the_wrong_way_is_found(wrong: dict[str, Any]) -> None:
    planted = Context(name="leads", aggregates=(LEAD,), **wrong)
    assert list(rules.own_from_the_store_others_from_the_bus(planted))


def test_a_promise_that_nobody_keeps_is_found() -> None:
    found = rules.what_is_published_is_recorded(
        Context(name="leads", aggregates=(LEAD,)), CONTRACT
    )
    assert f"leads never records {LeadDeclined.__name__}" in list(found)


def test_a_claim_without_an_owner_is_found() -> None:
    assert list(rules.every_claim_has_one_owner([], [PaymentReported]))
