"""A message: raised once, delivered with ids that never change, acknowledged."""

from uuid import UUID

from services.notifications.domain.commands import (
    AcknowledgeNotification,
    Outcome,
    RaiseNotification,
    RecordDeliveries,
)
from services.notifications.domain.events import NotificationAcknowledged, NotificationRaised
from services.notifications.domain.message import DECIDER, deliveries
from services.notifications.tests.facts import NOW, notice
from shared.contracts.ids import named
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.testing.given import Given

given = Given(DECIDER)
NUMBER, FACT = named("held", "o-1", "1"), UUID(int=1)
PARTNER, FINANCE = "partner:acme", "role:finance"


def raise_(channels: tuple[str, ...] = ("inbox", "log")) -> RaiseNotification:
    return RaiseNotification(
        notification_id=NUMBER,
        subject="o-1",
        episode="1",
        fact_id=FACT,
        notice=notice(channels=channels),
        at=NOW,
    )


def raised(channels: tuple[str, ...] = ("inbox", "log")) -> NotificationRaised:
    return NotificationRaised(
        notification_id=NUMBER,
        subject="o-1",
        episode="1",
        fact_id=FACT,
        notice=notice(channels=channels),
    )


def delivery(channel: str, recipient: str) -> UUID:
    return named("held", "o-1", "1", channel, recipient, 1)


def sent(channel: str, recipient: str) -> NotificationSent:
    return NotificationSent(
        rule="held",
        subject="o-1",
        recipient=recipient,
        channel=channel,
        delivery_id=delivery(channel, recipient),
    )


def outcome(recipient: str, reason: str | None = None) -> Outcome:
    number = delivery("log", recipient)
    return Outcome(channel="log", recipient=recipient, delivery_id=number, reason=reason)


INBOX = sent("inbox", PARTNER), sent("inbox", FINANCE)


def test_a_message_lies_in_every_inbox_at_once() -> None:
    given().when(raise_()).then(raised(), *INBOX)


def test_a_rule_without_inbox_only_raises() -> None:
    given().when(raise_(("log",))).then(raised(("log",)))


def test_a_message_is_raised_once() -> None:
    given(raised(), *INBOX).when(raise_()).then()


def test_deliveries_are_recorded_once() -> None:
    both = RecordDeliveries(outcomes=(outcome(PARTNER), outcome(FINANCE)), at=NOW)
    given(raised(), *INBOX).when(both).then(sent("log", PARTNER), sent("log", FINANCE))
    given(raised(), *INBOX, sent("log", PARTNER)).when(both).then(sent("log", FINANCE))


def test_a_delivery_that_was_refused_says_why() -> None:
    refused = RecordDeliveries(outcomes=(outcome(PARTNER, "recipient-unknown"),), at=NOW)
    given(raised(), *INBOX).when(refused).then(
        NotificationFailed(
            rule="held",
            subject="o-1",
            recipient=PARTNER,
            channel="log",
            delivery_id=delivery("log", PARTNER),
            reason="recipient-unknown",
        )
    )


def test_deliveries_of_nothing_are_nothing() -> None:
    given().when(RecordDeliveries(outcomes=(outcome(PARTNER),), at=NOW)).then()


def test_delivery_ids_are_computed() -> None:
    assert [one.delivery_id for one in deliveries(raised(), "log")] == [
        delivery("log", PARTNER),
        delivery("log", FINANCE),
    ]
    assert deliveries(raised(("inbox",)), "log") == []


def test_a_recipient_acknowledges_once() -> None:
    fact = NotificationAcknowledged(notification_id=NUMBER, recipient=PARTNER)
    acknowledge = AcknowledgeNotification(recipient=PARTNER, at=NOW)
    given(raised(), *INBOX).when(acknowledge).then(fact)
    given(raised(), *INBOX, fact).when(acknowledge).then()


def test_a_message_to_others_is_as_good_as_none() -> None:
    other = AcknowledgeNotification(recipient="partner:rival", at=NOW)
    given(raised(), *INBOX).when(other).refused("notification-not-found")
    given().when(other).refused("notification-not-found")
