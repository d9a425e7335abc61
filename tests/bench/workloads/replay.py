"""W8, W11: a million facts read again from the store into a view that was empty."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import apsw

from services.partners.domain.partner import AGGREGATE
from services.partners.projections import REGISTER
from shared.adapters.sqlite import SqliteStore, SqliteViews
from shared.kernel import parking
from shared.kernel.codec import Codec
from shared.kernel.consumer import Place, places
from shared.kernel.ports import Document
from shared.kernel.projection import Projection
from shared.kernel.projector import Projector
from shared.kernel.step import Own
from shared.testing.clock import HandClock
from tests.bench.contest import LIMIT, OURS, Asked, Figures, Goal, Peer, Workload
from tests.bench.peers.measured import Meter, peak, resident
from tests.bench.workloads import log

PAGE = 5_000


def count(asked: Asked) -> int:
    return int(log.FACTS * asked["scale"])


def prepare(asked: Asked) -> None:
    log.path(count(asked))


@contextmanager
def copied(asked: Asked, folder: Path) -> Iterator[SqliteStore]:
    """A store of our own, whose WAL nobody else has."""
    file = folder / "bench.store.db"
    shutil.copy(log.path(count(asked)), file)
    with closing(SqliteStore(file)) as store:
        yield store


def projector(views: SqliteViews, own: Own, projection: Projection[Any] = REGISTER) -> Projector:
    place = Place(context="partners", views=views, clock=HandClock())
    return Projector(projection, Codec.of([AGGREGATE]), own, place)


async def opened(views: SqliteViews, *projections: Projection[Any]) -> None:
    kept = parking.view("partners"), places("partners")
    await views.open([*kept, *(one.view for one in projections)])


def ours(asked: Asked, folder: Path) -> Meter:
    with copied(asked, folder) as store, closing(SqliteViews(folder / "views.db")) as views:

        async def replay() -> Meter:
            await opened(views, REGISTER)
            folding, meter, before = projector(views, Own(store)), Meter(), resident()
            with meter.running():
                while done := await folding.step():
                    meter.done += done
            meter.figures |= {"seconds": meter.seconds, "MiB grown": peak() - before}
            return meter

        return asyncio.run(replay())


def fold(asked: Asked, folder: Path) -> Meter:
    """Read, decoded and folded in memory: nothing is written."""
    codec = Codec.of([AGGREGATE])
    with copied(asked, folder) as store:

        async def replay() -> Meter:
            meter, after, states = Meter(), 0, dict[str, Document | None]()
            with meter.running():
                while facts := await store.follow(after=after, limit=PAGE):
                    after = facts[-1][0]
                    for _, envelope in facts:
                        fact = codec.decode(envelope)
                        for key in REGISTER.keys(fact, envelope):
                            states[key] = REGISTER.fold(key, states.get(key), fact, envelope)
                    meter.done += len(facts)
            return meter

        return asyncio.run(replay())


def scan(asked: Asked, folder: Path) -> Meter:
    """The bytes alone, page by page."""
    meter = Meter()
    with closing(apsw.Connection(str(log.path(count(asked))))) as db, meter.running():
        for _ in db.execute("SELECT position, envelope FROM facts"):
            meter.done += 1
    return meter


def seconds(figures: Figures) -> float | None:
    rate = figures.rate("")
    return None if rate is None else log.FACTS / rate


REPLAY = Workload(
    id="W8",
    title="A million facts from the store into an empty view",
    unit="facts/s",
    ours={OURS: ours, LIMIT: fold, "limit: raw scan": scan},
    peers={"eventsourcing": Peer("eventsourcing", "eventsourcing_store.py", "replay")},
    cases={"": {"events": 200_000}},
    one_core=True,
    prepare=prepare,
    goals=(
        Goal("seconds for a million", seconds, 6.0, 4.0, at_most=True),
        Goal("of eventsourcing, which only reads", lambda f: f.best(""), 4.0),
        Goal("of the fold in memory", lambda f: f.ratio("", LIMIT), 0.3),
    ),
)
