"""Routes of the platform itself: the clock, what is settled, what is parked, what was stored."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from shared.contracts.event import Envelope
from shared.kernel.codec import pack
from shared.kernel.errors import Malformed, NotFound, Refused
from shared.kernel.step import STORE
from shared.runtime.http import Body, By, Caller, Limit, Text, Who, allow
from shared.runtime.platform import HandTurned, Platform, parsed
from shared.runtime.tokens import Issuer, known
from shared.runtime.worker import Worker

CLOCK = allow("operations", "director", "manager", "finance")
OPERATE = allow("operations", "director")
After = Annotated[int, Query(ge=0, le=2**53)]
Within = Annotated[float, Query(gt=0, le=300)]
Patience = Annotated[float, Query(alias="timeout", gt=0, le=300)]
READERS = allow("operations", "director", "auditor", "manager", "finance")


class TokenWish(Body):
    role: str
    sub: str
    partner_id: str | None = None
    regions: tuple[str, ...] = ()


class ClockTarget(Body):
    advance_to: AwareDatetime


class Ends(Body):
    """How far logs of the bus have come, and the contexts that are to have read them."""

    contexts: tuple[str, ...]
    ends: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Only:
    """Which facts: of these types, of this partner (or stream: the key of its record), so far."""

    type: Annotated[list[Text] | None, Query()] = None
    partner: Annotated[Text | None, Query()] = None
    until: Annotated[int | None, Query(ge=0, le=2**53)] = None

    def sees(self, position: int, fact: Envelope) -> bool:
        return (
            (not self.type or fact.type in self.type)
            and self.partner in {None, fact.partitionkey}
            and (self.until is None or position <= self.until)
        )


def token_routes(issuer: Issuer) -> APIRouter:
    """Only with `--demo` or `QUDAO_TEST=1`: anybody may be anybody."""
    router = APIRouter(tags=["platform"])

    @router.post("/tokens")
    async def issue(wish: TokenWish) -> dict[str, str]:
        caller = known(
            role=wish.role, subject=wish.sub, partner_id=wish.partner_id, regions=wish.regions
        )
        return {"token": issuer.token(caller)}

    return router


def clock_routes(platform: Platform, turn: HandTurned | None) -> APIRouter:
    router = APIRouter(tags=["platform"])

    @router.get("/clock")
    async def read(who: Who) -> dict[str, object]:
        return {"now": platform.clock().isoformat(), "hand_turned": turn is not None}

    @router.post("/clock", dependencies=[CLOCK])
    async def advance(target: ClockTarget) -> dict[str, object]:
        if turn is None:
            raise Refused("clock-not-turnable", "start with --clock INSTANT to turn it by hand")
        await platform.advance_to(target.advance_to, turn)
        return {"now": platform.clock().isoformat(), "hand_turned": True}

    return router


def settled_routes(platform: Platform) -> APIRouter:
    router = APIRouter(tags=["platform"])

    @router.get("/settled")
    async def settled(
        who: Who,
        token: str | None = None,
        within: Patience = 30,
    ) -> dict[str, object]:
        if token is None:
            await platform.settle(within)
        else:
            await platform.passed(token, within)
        waiting = [await worker.waiting() for worker in platform.workers.values()]
        return {
            "settled": True,
            "parked": len(await platform.parked()),
            "waiting": sum(waiting),
            "positions": await platform.positions() if who.role != "partner" else {},
        }

    return router


def standing_routes(platform: Platform) -> APIRouter:
    """How far the contexts of this process are: for the gateway, which must not show it.

    A partner's read asks it too, so it tells nobody more than what has come how far. Whoever asks
    `within` seconds is answered as soon as it is so, or then that it is not.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/standing")
    async def standing(who: Who) -> dict[str, object]:
        parked = Counter(str(one["context"]) for one in await platform.parked())
        return {
            name: await _standing(worker, who) | {"parked": parked[name]}
            for name, worker in platform.workers.items()
        }

    @router.get("/standing/passed")
    async def passed(who: Who, token: str, within: Within) -> dict[str, object]:
        """And where the topics of the token's context ended then."""
        context, position = parsed(token, platform.workers)
        worker = platform.workers[context]
        so = await _soon(partial(worker.past, position), within)
        ends = await worker.ports.bus.ends(worker.context.published) if so else {}
        return {"passed": so, "ends": dict(ends)}

    @router.post("/standing/reached")
    async def reached(who: Who, asked: Ends, within: Within) -> dict[str, object]:
        workers = [_worker(platform, name) for name in asked.contexts]

        async def so() -> bool:
            return all([await worker.reached(asked.ends) for worker in workers])

        return {"reached": await _soon(so, within)}

    return router


