"""Several api processes' worth of apps in one event loop, and the gateway before them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx2 import (
    ASGITransport,
    AsyncBaseTransport,
    AsyncClient,
    ConnectError,
    Request,
    Response,
)

from services.notifications.domain.outgoing.endpoint import KINDS
from services.notifications.tests.postoffice import PostOffice
from shared.runtime.feed.feed import Feed
from shared.runtime.gateway.app import Terms, opened
from shared.runtime.gateway.desk import Desk
from shared.runtime.gateway.document import merged
from shared.runtime.gateway.own import own
from shared.runtime.hosting import published
from shared.runtime.http import Caller, Role
from shared.runtime.settings import Settings
from shared.runtime.tokens import LOCAL, Issuer, Verifier
from shared.testing.platform import Bed, platform

EVERY = (
    ("partners", "leads"),
    ("orders",),
    ("rebates", "forecast", "mdf"),
    ("notifications",),
)
SOME = (("partners", "leads"), ("orders",), ("notifications",))
PATHS: dict[str, Any] = {
    "/v1/echo": {"get": {"x-context": "orders"}, "post": {"x-context": "orders"}},
    "/v1/echo/{one}": {"get": {"x-context": "orders"}},
}
DOCUMENT = {"openapi": "3.1.0", "paths": PATHS, "components": {"schemas": {}}}
"""Of an `orders` that only echoes."""
Groups = Sequence[tuple[str, ...]]


@dataclass(slots=True)
class Line(AsyncBaseTransport):
    """To one of the processes: it may be cut, and it remembers what went over it."""

    inner: AsyncBaseTransport
    cut: Exception | None = None
    heard: list[Request] = field(default_factory=list)

    async def handle_async_request(self, request: Request) -> Response:
        self.heard.append(request)
        if self.cut is not None:
            raise self.cut
        return await self.inner.handle_async_request(request)

    def asked(self) -> list[str]:
        """Methods and paths, without what the gateway asks for itself."""
        told = [f"{one.method} {one.url.path}" for one in self.heard]
        return [one for one in told if "openapi" not in one and "standing" not in one]


@dataclass(slots=True)
class Spread:
    """The gateway and, by context, the bed that hosts it and the line to that."""

    gateway: FastAPI
    desk: Desk
    bed: Bed  # speaks to the gateway
    beds: dict[str, Bed]
    lines: dict[str, Line]
    working: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    def work(self, *contexts: str) -> None:
        """As workers do, from now on; all contexts if none is named."""
        for context in contexts or tuple(self.beds):
            house = self.beds[context].platform
            key = next(iter(house.workers))
            if key not in self.working:
                self.working[key] = asyncio.create_task(house.run())

    async def ask(
        self,
        method: str,
        path: str,
        *,
        role: Role = "manager",
        partner: str | None = None,
        **how: Any,
    ) -> Response:
        headers = {"Authorization": f"Bearer {self.bed.token(role, partner)}"}
        headers |= {"Idempotency-Key": "k"} if method != "GET" else {}
        return await self.bed.http.request(
            method, path, headers=headers | how.pop("headers", {}), **how
        )


@asynccontextmanager
async def spread(
    folder: Path, groups: Groups = SOME, *, work: bool = True, down: Sequence[str] = ()
) -> AsyncIterator[Spread]:
    async with AsyncExitStack() as stack:
        beds: dict[str, Bed] = {}
        lines: dict[str, Line] = {}
        for group in groups:
            outside = dict.fromkeys(KINDS, PostOffice())
            hosted = platform(folder, contexts=group, carriers=outside)
            bed = await stack.enter_async_context(hosted)
            line = Line(bed.http._transport)
            line.cut = ConnectError("planted") if {*group} & {*down} else None
            beds |= dict.fromkeys(group, bed)
            lines |= dict.fromkeys(group, line)
        apis = {name: f"http://{group[0]}" for group in groups for name in group}
        house = beds[groups[0][0]].house
        feed = Feed(house.platform.bus, published())
        feed.close()
        terms = Terms(
            settings=house.settings,
            verifier=Verifier.of(house.settings, house.issuer),
            own=own(house.platform.clock),
            feed=feed,
        )
        app = await stack.enter_async_context(
            opened(apis, terms, lambda address: lines[address.removeprefix("http://")])
        )
        transport = ASGITransport(app, raise_app_exceptions=False)
        http = await stack.enter_async_context(
            AsyncClient(transport=transport, base_url="http://qudao")
        )
        desk: Desk = app.state.desk

        def document() -> dict[str, Any]:
            return merged(app.openapi(), desk.directory.learnt)

        one = Spread(app, desk, Bed(house, document, http), beds, lines)
        if work:
            one.work()
        try:
            yield one
        finally:
            for task in one.working.values():
                task.cancel()
            told = await asyncio.gather(*one.working.values(), return_exceptions=True)
            assert [error for error in told if isinstance(error, Exception)] == []


@asynccontextmanager
async def before(
    folder: Path, apis: Mapping[str, str], **how: Any
) -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """A gateway before whatever is there, and a manager's client of it."""
    issuer, settings = Issuer.of(folder), Settings(data=folder)
    token = issuer.token(Caller(issuer=LOCAL, subject="pat", role="manager"))
    terms = Terms(settings=settings, verifier=Verifier.of(settings, issuer))
    async with opened(apis, terms, **how) as app:
        transport = ASGITransport(app, raise_app_exceptions=False)
        told = {"Authorization": f"Bearer {token}"}
        async with AsyncClient(transport=transport, base_url="http://qudao", headers=told) as http:
            yield app, http
