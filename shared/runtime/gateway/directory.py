"""Which context answers a path: learnt from what the contexts say of themselves."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from starlette.routing import Match, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.runtime.gateway import document
from shared.runtime.gateway.upstream import Unavailable, Upstream
from shared.runtime.openapi import Document

TELLING = 5.0  # seconds: FastAPI makes the document when it is asked first
SOON, LATER = 1.0, 10.0  # seconds between looks at what is missing, and at what is known


@dataclass(slots=True)
class Directory:
    """`way` is what answers for a context."""

    upstreams: Sequence[Upstream]
    way: Callable[[str], ASGIApp]
    _router: Router = field(default_factory=Router)
    _looked: dict[str, float] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._knows(scope):
            await self.look(*self.upstreams)
            if self.missing and not self._knows(scope):
                raise Unavailable(self.missing)  # one of them may know it
        await self._router(scope, receive, send)

    @property
    def missing(self) -> list[str]:
        """Contexts that nothing was learnt of."""
        return [
            context
            for one in self.upstreams
            for context in one.contexts
            if one.document is None or not [*document.of(one.document, context)]
        ]

    @property
    def learnt(self) -> Iterator[tuple[str, Document]]:
        for one in self.upstreams:
            for context in one.contexts:
                if one.document is not None:
                    yield context, one.document

    async def look(self, *which: Upstream) -> None:
        """Ask them what they answer, though not all the time."""
        await asyncio.gather(*map(self._look, which))

    def forget(self) -> None:
        """Whoever is asked for next is looked at again, however soon."""
        self._looked.clear()

    async def _look(self, one: Upstream) -> None:
        async with self._locks.setdefault(one.address, asyncio.Lock()):
            due = self._looked.get(one.address, -LATER) + (SOON if one.stale else LATER)
            if time.monotonic() < due:
                return
            await self._learn(one)
            self._looked[one.address] = time.monotonic()

    async def _learn(self, one: Upstream) -> None:
        try:
            answer = await one.ask("GET", b"/openapi.json", patience=TELLING)
            await answer.aread()
            if not answer.is_success:
                raise Unavailable(one.contexts, f"/openapi.json answers {answer.status_code}")
            one.document, one.stale = answer.json(), False
        except (Unavailable, ValueError) as error:
            structlog.get_logger().warning("not learnt", address=one.address, why=str(error))
            return
        for context in {*self.missing} & {*one.contexts}:
            structlog.get_logger().warning("not there", context=context, address=one.address)
        self._router = Router([*self._routes()])

    def _routes(self) -> Iterator[Route]:
        """By path and method; then by path alone, so that its context says what it allows."""
        paths: dict[tuple[str, str], list[str]] = {}
        for context, told in self.learnt:
            for path, method, _ in document.of(told, context):
                paths.setdefault((context, path), []).append(method)
        for (context, path), methods in paths.items():
            yield Route(path, self.way(context), methods=methods)
        for context, path in paths:
            yield Route(path, self.way(context))

    def _knows(self, scope: Scope) -> bool:
        return any(one.matches(scope)[0] is not Match.NONE for one in self._router.routes)
