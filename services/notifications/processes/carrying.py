"""What is ready goes out to its endpoint, unless its owner wants quiet."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.notifications.domain.outgoing.commands import PostponeDelivery, RecordAttempt
from services.notifications.domain.outgoing.delivery import Planned
from services.notifications.domain.outgoing.endpoint import MACHINES, Endpoint, endpoint_stream
from services.notifications.domain.outgoing.events import DeliveryPlanned, Item
from services.notifications.domain.outgoing.preference import preference_stream
from services.notifications.domain.outgoing.preferring import Preferences, quiet_until
from services.notifications.domain.outgoing.words import words
from services.notifications.domain.rule import CRITICAL
from services.notifications.processes.following import UNTRIED
from services.notifications.projections import DELIVERIES
from shared.kernel.codec import document
from shared.kernel.dispatch import Depot, Dispatch, Parcel, Receipt, Trip
from shared.kernel.policy import Asked
from shared.kernel.ports import Document

QUIET, DONE = "quiet-hours", "delivery-done"


async def carry(row: Document, depot: Depot) -> Receipt:
    """The view proposes, the streams decide: what has been delivered, disabled or silenced since
    is not carried.
    """
    delivery: Planned = await depot.read.fold(row["stream"])
    if delivery.phase != "ready":
        return Receipt(outcome="failed", reason=DONE)
    endpoint: Endpoint = await depot.read.fold(endpoint_stream(delivery.fact.endpoint_id))
    preferences: Preferences = await depot.read.fold(preference_stream(delivery.fact.owner))
    if not endpoint.enabled:
        return Receipt(outcome="refused", reason=UNTRIED)
    if until := held(delivery, preferences, depot.clock()):
        return Receipt(outcome="postponed", reason=QUIET, until=until)
    ids = endpoint.people(depot.clock())
    known = await depot.people.get_many(ids)
    if endpoint.person_id not in known:
        return Receipt(outcome="refused", reason="address-forgotten")
    if (carrier := depot.carriers.get(delivery.fact.channel)) is None:
        return Receipt(outcome="failed", reason="channel-unavailable")
    address = known[endpoint.person_id] | previous(known, ids[1:])
    return await carrier.carry(parcel(delivery.fact, preferences, address, depot.clock()))


def held(delivery: Planned, preferences: Preferences, now: datetime) -> datetime | None:
    """Machines sleep never; what is critical, or asked for by a person, is worth waking for."""
    critical = any(each.severity == CRITICAL for each in delivery.fact.items)
    if critical or delivery.asked or delivery.fact.channel in MACHINES:
        return None
    return quiet_until(preferences, now)


def previous(known: Mapping[UUID, Mapping[str, str]], before: Sequence[UUID]) -> dict[str, str]:
    """The secret that was replaced and still signs, too."""
    secrets = [known[one]["secret"] for one in before if "secret" in known.get(one, {})]
    return {"previous": secrets[0]} if secrets else {}


def parcel(
    fact: DeliveryPlanned, preferences: Preferences, address: dict[str, str], now: datetime
) -> Parcel:
    title, body = words(fact, preferences)
    data = {
        "type": "notification.raised",
        "timestamp": document(fact.items[0].raised_at),
        "data": {"recipient": fact.owner, **told(fact.items[0])},
    }
    return Parcel(
        delivery_id=fact.delivery_id,
        title=title,
        body=body,
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(),
        address=address,
        at=now,
    )


def told(item: Item) -> Document:
    """For a machine: all of it, in every language, with the fact that caused it."""
    plain: Document = document(item)
    return {"title" if name == "heading" else name: value for name, value in plain.items()}


def record(trip: Trip) -> Asked:
    receipt = trip.receipt
    if receipt.until is not None:
        postponed = PostponeDelivery(reason=receipt.reason, until=receipt.until, at=trip.at)
        return trip.document["stream"], postponed
    return trip.document["stream"], RecordAttempt(
        outcome=receipt.outcome,
        reason=receipt.reason,
        status=receipt.status,
        took_ms=trip.took_ms,
        at=trip.at,
    )


CARRY = Dispatch(name="notifications.carry", view=DELIVERIES.name, carry=carry, record=record)
