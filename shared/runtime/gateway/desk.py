"""Where a request is passed to its context, or to all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.kernel.errors import Malformed
from shared.runtime.gateway.directory import Directory
from shared.runtime.gateway.forwarding import Passed, sent, shown
from shared.runtime.gateway.standing import Answered, Standing
from shared.runtime.gateway.upstream import Unavailable, Upstream, together
from shared.runtime.platform import parsed

LABEL = "context"  # in the request's state: whom it was passed to


@dataclass(slots=True)
class Desk:
    upstreams: Sequence[Upstream]
    directory: Directory = field(init=False)
    standing: Standing = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(self.upstreams, self._way)
        self.standing = Standing(self.upstreams)

    @property
    def contexts(self) -> list[str]:
        return [context for one in self.upstreams for context in one.contexts]

    async def to(self, context: str, request: Request) -> Passed:
        for one in self.upstreams:
            if context in one.contexts:
                setattr(request.state, LABEL, context)
                return Passed(await self._pass(one, [context], request))
        raise Malformed("context-unknown", f"one of {', '.join(self.contexts)}")

    async def anyone(self, request: Request) -> Passed:
        """What every process answers alike: the first that can be asked."""
        for one in self.upstreams:
            try:
                return Passed(await self._pass(one, one.contexts, request))
            except Unavailable:
                continue
        raise Unavailable(self.contexts)

    async def everyone(self, request: Request) -> list[tuple[Upstream, Any]]:
        """What each process tells of its contexts; a refusal by one is everybody's."""
        found = await self.asked(request)
        for _, answer in found:
            if not answer.is_success:
                raise Answered(answer)
        return [(one, answer.json()) for one, answer in found]

    async def asked(self, request: Request) -> list[tuple[Upstream, httpx2.Response]]:
        async def ask(one: Upstream) -> tuple[Upstream, httpx2.Response]:
            answer = await self._pass(one, one.contexts, request)
            await answer.aread()
            return one, answer

        return await together(map(ask, self.upstreams))

    async def _pass(
        self, one: Upstream, contexts: Sequence[str], request: Request
    ) -> httpx2.Response:
        """With its token where that is at home; elsewhere after what it stands for has come."""
        token = shown(request)
        home = token is None or parsed(token, self.contexts)[0] in one.contexts
        if token and not home:
            await self.standing.honour(token, contexts, request)
        out = await sent(request, with_token=home)
        answer = await one.ask(out.method, out.target, out.headers, out.content)
        if one.stale:  # it is back, and may answer more than before
            await self.directory.look(one)
        return answer

    def _way(self, context: str) -> ASGIApp:
        async def way(scope: Scope, receive: Receive, send: Send) -> None:
            await (await self.to(context, Request(scope, receive)))(scope, receive, send)

        return Way(way)


@dataclass(frozen=True, slots=True)
class Way:
    """Not a function: Starlette would call it with a request."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
