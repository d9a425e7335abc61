"""A delivery is tried until it is delivered or dead; an endpoint fails, recovers, is disabled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.notifications.domain.outgoing import delivery, endpoint
from services.notifications.domain.outgoing.commands import (
    DeliveryCommand,
    DisableEndpoint,
    EnableEndpoint,
    NoteAttempt,
    PlanDelivery,
    PostponeDelivery,
    RecordAttempt,
    RegisterEndpoint,
    ReplaceSecret,
    RequestRedelivery,
    ResumeDelivery,
)
from services.notifications.domain.outgoing.delivery import PAUSES, SPREAD, TRIES, Planned, pause
from services.notifications.domain.outgoing.endpoint import LONG, OVERLAP
from services.notifications.domain.outgoing.events import (
    DeliveryAttempted,
    DeliveryEvent,
    DeliveryPlanned,
    DeliveryPostponed,
    DeliveryResumed,
    EndpointDisabled,
    EndpointEnabled,
    EndpointFailed,
    EndpointRecovered,
    EndpointRegistered,
    EndpointSecretReplaced,
    Item,
    RedeliveryRequested,
)
from services.notifications.domain.rule import Wording
from services.notifications.tests.facts import NOW
from shared.testing.given import Given

given, registered_as = Given(delivery.DECIDER), Given(endpoint.DECIDER)
NUMBER, PERSON, OTHER = UUID(int=7), UUID(int=1), UUID(int=2)
ITEM = Item(
    notification_id=UUID(int=9),
    rule="held",
    subject="o-1",
    episode="1",
    severity="warning",
    heading=Wording(zh="订单", en="Order"),
    body=Wording(zh="信用", en="credit"),
    fact_id=UUID(int=3),
    raised_at=NOW,
)
OF: dict[str, Any] = {
    "endpoint_id": "erp",
    "owner": "partner:acme",
    "partner_id": "acme",
    "channel": "webhook",
}
PLAN = PlanDelivery(delivery_id=NUMBER, items=(ITEM,), about=None, at=NOW, **OF)
PLANNED = DeliveryPlanned(delivery_id=NUMBER, items=(ITEM,), **OF)
RESUMED = DeliveryResumed(delivery_id=NUMBER)


def attempt(outcome: str = "failed", reason: str = "x", at: datetime = NOW) -> RecordAttempt:
    return RecordAttempt(outcome=outcome, reason=reason, status=None, took_ms=3, at=at)


def attempted(
    number: int, outcome: str = "failed", retry_at: datetime | None = None, reason: str = "x"
) -> DeliveryAttempted:
    return DeliveryAttempted(
        delivery_id=NUMBER,
        endpoint_id="erp",
        number=number,
        outcome=outcome,
        reason=reason,
        status=None,
        took_ms=3,
        retry_at=retry_at,
    )


def test_it_is_planned_once() -> None:
    given().when(PLAN).then(PLANNED)
    given(PLANNED).when(PLAN).then()


def test_a_failure_waits_for_the_next_try() -> None:
    due = NOW + pause(NUMBER, 0)
    given(PLANNED).when(attempt()).then(attempted(1, retry_at=due))
    given(PLANNED, attempted(1, retry_at=due)).when(ResumeDelivery(at=due)).then(RESUMED)


def test_success_ends_it() -> None:
    given(PLANNED).when(attempt("delivered", "")).then(attempted(1, "delivered", reason=""))
    given(PLANNED, attempted(1, "delivered")).when(ResumeDelivery(at=NOW)).then()


@pytest.mark.parametrize("outcome", ["refused", "gone"])
def test_what_never_will_is_not_tried_again(outcome: str) -> None:
    given(PLANNED).when(attempt(outcome)).then(attempted(1, outcome))


def test_a_result_that_comes_twice_counts_once() -> None:
    waiting = attempted(1, retry_at=NOW)
    for known in (waiting, attempted(1, "delivered"), attempted(1, "refused")):
        given(PLANNED, known).when(attempt()).then()


def test_after_the_last_try_it_is_dead_until_somebody_asks() -> None:
    history: list[DeliveryEvent] = [PLANNED]
    for n in range(1, TRIES):
        history += [attempted(n, retry_at=NOW), RESUMED]
    given(*history).when(attempt()).then(attempted(TRIES))
    dead = [*history, attempted(TRIES)]
    given(*dead).when(RequestRedelivery(at=NOW)).then(RedeliveryRequested(delivery_id=NUMBER))
    asked = [*dead, RedeliveryRequested(delivery_id=NUMBER)]
    due = NOW + pause(NUMBER, 0)
    given(*asked).when(attempt()).then(attempted(TRIES + 1, retry_at=due))


def test_quiet_hours_postpone_it() -> None:
    postponed = DeliveryPostponed(delivery_id=NUMBER, reason="quiet-hours", until=NOW)
    quiet = PostponeDelivery(reason="quiet-hours", until=NOW, at=NOW)
    given(PLANNED).when(quiet).then(postponed)
    given(PLANNED, postponed).when(quiet).then()
    given(PLANNED, postponed).when(ResumeDelivery(at=NOW)).then(RESUMED)
    given(PLANNED, postponed).when(attempt()).then()


def test_of_nothing_nothing_can_be_asked() -> None:
    given().when(RequestRedelivery(at=NOW)).refused("delivery-not-found")
    given().when(attempt()).then()
    given(PLANNED).when(RequestRedelivery(at=NOW)).then()  # it is about to go anyway


def test_pauses_grow_and_are_spread_and_outlast_an_endpoint() -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert sum(PAUSES, timedelta()) >= LONG
    found = {pause(UUID(int=n), 0) for n in range(100)}
    assert len(found) > 50
    assert all(PAUSES[0] <= one <= PAUSES[0] * (SPREAD + 1) / SPREAD for one in found)
    assert pause(NUMBER, 3) == pause(NUMBER, 3)


COMMANDS: list[DeliveryCommand] = [
    PLAN,
    attempt(),
    attempt("delivered", ""),
    attempt("gone"),
    PostponeDelivery(reason="quiet-hours", until=NOW, at=NOW),
    ResumeDelivery(at=NOW),
    RequestRedelivery(at=NOW),
]


@for_all(st.lists(st.sampled_from(COMMANDS), max_size=40))
def test_whatever_comes_it_is_ready_or_waits_for_a_time_or_is_done(
    commands: Sequence[DeliveryCommand],
) -> None:
    history: list[DeliveryEvent] = [PLANNED]
    for command in commands:
        history += delivery.DECIDER.decide(command, delivery.DECIDER.fold(history))
    state = delivery.DECIDER.fold(history)
    assert isinstance(state, Planned)
    assert state.tries <= TRIES
    last = [one for one in history if not isinstance(one, DeliveryPlanned)][-1:]
    timed = [
        one
        for one in last
        if isinstance(one, DeliveryPostponed)
        or (isinstance(one, DeliveryAttempted) and one.retry_at)
    ]
    assert (state.phase == "waiting") == bool(timed)


REGISTER = RegisterEndpoint(person_id=PERSON, least="info", at=NOW, **OF)
REGISTERED = EndpointRegistered(person_id=PERSON, least="info", **OF)
FAILED = EndpointFailed(endpoint_id="erp", reason="x", since=NOW)


def disabled(reason: str, number: int = 1) -> EndpointDisabled:
    return EndpointDisabled(reason=reason, number=number, **OF)


def note(outcome: str, after: timedelta = timedelta()) -> NoteAttempt:
    return NoteAttempt(outcome=outcome, reason="x", at=NOW + after)


def test_an_endpoint_is_registered_once() -> None:
    registered_as().when(REGISTER).then(REGISTERED)
    registered_as(REGISTERED).when(REGISTER).refused("endpoint-exists")


def test_only_turns_are_noted() -> None:
    registered_as(REGISTERED).when(note("delivered")).then()
    registered_as(REGISTERED).when(note("failed")).then(FAILED)
    registered_as(REGISTERED, FAILED).when(note("failed", timedelta(hours=1))).then()
    registered_as(REGISTERED, FAILED).when(note("delivered")).then(
        EndpointRecovered(endpoint_id="erp")
    )


def test_without_success_for_too_long_it_is_disabled() -> None:
    short = LONG - timedelta(seconds=1)
    registered_as(REGISTERED, FAILED).when(note("failed", short)).then()
    registered_as(REGISTERED, FAILED).when(note("failed", LONG)).then(disabled("failing"))
    recovered = REGISTERED, FAILED, EndpointRecovered(endpoint_id="erp")
    registered_as(*recovered).when(note("failed", LONG)).then(
        EndpointFailed(endpoint_id="erp", reason="x", since=NOW + LONG)
    )


def test_enabled_again_it_begins_anew() -> None:
    enabled = EndpointEnabled(endpoint_id="erp")
    off = REGISTERED, FAILED, disabled("failing")
    registered_as(*off).when(note("failed", LONG)).then()
    registered_as(*off).when(EnableEndpoint(at=NOW)).then(enabled)
    registered_as(*off, enabled).when(note("gone")).then(disabled("gone", 2))
    registered_as(REGISTERED).when(EnableEndpoint(at=NOW)).then()
    registered_as(REGISTERED).when(DisableEndpoint(at=NOW)).then(disabled("asked"))


def test_a_replaced_secret_overlaps_for_a_day() -> None:
    replaced = EndpointSecretReplaced(
        endpoint_id="erp", person_id=OTHER, overlaps_until=NOW + OVERLAP
    )
    registered_as(REGISTERED).when(ReplaceSecret(person_id=OTHER, at=NOW)).then(replaced)
    state = endpoint.DECIDER.fold([REGISTERED, replaced])
    assert isinstance(state, endpoint.Endpoint)
    assert state.people(NOW) == (OTHER, PERSON)
    assert state.people(NOW + OVERLAP) == (OTHER,)


def test_a_robot_has_no_secret_of_ours() -> None:
    robot = EndpointRegistered(person_id=PERSON, **(OF | {"channel": "wecom"}))
    registered_as(robot).when(ReplaceSecret(person_id=OTHER, at=NOW)).refused("endpoint-unsigned")
    registered_as().when(ReplaceSecret(person_id=OTHER, at=NOW)).refused("endpoint-not-found")
