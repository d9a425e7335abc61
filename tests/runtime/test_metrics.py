"""What a process says of itself, beside what it does."""

from contextlib import closing
from pathlib import Path
from shutil import disk_usage

from prometheus_client.parser import text_string_to_metric_families

from shared.adapters.sqlite import SqliteStore
from shared.adapters.sqlite.checkup import engine
from shared.contracts.ids import named
from shared.kernel.handler import Cause, Handler
from shared.runtime.metrics import Metrics
from shared.runtime.platform import Platform
from shared.testing.clock import HandClock
from shared.testing.platform import platform
from tests.kernel.commands import MakeThing, PaintThing
from tests.kernel.things import THINGS, stream

Told = dict[tuple[str, str], float]  # by name, and the value of its one label


def told(metrics: bytes) -> Told:
    families = text_string_to_metric_families(metrics.decode())
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in families
        for sample in family.samples
        if len(sample.labels) <= 1
    }


async def test_a_process_tells_its_engine_and_the_disk_that_it_may_fill(tmp_path: Path) -> None:
    async with platform(tmp_path, contexts=["partners"]) as bed:
        found = told((await bed.http.get("/metrics")).content)
    disk = disk_usage(tmp_path)
    assert found["qudao_engine_info", engine()] == 1
    assert found["qudao_disk_bytes", ""] == disk.total
    assert 0 < found["qudao_disk_free_bytes", ""] < disk.total


async def test_the_longest_stream_that_was_written_to_is_told(tmp_path: Path) -> None:
    """An alert asks for it (A12): whoever loads a very long one first waits for it."""
    metrics, clock = Metrics(), HandClock()
    with closing(SqliteStore(tmp_path / "things.store.db", "OFF")) as store:
        handle = Handler("things", THINGS.aggregates, metrics.timed("things", store), clock)
        for name, colours in (("a", "xyz"), ("b", "x")):
            make = MakeThing(thing_id=name, partner_id="p", price=1, at=clock())
            await handle(stream(name), make, cause(f"make {name}"))
            paint = PaintThing(colours=tuple(colours), at=clock())
            await handle(stream(name), paint, cause(f"paint {name}"))
    found = told(await metrics.scrape(Platform(workers={}, clock=clock)))
    assert found["qudao_longest_stream_facts", "things"] == 1 + len("xyz")


def cause(what: str) -> Cause:
    return Cause(commandid=named(what), actor="pat", correlationid=named(what))
