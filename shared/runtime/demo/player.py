"""Plays the story through the API: at once, or its last quarter while somebody watches."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from httpx2 import AsyncClient

from shared.kernel.errors import Incompatible
from shared.runtime.app import House
from shared.runtime.demo.checks import Checks, wrong
from shared.runtime.demo.reckoning import paper
from shared.runtime.demo.steps import END, LAPSE, Ask, Look
from shared.runtime.demo.story import edition
from shared.runtime.http import Caller, Role
from shared.runtime.tokens import LOCAL

PROGRESS = "demo-told"
DAY = timedelta(days=1)


class StoryBroken(Exception):
    """An answer of the story is not the one it must be."""


@dataclass(slots=True)
class Told:
    """How much of the story this folder holds; so one that was interrupted goes on."""

    path: Path
    edition: str
    done: int = 0

    @classmethod
    def of(cls, folder: Path, story: Sequence[Ask]) -> "Told":
        told = cls(folder / PROGRESS, edition(story))
        if told.path.exists():
            kept, _, done = told.path.read_text().partition(" ")
            if kept != told.edition:
                raise Incompatible(
                    f"{folder} tells another edition of the story: set QUDAO_DATA to a new folder"
                )
            told.done = int(done)
        return told

    def note(self, done: int) -> None:
        self.done = done
        beside = self.path.with_suffix(".new")
        beside.write_text(f"{self.edition} {done}")
        beside.replace(self.path)


@asynccontextmanager
async def teller(address: str, house: House, story: Sequence[Ask]) -> AsyncIterator["Teller"]:
    async with AsyncClient(base_url=address, timeout=60) as http:
        yield Teller(http, house, story, Told.of(house.settings.data, story))


@dataclass(slots=True)
class Teller:
    http: AsyncClient
    house: House
    story: Sequence[Ask]
    told: Told
    headers: Mapping[str, str] = field(default_factory=dict)

    async def tell(self, until: datetime = END) -> None:
        """From where the folder stands, as fast as it goes."""
        with self.house.platform.led():
            while (ask := self._next) and ask.at <= until:
                await self._step(ask)
            await self._turn(until)

    async def lapse(self, seconds: float, tick: Callable[[datetime], None]) -> None:
        """What is left until the end, day by day, in so many seconds; `tick` hears of each."""
        assert self.house.turn is not None
        first, began = max(LAPSE, self.house.turn.now), monotonic()
        days = max(1, (END - first) // DAY)
        for day in range(1, days + 1):
            await self.tell(min(END, first + day * DAY))
            tick(self.house.turn.now)
            await asyncio.sleep(max(0.0, began + seconds * day / days - monotonic()))
        await self.tell()

    async def check(self, *, brief: bool = False) -> int:
        """How many answers were right; StoryBroken names those that are not."""
        found = await Checks(self.get, paper(self.story)).all(brief=brief)
        if told := [*wrong(found)]:
            raise StoryBroken("; ".join(told))
        return len(found)

    @property
    def _next(self) -> Ask | None:
        return self.story[self.told.done] if self.told.done < len(self.story) else None

    async def _step(self, ask: Ask) -> None:
        await self._turn(ask.at)
        await self._ask(f"story-{self.told.done}", ask)
        self.told.note(self.told.done + 1)

    async def _turn(self, instant: datetime) -> None:
        turn = self.house.turn
        if turn is not None and turn.now < instant:
            await self.house.platform.advance_to(instant, turn)

    async def _ask(self, key: str, ask: Ask) -> None:
        found = await self._look(ask.look) if ask.look else {}
        partner = ask.partner and ask.partner.format(**found)
        token = self.token("partner" if partner else ask.role, partner, ask.sub)
        headers = {**self.headers, "Authorization": f"Bearer {token}", "Idempotency-Key": key}
        body: dict[str, Any] = (
            {"content": ask.file} if ask.file else {"json": _filled(ask.body, found)}
        )
        path = ask.path.format(**found)
        answer = await self.http.post(path, headers=headers, **body)
        if answer.is_error:
            raise StoryBroken(f"{path} {ask.body}: {answer.text}")

    async def _look(self, look: Look) -> Mapping[str, Any]:
        found = await self.get(look.path)
        items = found.get("items", [found])
        seen = [one for one in items if all(one.get(k) == v for k, v in look.match.items())]
        if not seen:
            raise StoryBroken(f"{look.path}: nothing there is {json.dumps(dict(look.match))}")
        return dict(seen[0])

    async def get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token('manager')}"}
        answer = await self.http.get(path, headers=headers)
        if answer.is_error:
            raise StoryBroken(f"{path}: {answer.text}")
        found: dict[str, Any] = answer.json()
        return found

    def token(self, role: Role, partner_id: str | None = None, sub: str | None = None) -> str:
        subject = sub or f"demo-{partner_id or role}"
        caller = Caller(issuer=LOCAL, subject=subject, role=role, partner_id=partner_id)
        return self.house.issuer.token(caller)


def _filled(body: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    if not found:
        return dict(body)
    return {
        name: value.format(**found) if isinstance(value, str) else value
        for name, value in body.items()
    }
