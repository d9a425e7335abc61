"""The whole platform in a folder that nobody needs tomorrow, and a client of its HTTP."""

import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from httpx2 import ASGITransport, AsyncClient, Response

from shared.adapters.blobs import FolderBlobs
from shared.adapters.logfile import LogFileChannel
from shared.adapters.sqlite.checkup import engine
from shared.kernel.dispatch import Carrier
from shared.kernel.ports import Bus
from shared.runtime.app import House, build
from shared.runtime.context import Ports
from shared.runtime.feed.feed import Feed
from shared.runtime.hiring import hire
from shared.runtime.hosting import CONTEXTS, load, published
from shared.runtime.http import Caller, Role
from shared.runtime.metrics import Metrics
from shared.runtime.platform import HandTurned, Platform
from shared.runtime.settings import Settings
from shared.runtime.tokens import LOCAL, Issuer
from shared.runtime.worker import Worker
from shared.testing.embedded import embedded


@dataclass(slots=True)
class Bed:
    """A running platform: `call` is one request, `settle` waits, `advance` turns the clock."""

    house: House
    openapi: Callable[[], dict[str, Any]]
    http: AsyncClient
    journal: list[dict[str, Any]] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)  # what was asked for with success
    _keys: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def platform(self) -> Platform:
        return self.house.platform

    async def post(self, path: str, body: object = None, **how: Any) -> dict[str, Any]:
        """Body of the answer; `expect` is the status (default: any success)."""
        return await self.call("POST", path, json=body if body is not None else {}, **how)

    async def get(self, path: str, **how: Any) -> dict[str, Any]:
        return await self.call("GET", path, **how)

    async def call(  # noqa: PLR0913
        self,
        method: str,
        path: str,
        *,
        role: Role = "manager",
        partner: str | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        expect: int | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        sent = {"Authorization": f"Bearer {self.token(role, partner)}"}
        if method != "GET":
            sent["Idempotency-Key"] = key or f"key-{next(self._keys)}"
        asked = {"method": method, "url": path, "headers": {**sent, **(headers or {})}, **more}
        answer = await self.http.request(**asked)
        if method != "GET" and answer.is_success:
            self.done.append(asked)
        self._note(method, path, role if partner is None else f"partner {partner}", more, answer)
        wanted = (expect,) if expect else (200, 201, 202)
        assert answer.status_code in wanted, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def token(self, role: Role = "manager", partner: str | None = None) -> str:
        who: Role = "partner" if partner else role
        caller = Caller(issuer=LOCAL, subject=partner or role, role=who, partner_id=partner)
        return self.house.issuer.token(caller)

    async def settle(self) -> None:
        await self.platform.settle(60)
        assert await self.platform.parked() == []

    async def advance(self, to: str | datetime) -> None:
        """To an ISO instant with offset, firing what is due on the way."""
        instant = datetime.fromisoformat(to) if isinstance(to, str) else to
        assert self.house.turn is not None
        await self.platform.advance_to(instant, self.house.turn)
        self.journal.append({"clock": instant.isoformat()})

    def _note(
        self, method: str, path: str, who: str, more: Mapping[str, Any], answer: Response
    ) -> None:
        self.journal.append(
            {
                "request": f"{method} {path}",
                "as": who,
                "params": more.get("params"),
                "body": more.get("json"),
                "status": answer.status_code,
                "answer": answer.json() if "json" in answer.headers["content-type"] else None,
            }
        )


@asynccontextmanager
async def platform(
    folder: Path,
    at: str = "2026-01-05T09:00:00+08:00",
    *,
    contexts: Sequence[str] = CONTEXTS,
    bus: Bus | None = None,
    carriers: Mapping[str, Carrier] | None = None,
) -> AsyncIterator[Bed]:
    """All contexts on the embedded adapters (unsynced) and a hand-turned clock."""
    clock = HandTurned(datetime.fromisoformat(at).astimezone(UTC))
    metrics = Metrics(folder, engine())
    with embedded(folder, *contexts, clock=clock) as found:
        shared = bus or next(iter(found.values())).bus
        hosted: dict[str, Worker] = {}
        for context in load(contexts):
            one = found[context.name]
            ports = Ports(
                store=one.store,
                views=one.views,
                people=one.people,
                bus=shared,
                clock=clock,
                carriers=carriers or {},
                channels={"log": LogFileChannel(folder / "notifications.log")},
                blobs=FolderBlobs(folder / "blobs"),
            )
            hosted[context.name] = await hire(context, ports)
        feed = Feed(shared, published())
        feed.close()  # a stream ends at once: this client waits for the end of an answer
        house = House(
            platform=Platform(workers=hosted, clock=clock),
            settings=Settings(data=folder, test=True),
            issuer=Issuer.of(folder),
            metrics=metrics,
            turn=clock,
            open_doors=True,
            feed=feed,
        )
        app = build(house)
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://qudao") as http:
            yield Bed(house, app.openapi, http)
