"""From a fact of others to a delivery: each reaction by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notifications.domain.commands import NoteOccurrence, RecordDeliveries
from services.notifications.domain.events import NotificationAcknowledged, NotificationRaised
from services.notifications.domain.message import MessageEvent, message_stream
from services.notifications.domain.rulebook import DECIDER as RULEBOOK
from services.notifications.domain.subject import subject_stream
from services.notifications.policies import HEARD, note
from services.notifications.processes.raising import deliver, raise_
from services.notifications.projections import INBOXES
from services.notifications.tests.facts import NOW, held, sealed
from services.notifications.tests.test_message import (
    FINANCE,
    INBOX,
    NUMBER,
    PARTNER,
    delivery,
    raised,
    sent,
)
from services.notifications.tests.test_subject import started
from shared.contracts.event import Envelope
from shared.kernel.errors import PortFailed, Refused
from shared.kernel.ports import Document, Page, Query

STREAM = message_stream(NUMBER)


class Rules:
    """A reader that knows the built-in rules."""

    async def fold(self, stream: str) -> Any:
        return RULEBOOK.initial

    async def facts(self, stream: str) -> Sequence[tuple[Any, Envelope]]:
        return []

    async def find(self, view: str, query: Query) -> Page:
        return Page(())

    async def get(self, view: str, key: str) -> Document | None:
        return None


@dataclass
class Letterbox:
    """A channel that keeps what it is given, and refuses or fails when it is told to."""

    refuses: str = ""
    fails: bool = False
    letters: list[tuple[UUID, str, str]] = field(default_factory=list)

    async def send(self, delivery_id: UUID, recipient: str, title: str, body: str) -> None:
        if self.fails:
            raise PortFailed("the letterbox is full")
        if recipient == self.refuses:
            raise Refused("recipient-unknown")
        self.letters.append((delivery_id, recipient, title))


async def test_what_happens_to_an_order_is_noted_with_the_order() -> None:
    ((stream, command),) = await note(held(), sealed(held(), 7), Rules())
    assert stream == subject_stream("o-1")
    assert isinstance(command, NoteOccurrence)
    assert (command.sequence, command.recorded_at) == (7, NOW + timedelta(seconds=7))
    assert [one.rule for one in command.opened] == ["order-held-credit"]


async def test_history_is_not_even_noted() -> None:
    for late in (timedelta(days=40), timedelta(days=4_000)):
        assert list(await note(held(), sealed(held(), late=late), Rules())) == []


def test_every_fact_is_heard_once() -> None:
    assert len({fact.__name__ for fact in HEARD}) == len(HEARD)


async def test_an_episode_becomes_a_message_of_its_own() -> None:
    ((stream, _),) = await raise_(started("1", 1), sealed(started("1", 1)), Rules())
    ((other, _),) = await raise_(started("2", 1), sealed(started("2", 1)), Rules())
    assert (stream, stream == other) == (STREAM, False)


async def test_a_message_goes_out_by_every_channel_but_the_inbox() -> None:
    box = Letterbox()
    ((stream, command),) = await deliver(raised(), sealed(raised(), subject=STREAM), {"log": box})
    assert box.letters == [
        (delivery("log", PARTNER), PARTNER, "订单 o-1 暂挂"),
        (delivery("log", FINANCE), FINANCE, "订单 o-1 暂挂"),
    ]
    assert stream == STREAM
    assert isinstance(command, RecordDeliveries)
    assert {outcome.reason for outcome in command.outcomes} == {None}


async def test_a_refused_recipient_does_not_keep_the_others_waiting() -> None:
    box = Letterbox(refuses=PARTNER)
    ((_, command),) = await deliver(raised(), sealed(raised()), {"log": box})
    assert isinstance(command, RecordDeliveries)
    assert [one.reason for one in command.outcomes] == ["recipient-unknown", None]


async def test_a_channel_that_is_not_there_is_a_failed_delivery() -> None:
    ((_, command),) = await deliver(raised(), sealed(raised()), {})
    assert isinstance(command, RecordDeliveries)
    assert {one.reason for one in command.outcomes} == {"channel-unavailable"}


async def test_a_channel_that_fails_is_not_the_facts_fault() -> None:
    with pytest.raises(PortFailed):
        await deliver(raised(), sealed(raised()), {"log": Letterbox(fails=True)})


async def test_what_is_only_for_the_inbox_goes_nowhere() -> None:
    assert list(await deliver(raised(("inbox",)), sealed(raised()), {"log": Letterbox()})) == []


def test_the_inbox_has_a_document_for_each_recipient() -> None:
    rows = folded(raised(), *INBOX, sent("log", PARTNER))
    mine, finances = rows[f"{STREAM}/{PARTNER}"], rows[f"{STREAM}/{FINANCE}"]
    assert (mine["recipient"], mine["partner_id"]) == (PARTNER, "acme")
    assert (finances["recipient"], finances["partner_id"]) == (FINANCE, None)
    assert set(mine["deliveries"]) == {"inbox", "log"}
    assert set(finances["deliveries"]) == {"inbox"}


def test_an_acknowledgement_is_one_recipients() -> None:
    fact = NotificationAcknowledged(notification_id=NUMBER, recipient=PARTNER)
    rows = folded(raised(), *INBOX, fact)
    assert rows[f"{STREAM}/{PARTNER}"]["acknowledged_at"] is not None
    assert rows[f"{STREAM}/{FINANCE}"]["acknowledged_at"] is None


def test_a_message_that_is_only_logged_is_in_no_inbox() -> None:
    assert folded(raised(("log",)), sent("log", PARTNER)) == {}


def folded(*facts: MessageEvent) -> dict[str, Document]:
    rows: dict[str, Document | None] = {}
    for fact in facts:
        envelope = sealed(fact)._replace(subject=STREAM)
        for key in INBOXES.keys(fact, envelope):
            rows[key] = INBOXES.fold(key, rows.get(key), fact, envelope)
    assert isinstance(facts[0], NotificationRaised)
    return {key: row for key, row in rows.items() if row is not None}
