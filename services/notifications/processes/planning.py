"""What an inbox gets goes to its owner's endpoints, at once or in a digest."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.domain.events import NotificationEscalated, NotificationRaised
from services.notifications.domain.message import Told, delivery_id, step_of
from services.notifications.domain.outgoing.commands import ExtendDigest, PlanDelivery
from services.notifications.domain.outgoing.delivery import delivery_stream
from services.notifications.domain.outgoing.digest import digest_stream
from services.notifications.domain.outgoing.endpoint import MACHINES
from services.notifications.domain.outgoing.events import DigestClosed, Item
from services.notifications.domain.outgoing.preference import preference_stream
from services.notifications.domain.outgoing.preferring import digest_due
from services.notifications.domain.rule import CRITICAL, ENDPOINTS, SEVERITIES
from services.notifications.projections import ENDPOINT_LIST
from shared.contracts.event import Envelope
from shared.contracts.ids import named
from shared.kernel.paging import every
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import Document
from shared.kernel.process import Process


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint as its view shows it."""

    row: Document

    @property
    def endpoint_id(self) -> str:
        return str(self.row["endpoint_id"])

    @property
    def channel(self) -> str:
        return str(self.row["channel"])

    @property
    def partner_id(self) -> str | None:
        partner: str | None = self.row["partner_id"]
        return partner

    def wants(self, severity: str) -> bool:
        return SEVERITIES.index(severity) >= SEVERITIES.index(self.row["least"])


async def plan(fact: Told, envelope: Envelope, read: Read) -> Iterable[Asked]:
    if ENDPOINTS not in fact.notice.channels:
        return []
    return [
        await asked(fact, recipient, place, envelope.time, read)
        for recipient in fact.notice.recipients
        async for place in places(recipient, read)
        if place.wants(fact.notice.severity)
    ]


async def places(owner: str, read: Read) -> AsyncIterator[Place]:
    async for row in every(read, ENDPOINT_LIST.name, ("recipient", "eq", owner)):
        yield Place(row)


async def asked(fact: Told, owner: str, place: Place, now: datetime, read: Read) -> Asked:
    """Into the digest, if the owner wants one and it can wait."""
    waits = fact.notice.severity != CRITICAL and place.channel not in MACHINES
    preferences = await read.fold(preference_stream(owner))
    if waits and (due := digest_due(preferences, now)):
        return into_digest(fact, owner, place, due, now)
    number = delivery_id(fact, place.channel, owner, place.endpoint_id)
    return delivery_stream(number), PlanDelivery(
        delivery_id=number,
        endpoint_id=place.endpoint_id,
        owner=owner,
        partner_id=place.partner_id,
        channel=place.channel,
        items=(item(fact, now),),
        about=None,
        at=now,
    )


def into_digest(fact: Told, owner: str, place: Place, due: datetime, now: datetime) -> Asked:
    about = fact.notice.about
    return digest_stream(place.endpoint_id, about), ExtendDigest(
        endpoint_id=place.endpoint_id,
        owner=owner,
        partner_id=place.partner_id,
        channel=place.channel,
        about=about,
        item=item(fact, now),
        due=due,
        at=now,
    )


def item(fact: Told, raised_at: datetime) -> Item:
    return Item(
        notification_id=fact.notification_id,
        rule=fact.notice.rule,
        subject=fact.subject,
        episode=fact.episode,
        severity=fact.notice.severity,
        heading=fact.notice.title,
        body=fact.notice.body,
        fact_id=fact.fact_id,
        raised_at=raised_at,
        step=step_of(fact),
    )


async def plan_digest(fact: DigestClosed, envelope: Envelope, _: Read) -> Iterable[Asked]:
    number: UUID = named("digest", fact.endpoint_id, fact.about, fact.number)
    command = PlanDelivery(
        delivery_id=number,
        endpoint_id=fact.endpoint_id,
        owner=fact.owner,
        partner_id=fact.partner_id,
        channel=fact.channel,
        items=fact.items,
        about=fact.about,
        at=envelope.occurredat,
    )
    return [(delivery_stream(number), command)]


WHEN_TOLD_PLAN: Process[Told] = Process(
    name="notifications.when-told-plan",
    facts=(NotificationRaised, NotificationEscalated),
    react=plan,
    since="deployment",
)
WHEN_GATHERED_PLAN: Process[DigestClosed] = Process(
    name="notifications.when-gathered-plan", facts=(DigestClosed,), react=plan_digest
)
