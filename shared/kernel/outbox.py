"""What leaves the house, and in which form: the relay sends it, the sweep looks for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.event import Envelope
from shared.kernel.claim import ClaimRejected
from shared.kernel.codec import Codec, pack
from shared.kernel.ports import Bus, People, Record

REJECTED = ".rejected"
CLOUDEVENT = {"content-type": "application/cloudevents+json; charset=UTF-8"}
"""How CloudEvents' Kafka binding tells a structured event from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """The only way onto the topics."""

    published: Collection[str]
    bus: Bus
    people: People
    _rejected: Codec[Any] = field(default_factory=lambda: Codec([ClaimRejected]))

    async def send(self, facts: Iterable[Envelope]) -> set[str]:
        """In the order given; what is private stays at home. To which topics it went."""
        records = [record for fact in facts for record in await self._records(fact)]
        if records:
            await self.bus.publish(records)
        return {record.topic for record in records}

    def rejection(self, fact: Envelope) -> ClaimRejected | None:
        return self._rejected.decode(fact) if fact.type in self._rejected else None

    async def _records(self, fact: Envelope) -> list[Record]:
        if fact.type in self.published:
            return [published(fact)]
        if rejection := self.rejection(fact):
            raw = await self.people.raw(rejection.origin.raw_id)
            return [rejected(rejection, raw or b"")]
        return []


def published(fact: Envelope) -> Record:
    return Record(fact.type, fact.partitionkey, pack(fact), CLOUDEVENT)


def rejected(fact: ClaimRejected, raw: bytes) -> Record:
    """The claim's own bytes; after 30 days, or once forgotten, only the reason is left."""
    headers = {
        "qudao-slug": fact.slug,
        "qudao-detail": fact.detail,
        "qudao-log": f"{fact.origin.log}@{fact.origin.position}",
        "qudao-sha256": fact.origin.sha256,
    }
    return Record(f"{fact.origin.topic}{REJECTED}", str(fact.origin.raw_id), raw, headers)
