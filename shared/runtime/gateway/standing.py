"""How far the contexts are: what a read across them waits for, and when everything is settled."""

import asyncio
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from starlette.requests import Request

from shared.kernel.errors import Behind
from shared.runtime.app import WAIT
from shared.runtime.gateway.forwarding import chosen
from shared.runtime.gateway.upstream import ANSWER, Unavailable, Upstream, hosted, together
from shared.runtime.platform import NotSettled

LIMIT = 330.0  # the longest that anybody may ask to wait, and some
FIRST, LONGEST = 0.02, 0.5  # seconds between two rounds
Standings = dict[str, dict[str, Any]]


class Answered(Exception):
    """A context refused: its answer is the client's."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__(str(answer.status_code))
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Standing:
    """Asks with the caller's own token: nobody is told more than its context would tell."""

    upstreams: Sequence[Upstream]

    async def honour(self, token: str, contexts: Collection[str], request: Request) -> None:
        """These contexts have heard what the token stands for, or the read is behind."""
        if not await self.heard(token, contexts, request, WAIT):
            raise Behind("read-behind", "the view is catching up: ask again")

    async def heard(
        self, token: str, contexts: Collection[str], request: Request, within: float
    ) -> bool:
        """The token's context has passed it; then these have read what its topics held by then."""
        try:
            async with asyncio.timeout(within):
                origin = self._of(token.partition(":")[0])
                how = urlencode({"token": token, "within": within})
                told = await _told(origin, request, f"/passed?{how}")
                asked = [
                    _told(
                        one,
                        request,
                        f"/reached?within={within}",
                        {"contexts": here, "ends": told["ends"]},
                    )
                    for one, here in self._hosts(contexts)
                    if told["passed"]
                ]
                found = await together(asked)
        except TimeoutError:
            return False
        return bool(told["passed"]) and all(one["reached"] for one in found)

    async def settled(self, request: Request, within: float) -> Standings:
        """Everybody idle in two rounds, and nothing moved from one to the other.

        What every position was in both, it was between them; so there was an instant at which
        all were idle.
        """
        pause, before = FIRST, None
        try:
            async with asyncio.timeout(within):
                while True:
                    now = await self.standings(request)
                    marks = {name: one["mark"] for name, one in now.items() if one["idle"]}
                    if len(marks) == len(now) and marks == before:
                        return now
                    if len(marks) < len(now):
                        await asyncio.sleep(pause := min(2 * pause, LONGEST))
                    before = marks
        except TimeoutError:
            raise NotSettled("not-settled", f"still moving after {within} s: ask again") from None

    async def standings(self, request: Request) -> Standings:
        told = await together(_told(one, request) for one in self.upstreams)
        each = map(hosted, self.upstreams, told)
        return {context: found for one in each for context, found in one.items()}

    def _of(self, context: str) -> Upstream:
        return next(one for one in self.upstreams if context in one.contexts)

    def _hosts(self, contexts: Collection[str]) -> Iterator[tuple[Upstream, list[str]]]:
        for one in self.upstreams:
            if here := [name for name in one.contexts if name in contexts]:
                yield one, here


async def _told(one: Upstream, request: Request, what: str = "", body: object = None) -> Any:
    """It may take as long as it was asked to: whoever asks has a limit of its own."""
    headers = [*chosen(request), (b"content-type", b"application/json")]
    method, content = ("GET", b"") if body is None else ("POST", json.dumps(body).encode())
    answer = await one.ask(
        method,
        f"/v1/standing{what}".encode(),
        headers,
        content,
        patience=LIMIT if what else ANSWER,
    )
    await answer.aread()
    if answer.status_code == httpx2.codes.NOT_FOUND:
        raise Unavailable(one.contexts, "it does not say how far it is: start it as `qudao api`")
    if not answer.is_success:
        raise Answered(answer)
    return answer.json()
