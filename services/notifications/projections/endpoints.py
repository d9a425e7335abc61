"""Every endpoint with its standing; where it is, and its secrets, are in nobody's view."""

from collections.abc import Iterable
from typing import get_args

from services.notifications.domain.outgoing.events import (
    EndpointDisabled,
    EndpointEnabled,
    EndpointEvent,
    EndpointFailed,
    EndpointRecovered,
    EndpointRegistered,
    EndpointSecretReplaced,
)
from shared.contracts.event import Envelope
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection


def by_id(fact: EndpointEvent, _: Envelope) -> Iterable[str]:
    return [fact.endpoint_id]


def listed(key: str, row: Document | None, fact: EndpointEvent, envelope: Envelope) -> Document:
    match fact, row:
        case EndpointRegistered(), _:
            return {
                "endpoint_id": key,
                "recipient": fact.owner,
                "partner_id": fact.partner_id,
                "channel": fact.channel,
                "least": fact.least,
                "status": "active",
                "reason": None,
                "since": document(envelope.occurredat),
            }
        case EndpointSecretReplaced(), dict():
            return row
        case ((EndpointRecovered() | EndpointEnabled()), dict()):
            return row | changed("active", None, envelope)
        case EndpointFailed(reason=reason), dict():
            return row | changed("failing", reason, envelope)
        case EndpointDisabled(reason=reason), dict():
            return row | changed("disabled", reason, envelope)
        case _:
            raise LookupError(f"{key} was never registered")


def changed(status: str, reason: str | None, envelope: Envelope) -> Document:
    return {"status": status, "reason": reason, "since": document(envelope.occurredat)}


ENDPOINT_LIST: Projection[EndpointEvent] = Projection(
    name="notifications.endpoints",
    facts=get_args(EndpointEvent),
    keys=by_id,
    fold=listed,
    indexes=(Index("recipient"), Index("channel"), Index("status"), Index("partner_id")),
    partner_field="partner_id",
)
