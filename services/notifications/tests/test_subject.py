"""One episode, one message: whatever order the facts come in."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from random import Random
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.notifications.domain.commands import NoteOccurrence
from services.notifications.domain.events import EpisodeStarted, Notice, OccurrenceNoted
from services.notifications.domain.subject import DECIDER, SubjectEvent, stands
from services.notifications.tests.facts import NOW, notice
from shared.testing.given import Given

given = Given(DECIDER)
HELD, FREE = "held", "free"


def note(n: int, *opened: Notice, closed: tuple[str, ...] = ()) -> NoteOccurrence:
    """The n-th fact about the order, by the clock of `orders`."""
    return NoteOccurrence(
        subject="o-1",
        fact_id=UUID(int=n),
        fact="OrderHeld" if opened else "OrderReleased",
        recorded_at=NOW + timedelta(minutes=n),
        sequence=n,
        opened=opened,
        closed=closed,
        at=NOW,
    )


def noted(n: int, *opened: Notice, closed: tuple[str, ...] = ()) -> OccurrenceNoted:
    asked = note(n, *opened, closed=closed)
    return OccurrenceNoted(
        subject=asked.subject,
        fact_id=asked.fact_id,
        fact=asked.fact,
        recorded_at=asked.recorded_at,
        sequence=asked.sequence,
        opened=asked.opened,
        closed=asked.closed,
    )


def started(episode: str, n: int, told: Notice | None = None) -> EpisodeStarted:
    return EpisodeStarted(
        subject="o-1", episode=episode, fact_id=UUID(int=n), notice=told or notice()
    )


def test_the_first_opening_starts_an_episode() -> None:
    given().when(note(1, notice())).then(noted(1, notice()), started("1", 1))


def test_a_second_opening_belongs_to_the_same_episode() -> None:
    given(noted(1, notice()), started("1", 1)).when(note(2, notice())).then(noted(2, notice()))


def test_after_a_closing_there_is_another_episode() -> None:
    history = noted(1, notice()), started("1", 1), noted(2, closed=(HELD,))
    given(*history).when(note(3, notice())).then(noted(3, notice()), started("2", 3))


def test_a_fact_told_twice_is_noted_once() -> None:
    given(noted(1, notice()), started("1", 1)).when(note(1, notice())).then()


def test_a_closing_that_comes_late_shows_the_episode_it_ended() -> None:
    history = noted(1, notice()), started("1", 1), noted(3, notice())
    given(*history).when(note(2, closed=(HELD,))).then(noted(2, closed=(HELD,)), started("2", 3))


def test_an_opening_that_comes_late_is_part_of_what_was_told() -> None:
    given(noted(2, notice()), started("1", 2)).when(note(1, notice())).then(noted(1, notice()))


def test_an_opening_that_comes_after_its_closing_is_still_told() -> None:
    given(noted(2, closed=(HELD,))).when(note(1, notice())).then(
        noted(1, notice()), started("1", 1)
    )


def test_rules_do_not_close_each_other() -> None:
    other = notice("large")
    history = noted(1, notice(), other), started("1", 1), started("1", 1, other)
    given(*history, noted(2, closed=("large",))).when(note(3, notice(), other)).then(
        noted(3, notice(), other), started("2", 3, other)
    )


def test_a_named_episode_is_told_once_per_name() -> None:
    first, second = notice(key="1"), notice(key="2")
    history = noted(1, first), started("1", 1, first)
    given(*history).when(note(2, second)).then(noted(2, second), started("2", 2, second))
    given(*history).when(note(3, first)).then(noted(3, first))


@for_all(st.lists(st.sampled_from([HELD, FREE]), max_size=8), st.randoms(use_true_random=False))
def test_every_run_of_openings_is_told_once_in_any_order_of_arrival(
    story: list[str], random: Random
) -> None:
    told = [
        note(n, notice()) if what == HELD else note(n, closed=(HELD,))
        for n, what in enumerate(story, start=1)
    ]
    arriving = [*told, *random.choices(told, k=2)] if told else []
    random.shuffle(arriving)
    runs = [what for what, _ in groupby(story) if what == HELD]
    assert sorted(episodes(arriving)) == [str(n) for n in range(1, len(runs) + 1)]


def episodes(commands: Sequence[NoteOccurrence]) -> list[str]:
    history: list[SubjectEvent] = []
    for command in commands:
        history += DECIDER.decide(command, DECIDER.fold(history))
    return [fact.episode for fact in history if isinstance(fact, EpisodeStarted)]


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ((), True),
        ((noted(2, notice()),), True),
        ((noted(2, closed=(HELD,)),), False),
        ((noted(2, closed=("large",)),), True),
        ((noted(2, closed=(HELD,)), noted(3, notice()), started("2", 3)), False),
    ],
)
def test_an_episode_stands_until_it_is_closed(
    more: Sequence[SubjectEvent], standing: bool
) -> None:
    subject = DECIDER.fold([noted(1, notice()), started("1", 1), *more])
    assert stands(subject, notice(), UUID(int=1)) is standing


def test_a_named_episode_stands() -> None:
    first = notice(key="1")
    subject = DECIDER.fold([noted(1, first), started("1", 1, first), noted(2, closed=(HELD,))])
    assert stands(subject, first, UUID(int=1))