async def _standing(worker: Worker, who: Caller) -> dict[str, object]:
    """`mark` is another one when anything has moved."""
    idle, positions = await worker.idle(), await worker.positions()
    return {
        "idle": idle,
        "mark": sha256(json.dumps(positions, sort_keys=True).encode()).hexdigest(),
        "waiting": await worker.waiting(),
        "positions": positions if who.role != "partner" else {},
    }


async def _soon(arrived: Callable[[], Awaitable[bool]], within: float) -> bool:
    pause = 0.005
    try:
        async with asyncio.timeout(within):
            while not await arrived():
                await asyncio.sleep(pause)
                pause = min(2 * pause, 0.1)
    except TimeoutError:
        return False
    return True


def fact_routes(platform: Platform) -> APIRouter:
    """Facts hold no personal data; still only staff may read them as they are."""
    router = APIRouter(tags=["platform"], dependencies=[READERS])

    @router.get("/streams/{stream}")
    async def stream(stream: str) -> dict[str, object]:
        worker = _worker(platform, stream.partition(".")[0])
        facts = await worker.ports.store.read(stream)
        if not facts:
            raise NotFound("stream-not-found", "names look like orders.order-<id>")
        return {"stream": stream, "facts": [shown(fact) for fact in facts]}

    @router.get("/facts")
    async def facts() -> dict[str, object]:
        """How many facts each context has stored."""
        ends = {name: await one.ports.store.count() for name, one in platform.workers.items()}
        return {"contexts": ends}

    @router.get("/events")
    async def events(
        context: str,
        only: Annotated[Only, Depends()],
        after: After = 0,
        limit: Limit = 50,
    ) -> dict[str, object]:
        """In commit order; `after` is how far it looked: where it stands still, that is all."""
        worker = _worker(platform, context)
        found = await worker.ports.store.follow(after=after, limit=limit)
        items = [{"position": at, **shown(fact)} for at, fact in found if only.sees(at, fact)]
        return {"items": items, "after": found[-1][0] if found else after}

    return router


def parked_routes(platform: Platform) -> APIRouter:
    router = APIRouter(tags=["platform"])

    @router.get("/parked", dependencies=[READERS])
    async def parked() -> dict[str, object]:
        return {"items": await platform.parked()}

    @router.post("/parked/retries", dependencies=[OPERATE])
    async def retry(
        by: By, context: str, key: Annotated[str, Query(alias="parked")]
    ) -> dict[str, object]:
        due = await _worker(platform, context).retries.hasten(key)
        platform.nudge()
        return {"key": key, "due": due["due"]}

    @router.post("/parked/drops", dependencies=[OPERATE])
    async def drop(
        by: By, context: str, key: Annotated[str, Query(alias="parked")]
    ) -> dict[str, object]:
        await _worker(platform, context).retries.drop(key)
        platform.nudge()
        return {"key": key, "dropped": True}

    return router


def rebuild_routes(platform: Platform) -> APIRouter:
    router = APIRouter(tags=["platform"])

    @router.post("/rebuilds", dependencies=[OPERATE], status_code=202)
    async def rebuild(by: By, view: str) -> dict[str, object]:
        projector = _worker(platform, view.partition(".")[0]).projectors.get(view)
        if projector is None:
            raise NotFound("view-not-found", "names look like orders.orders")
        generations = await projector.rebuild()
        platform.nudge()
        return {"view": view, "filling": generations.filling}

    @router.get("/rebuilds", dependencies=[READERS])
    async def rebuilds() -> dict[str, object]:
        every = [await _views(worker) for worker in platform.workers.values()]
        return {"items": [row for rows in every for row in rows]}

    @router.delete("/people/{person_id}", dependencies=[OPERATE])
    async def forget(person_id: UUID, by: By) -> dict[str, object]:
        gone = [await w.ports.people.forget(person_id) for w in platform.workers.values()]
        if not any(gone):
            raise NotFound("person-not-found", "nothing is known of this person")
        return {"person_id": str(person_id), "forgotten": True}

    return router


async def _views(worker: Worker) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    end = await worker.ports.store.end()
    for projector in worker.projectors.values():
        projector.look_again()  # another process may fill it
        generations = await projector.generations()
        progress = await projector.progress()
        row = {"view": projector.name, "version": generations.version, "live": generations.live}
        if progress is not None and projector.projection.source == "store":
            row |= {"filling": generations.filling, "done": progress.get(STORE, 0), "of": end}
        elif progress is not None:
            row |= {"filling": generations.filling, "done": sum(progress.values())}
        rows.append(row)
    return rows


def _worker(platform: Platform, context: str) -> Worker:
    if context not in platform.workers:
        raise Malformed("context-unknown", f"one of {', '.join(platform.workers)}")
    return platform.workers[context]


def shown(envelope: Envelope) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(pack(envelope))
    return told
