"""A carrier that keeps what it is given, and answers as it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.notifications.tests.facts import on_the_bus
from shared.contracts.event import Event
from shared.kernel.dispatch import Carrier, Parcel, Receipt
from shared.kernel.errors import Malformed
from shared.testing.platform import Bed, platform

DELIVERED = Receipt(outcome="delivered", status=200)
FAILED = Receipt(outcome="failed", reason="answer-refuses", status=500)
GONE = Receipt(outcome="gone", reason="endpoint-gone", status=410)


@dataclass(slots=True)
class PostOffice:
    """`answers`: by address, what is said from now on; `slow`: addresses that never answer until
    they are let go.
    """

    parcels: list[Parcel] = field(default_factory=list)
    answers: dict[str, Receipt] = field(default_factory=dict)
    slow: dict[str, asyncio.Event] = field(default_factory=dict)

    async def vet(self, address: Mapping[str, str]) -> None:
        if "forbidden" in address["address"]:
            raise Malformed("endpoint-address-malformed", "not there")

    async def carry(self, parcel: Parcel) -> Receipt:
        address = parcel.address["address"]
        self.parcels.append(parcel)
        if waits := self.slow.get(address):
            await waits.wait()
        return self.answers.get(address, DELIVERED)

    def at(self, address: str) -> list[str]:
        """The titles that arrived there."""
        return [one.title for one in self.parcels if one.address["address"] == address]

    def ids(self) -> list[str]:
        return [str(one.delivery_id) for one in self.parcels]


@dataclass(slots=True)
class Town:
    """A platform of notifications and partners, with a post office for every channel."""

    bed: Bed
    post: PostOffice

    async def endpoint(
        self, number: str, channel: str = "webhook", partner: str | None = "acme", **more: Any
    ) -> dict[str, Any]:
        who = {"partner": partner} if partner else {"role": "finance"}
        body = {"endpoint_id": number, "channel": channel, "address": f"to-{number}"} | more
        return await self.bed.post("/v1/notifications/endpoints", body, expect=201, **who)

    async def prefer(self, partner: str = "acme", **preferences: Any) -> None:
        await self.bed.post("/v1/notifications/preferences", preferences, partner=partner)

    async def arrive(self, *facts: tuple[int, Event], settled: bool = True) -> None:
        for sequence, fact in facts:
            await self.bed.platform.bus.publish([on_the_bus(fact, sequence)])
            if settled:
                await self.bed.settle()

    async def log(self, query: str = "", **who: Any) -> list[dict[str, Any]]:
        page = await self.bed.get(f"/v1/notifications/deliveries{query}", **who)
        found: list[dict[str, Any]] = page["items"]
        return found


def data(parcel: Parcel) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(parcel.data)
    return found


@asynccontextmanager
async def town(folder: Path, at: str = "2026-01-05T09:00:00+08:00") -> AsyncIterator[Town]:
    post = PostOffice()
    channels = ("webhook", "mail", "wecom", "dingtalk", "feishu")
    carriers: dict[str, Carrier] = dict.fromkeys(channels, post)
    contexts = ("partners", "notifications")
    async with platform(folder, at, contexts=contexts, carriers=carriers) as bed:
        yield Town(bed, post)
