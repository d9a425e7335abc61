"""A4. An answer is lost after the commit, or the question before it: each command counts once.

On both store adapters through the real handler, and over HTTP through a whole `qudao up`. Who
got no answer asks the same again, until there is one.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import UUID, uuid5

import pytest
from httpx2 import AsyncClient, TransportError

from shared.adapters.sqlite import SqliteStore
from shared.contracts.event import Envelope
from shared.kernel.errors import StaleVersion, Unreachable
from shared.kernel.handler import Cause, Handler
from shared.kernel.ports import EventStore
from shared.testing.clock import HandClock
from shared.testing.servers.kurrent.double import Double
from tests.adapters.kurrent import doubled, opened
from tests.kernel.commands import MakeThing, PaintThing
from tests.kernel.things import THINGS
from tests.reliability import journal
from tests.reliability.cutting import Cutting
from tests.reliability.journal import Journal
from tests.reliability.oracle import Stored, facts_in, holes, unfaithful
from tests.reliability.serving import nursery, order, prepare
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

MARK = "this-is-an-append"
WRITERS = 16
STORE_CUTS, HTTP_CUTS = 1_000, trials(150, 1_000)
pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(trials(1_200, 7_200))]


@dataclass(slots=True)
class Losing:
    """A store behind a bad line: some appends never arrive, of others the answer does not."""

    inner: SqliteStore
    random: Random
    cuts: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        cut = self.random.random() < 0.3 and self.random.choice(("before", "after"))
        if cut:
            self.cuts[cut] += 1
        if cut == "before":
            raise Unreachable("the question is lost")
        position = await self.inner.append(stream, facts, expected=expected)
        if cut:
            raise Unreachable("the answer is lost")
        return position


async def work(store: EventStore, writer: int, kept: Journal, enough: Callable[[], bool]) -> None:
    """Commands of two facts each, to a stream that another one paints, too."""
    handle = Handler("things", THINGS.aggregates, store, HandClock())
    stream, at = f"things.thing-{writer // 2}", HandClock()()
    make = MakeThing(thing_id=f"{writer // 2}", partner_id="p", price=1, at=at)
    await insist(handle, stream, make, uuid5(UUID(int=0), stream))
    while not enough():
        number = kept.asked(stream=stream)
        colours = tuple(f"{MARK}/{number}/{part}" for part in "ab")
        commandid = uuid5(UUID(int=1), str(number))
        await insist(handle, stream, PaintThing(colours=colours, at=at), commandid)
        kept.told(number, "ok")


async def insist(
    handle: Handler, stream: str, command: MakeThing | PaintThing, commandid: UUID
) -> None:
    cause = Cause(commandid=commandid, actor="pat", correlationid=commandid)
    while True:
        try:
            await handle(stream, command, cause)
        except (Unreachable, StaleVersion):
            continue
        return


def judged(facts: Sequence[Stored]) -> tuple[list[int], list[str]]:
    """The operations whose first half is there, and those whose halves are not as many."""
    data = [fact.envelope["data"] for fact in facts]
    found = Counter(tuple(one["colour"].split("/")[1:]) for one in data if "colour" in one)
    first = Counter({int(n): times for (n, part), times in found.items() if part == "a"})
    return list(first.elements()), [n for n, _ in found if found[n, "a"] != found[n, "b"]]


async def test_on_sqlite_each_command_is_stored_once(tmp_path: Path, tally: Tally) -> None:
    path = tmp_path / "a.store.db"
    with (
        closing(SqliteStore(path, "OFF")) as store,
        closing(Journal(tmp_path / "kept", durable=False)) as kept,
    ):
        bad = Losing(store, Random(4))
        enough = lambda: bad.cuts.total() >= STORE_CUTS  # noqa: E731
        await asyncio.gather(
            *(work(cast(EventStore, bad), writer, kept, enough) for writer in range(WRITERS))
        )
    facts = facts_in(path)
    numbers, halves = judged(facts)
    tally(
        "A4 an append's outcome is unknown, SQLite",
        {"cuts": bad.cuts.total()},
        seen=dict(bad.cuts) | {"commands": len(numbers)},
        never=unfaithful(journal.read(kept.path), numbers) | holes(facts) | {"halves": halves},
    )


async def test_on_kurrentdb_each_command_is_stored_once(tmp_path: Path, tally: Tally) -> None:
    """The lines to the server are cut, with all that is on them; its own log says what is."""
    async with AsyncExitStack() as stack:
        double = await stack.enter_async_context(doubled(Double()))
        port = int(double.uri.partition("?")[0].rpartition(":")[2])
        lines = Cutting(port, MARK.encode(), Random(4))
        front = await stack.enter_async_context(lines.open())
        uri = double.uri.replace(str(port), str(front))
        stores = [await stack.enter_async_context(opened(uri, "things")) for _ in range(WRITERS)]
        kept = stack.enter_context(closing(Journal(tmp_path / "kept", durable=False)))
        enough = lambda: lines.cuts.total() >= STORE_CUTS  # noqa: E731
        await asyncio.gather(*(work(one, n, kept, enough) for n, one in enumerate(stores)))
    log = [one for name, those in double.log.streams.items() for one in those if "things" in name]
    facts = [
        Stored(one.position, one.stream, one.revision + 1, {"data": json.loads(one.proposed.data)})
        for one in log
    ]
    numbers, halves = judged(facts)
    never = unfaithful(journal.read(kept.path), numbers) | {"halves": halves}
    tally(
        "A4 an append's outcome is unknown, KurrentDB's double",
        {"cuts": lines.cuts.total()},
        seen=dict(lines.cuts) | {"commands": len(numbers)},
        never=never | {"holes in versions": holes(facts)["holes in versions"]},
    )


async def test_over_http_each_command_is_done_once(tmp_path: Path, tally: Tally) -> None:
    folder, replayed = tmp_path / "data", Counter[str]()
    with (
        nursery(folder, tmp_path / "room") as lives,
        lives.life() as life,
        closing(Journal(tmp_path / "kept")) as kept,
    ):
        with life.client() as http:
            prepare(http)
            token = {"Authorization": http.headers["Authorization"]}
        lines = Cutting(lives.port, b"POST /v1/orders", Random(4))

        async def ask(http: AsyncClient) -> None:
            while lines.cuts.total() < HTTP_CUTS:
                number = kept.asked()
                status, again = await answered(http, number)
                kept.told(number, "ok" if status == 201 else "fail", status=status)
                replayed.update({"repeats answered": again})

        async with lines.open() as front, AsyncExitStack() as stack:
            base = f"http://127.0.0.1:{front}"
            clients = [AsyncClient(base_url=base, headers=token, timeout=60) for _ in range(4)]
            await asyncio.gather(*[ask(await stack.enter_async_context(c)) for c in clients])
        with life.client() as http:
            assert http.get("/v1/settled").json()["parked"] == 0
    facts = facts_in(folder / "orders.store.db")
    told = [one.envelope["data"] for one in facts if one.envelope["type"] == "OrderSubmitted"]
    numbers = [int(one["order_id"][1:]) for one in told]
    tally(
        "A4 an answer of the API is lost",
        {"cuts": lines.cuts.total()},
        seen=dict(lines.cuts) | replayed | {"commands": len(numbers)},
        never=unfaithful(journal.read(kept.path), numbers)
        | holes(facts)
        | {"refused": [one for one in journal.read(kept.path).values() if one.outcome != "ok"]},
    )


async def answered(http: AsyncClient, number: int) -> tuple[int, bool]:
    """The status, and whether an earlier asking had done it."""
    body, key = order(number, "p0"), {"Idempotency-Key": f"k{number}"}
    while True:
        try:
            answer = await http.post("/v1/orders", json=body, headers=key)
        except TransportError:
            continue
        return answer.status_code, "Idempotent-Replayed" in answer.headers
