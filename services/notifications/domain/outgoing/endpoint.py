"""An endpoint: registered, maybe failing, disabled when it fails for too long, enabled again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

from services.notifications.domain.outgoing.commands import (
    DisableEndpoint,
    EnableEndpoint,
    EndpointCommand,
    NoteAttempt,
    RegisterEndpoint,
    ReplaceSecret,
)
from services.notifications.domain.outgoing.events import (
    EndpointDisabled,
    EndpointEnabled,
    EndpointEvent,
    EndpointFailed,
    EndpointRecovered,
    EndpointRegistered,
    EndpointSecretReplaced,
)
from shared.kernel.decider import Aggregate, Decider, corrupt
from shared.kernel.errors import NotFound, Refused

LONG = timedelta(hours=24)  # without a single success, and it is disabled
OVERLAP = timedelta(hours=24)  # in which a replaced secret still signs
WEBHOOK, MAIL = "webhook", "mail"
ROBOTS = ("wecom", "dingtalk", "feishu")
KINDS = (WEBHOOK, MAIL, *ROBOTS)
MACHINES = (WEBHOOK,)  # know no quiet hours, and want no digest


@dataclass(frozen=True, slots=True)
class Unregistered: ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`failing_since` is the business time of the first failure after the last success."""

    fact: EndpointRegistered
    person_id: UUID
    previous: UUID | None = None
    overlaps_until: datetime | None = None
    enabled: bool = True
    failing_since: datetime | None = None
    disabled: int = 0

    def people(self, now: datetime) -> tuple[UUID, ...]:
        """Under which its secrets are known: the present one, and one that still overlaps."""
        overlaps = self.overlaps_until and now < self.overlaps_until
        return (self.person_id, self.previous) if overlaps and self.previous else (self.person_id,)


State = Unregistered | Endpoint


def decide(command: EndpointCommand, endpoint: State) -> list[EndpointEvent]:
    match endpoint, command:
        case Unregistered(), RegisterEndpoint():
            return [registered(command)]
        case Endpoint(), RegisterEndpoint():
            raise Refused("endpoint-exists", "give it another id, or change the one there is")
        case Unregistered(), _:
            raise NotFound("endpoint-not-found")
        case Endpoint(enabled=True), NoteAttempt():
            return noted(endpoint, command)
        case Endpoint(), ReplaceSecret():
            return [replaced(endpoint, command)]
        case Endpoint(enabled=True), DisableEndpoint():
            return [disabled(endpoint, "asked")]
        case Endpoint(enabled=False), EnableEndpoint():
            return [EndpointEnabled(endpoint_id=endpoint.fact.endpoint_id)]
        case _:
            return []


def registered(command: RegisterEndpoint) -> EndpointRegistered:
    return EndpointRegistered(
        endpoint_id=command.endpoint_id,
        owner=command.owner,
        partner_id=command.partner_id,
        channel=command.channel,
        person_id=command.person_id,
        least=command.least,
    )


def replaced(endpoint: Endpoint, command: ReplaceSecret) -> EndpointSecretReplaced:
    if endpoint.fact.channel != WEBHOOK:
        raise Refused("endpoint-unsigned", "only webhooks have a secret of ours")
    return EndpointSecretReplaced(
        endpoint_id=endpoint.fact.endpoint_id,
        person_id=command.person_id,
        overlaps_until=command.at + OVERLAP,
    )


def noted(endpoint: Endpoint, command: NoteAttempt) -> list[EndpointEvent]:
    since, number = endpoint.failing_since, endpoint.fact.endpoint_id
    match command.outcome:
        case "gone":
            return [disabled(endpoint, "gone")]
        case "delivered":
            return [EndpointRecovered(endpoint_id=number)] if since else []
        case _ if since is None:
            return [EndpointFailed(endpoint_id=number, reason=command.reason, since=command.at)]
        case _ if command.at - since >= LONG:
            return [disabled(endpoint, "failing")]
    return []


def disabled(endpoint: Endpoint, reason: str) -> EndpointDisabled:
    return EndpointDisabled(
        endpoint_id=endpoint.fact.endpoint_id,
        owner=endpoint.fact.owner,
        partner_id=endpoint.fact.partner_id,
        channel=endpoint.fact.channel,
        reason=reason,
        number=endpoint.disabled + 1,
    )


def evolve(endpoint: State, fact: EndpointEvent) -> State:
    match endpoint, fact:
        case Unregistered(), EndpointRegistered():
            return Endpoint(fact, fact.person_id)
        case Endpoint(), EndpointSecretReplaced():
            return replace(
                endpoint,
                person_id=fact.person_id,
                previous=endpoint.person_id,
                overlaps_until=fact.overlaps_until,
            )
        case Endpoint(), EndpointFailed():
            return replace(endpoint, failing_since=fact.since)
        case Endpoint(), EndpointRecovered():
            return replace(endpoint, failing_since=None)
        case Endpoint(), EndpointDisabled():
            return replace(endpoint, enabled=False, disabled=fact.number)
        case Endpoint(), EndpointEnabled():
            return replace(endpoint, enabled=True, failing_since=None)
        case _:
            raise corrupt(endpoint, fact)


def endpoint_stream(endpoint_id: str) -> str:
    return f"notifications.endpoint-{endpoint_id}"


DECIDER: Decider[EndpointCommand, State, EndpointEvent] = Decider(decide, evolve, Unregistered())
ENDPOINT = Aggregate(name="endpoint", decider=DECIDER, facts=get_args(EndpointEvent))
