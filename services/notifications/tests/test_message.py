"""A message: raised once, delivered with ids that never change, escalated, acknowledged."""

from dataclasses import replace
from uuid import UUID

from services.notifications.domain.commands import (
    AcknowledgeNotification,
    EscalateNotification,
    Outcome,
    RaiseNotification,
    RecordDeliveries,
)
from services.notifications.domain.events import (
    NotificationAcknowledged,
    NotificationEscalated,
    NotificationRaised,
)
from services.notifications.domain.message import DECIDER, deliveries
from services.notifications.domain.rule import Wording
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


LADDER = ("role:manager", "role:director")
STEEP = replace(raised(), notice=replace(raised().notice, ladder=LADDER))


def escalate(step: int) -> EscalateNotification:
    return EscalateNotification(step=step, at=NOW)


def escalated(step: int, recipient: str) -> NotificationEscalated:
    title = Wording(zh="【升级】订单 o-1 暂挂", en="Escalated: Order o-1 is held")
    return NotificationEscalated(
        notification_id=NUMBER,
        step=step,
        subject="o-1",
        episode="1",
        fact_id=FACT,
        notice=replace(STEEP.notice, recipients=(recipient,), title=title),
    )


def inboxed(step: int, recipient: str) -> NotificationSent:
    number = named("held", "o-1", "1", "inbox", recipient, step)
    return replace(sent("inbox", recipient), delivery_id=number)


def acknowledged(recipient: str) -> NotificationAcknowledged:
    return NotificationAcknowledged(notification_id=NUMBER, recipient=recipient)


MANAGER = escalated(2, LADDER[0]), inboxed(2, LADDER[0])
DIRECTOR = escalated(3, LADDER[1]), inboxed(3, LADDER[1])


def test_what_nobody_answers_goes_up_rung_by_rung() -> None:
    given(STEEP, *INBOX).when(escalate(1)).then(*MANAGER)
    given(STEEP, *INBOX, *MANAGER).when(escalate(2)).then(*DIRECTOR)
    given(STEEP, *INBOX, *MANAGER, *DIRECTOR).when(escalate(3)).then()


def test_a_step_that_is_over_escalates_nothing() -> None:
    given(STEEP, *INBOX, *MANAGER).when(escalate(1)).then()
    given(raised(), *INBOX).when(escalate(1)).then()
    given().when(escalate(1)).then()


def test_an_answer_of_ours_stops_it_and_a_partners_does_not() -> None:
    given(STEEP, *INBOX, acknowledged(FINANCE)).when(escalate(1)).then()
    given(STEEP, *INBOX, acknowledged(PARTNER)).when(escalate(1)).then(*MANAGER)
    given(STEEP, *INBOX, *MANAGER, acknowledged(LADDER[0])).when(escalate(2)).then()


def test_where_only_a_partner_was_told_its_answer_stops_it() -> None:
    theirs = replace(STEEP, notice=replace(STEEP.notice, recipients=(PARTNER,)))
    given(theirs, INBOX[0], acknowledged(PARTNER)).when(escalate(1)).then()


def test_whoever_was_told_later_may_acknowledge_too() -> None:
    command = AcknowledgeNotification(recipient=LADDER[0], at=NOW)
    given(STEEP, *INBOX, *MANAGER).when(command).then(acknowledged(LADDER[0]))
    given(STEEP, *INBOX).when(command).refused("notification-not-found")


def test_a_delivery_that_failed_may_be_made_after_all() -> None:
    failed = NotificationFailed(
        rule="held",
        subject="o-1",
        recipient=PARTNER,
        channel="log",
        delivery_id=delivery("log", PARTNER),
        reason="x",
    )
    made = RecordDeliveries(outcomes=(outcome(PARTNER),), at=NOW)
    again = RecordDeliveries(outcomes=(outcome(PARTNER, "x"),), at=NOW)
    given(raised(), *INBOX, failed).when(made).then(sent("log", PARTNER))
    given(raised(), *INBOX, failed).when(again).then()
    given(raised(), *INBOX, failed, sent("log", PARTNER)).when(again).then()
