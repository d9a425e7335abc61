"""A delivery to an endpoint: planned, ready, tried, waiting for another try, delivered or dead."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from services.notifications.domain.outgoing.commands import (
    DeliveryCommand,
    PlanDelivery,
    PostponeDelivery,
    RecordAttempt,
    RequestRedelivery,
    ResumeDelivery,
)
from services.notifications.domain.outgoing.events import (
    DeliveryAttempted,
    DeliveryEvent,
    DeliveryPlanned,
    DeliveryPostponed,
    DeliveryResumed,
    RedeliveryRequested,
)
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider, corrupt
from shared.kernel.errors import NotFound

PAUSES = tuple(
    timedelta(seconds=s) for s in (5, 60, 300, 1_800, 7_200, 21_600, 57_600)
)  # together longer than an endpoint may fail (`endpoint.LONG`), so dead means disabled
TRIES = len(PAUSES) + 1
SPREAD = 5  # a pause grows by up to a fifth, so that those who failed together do not return so

Phase = Literal["ready", "waiting", "delivered", "dead"]


@dataclass(frozen=True, slots=True)
class Unplanned: ...


@dataclass(frozen=True, slots=True)
class Planned:
    """`tries` are those since somebody asked for it last, `attempts` all; `asked`: for now."""

    fact: DeliveryPlanned
    phase: Phase = "ready"
    tries: int = 0
    attempts: int = 0
    asked: bool = False
    reason: str = ""


State = Unplanned | Planned


def decide(command: DeliveryCommand, delivery: State) -> list[DeliveryEvent]:
    match delivery, command:
        case Unplanned(), PlanDelivery():
            return [planned(command)]
        case Planned(phase="ready"), RecordAttempt():
            return [attempted(delivery, command)]
        case Planned(phase="ready"), PostponeDelivery():
            return [postponed(delivery, command)]
        case Planned(phase="waiting"), ResumeDelivery():
            return [DeliveryResumed(delivery_id=delivery.fact.delivery_id)]
        case Planned(phase="waiting" | "delivered" | "dead"), RequestRedelivery():
            return [RedeliveryRequested(delivery_id=delivery.fact.delivery_id)]
        case Unplanned(), RequestRedelivery():
            raise NotFound("delivery-not-found")
        case _:
            return []


def planned(command: PlanDelivery) -> DeliveryPlanned:
    return DeliveryPlanned(
        delivery_id=command.delivery_id,
        endpoint_id=command.endpoint_id,
        owner=command.owner,
        partner_id=command.partner_id,
        channel=command.channel,
        items=command.items,
        about=command.about,
    )


def attempted(delivery: Planned, command: RecordAttempt) -> DeliveryAttempted:
    again = command.outcome == "failed" and delivery.tries < len(PAUSES)
    number = delivery.fact.delivery_id
    return DeliveryAttempted(
        delivery_id=number,
        endpoint_id=delivery.fact.endpoint_id,
        number=delivery.attempts + 1,
        outcome=command.outcome,
        reason=command.reason,
        status=command.status,
        took_ms=command.took_ms,
        retry_at=command.at + pause(number, delivery.tries) if again else None,
    )


def postponed(delivery: Planned, command: PostponeDelivery) -> DeliveryPostponed:
    return DeliveryPostponed(
        delivery_id=delivery.fact.delivery_id, reason=command.reason, until=command.until
    )


def pause(delivery_id: UUID, tries: int) -> timedelta:
    """Before the next try; the jitter comes from the id, so that a decision can be repeated."""
    whole = PAUSES[tries]
    return whole + whole / SPREAD * (named(delivery_id, tries).int % 1_000) / 1_000


def evolve(delivery: State, fact: DeliveryEvent) -> State:
    match delivery, fact:
        case Unplanned(), DeliveryPlanned():
            return Planned(fact)
        case Planned(), DeliveryPostponed():
            return replace(delivery, phase="waiting", reason=fact.reason)
        case Planned(), DeliveryAttempted():
            return replace(
                delivery,
                phase=phase(fact.outcome, fact.retry_at),
                tries=delivery.tries + 1,
                attempts=fact.number,
                reason=fact.reason,
            )
        case Planned(), DeliveryResumed():
            return replace(delivery, phase="ready", reason="")
        case Planned(), RedeliveryRequested():
            return replace(delivery, phase="ready", tries=0, asked=True, reason="")
        case _:
            raise corrupt(delivery, fact)


def phase(outcome: str, retry_at: datetime | None) -> Phase:
    if outcome == "delivered":
        return "delivered"
    return "waiting" if retry_at else "dead"


def delivery_stream(delivery_id: UUID) -> str:
    return f"notifications.delivery-{delivery_id}"


DECIDER: Decider[DeliveryCommand, State, DeliveryEvent] = Decider(decide, evolve, Unplanned())
DELIVERY = Aggregate(name="delivery", decider=DECIDER, facts=get_args(DeliveryEvent))
