"""The embedded adapters in a folder that nobody needs tomorrow: real, only not synced."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from shared.adapters.sqlite import SqliteBus, SqlitePeople, SqliteStore, SqliteViews
from shared.kernel.ports import Clock
from shared.runtime.context import Ports
from shared.testing.clock import HandClock


@contextmanager
def embedded(
    folder: Path, *contexts: str, clock: Clock | None = None
) -> Iterator[dict[str, Ports]]:
    """The ports of each context by its name: store, views and people of its own, one bus."""
    now = clock or HandClock()
    with ExitStack() as open_:
        bus = open_.enter_context(closing(SqliteBus(folder / "bus.db", "OFF")))

        def ports(name: str) -> Ports:
            file = folder / name
            return Ports(
                store=open_.enter_context(closing(SqliteStore(Path(f"{file}.store.db"), "OFF"))),
                views=open_.enter_context(closing(SqliteViews(Path(f"{file}.views.db"), "OFF"))),
                people=open_.enter_context(
                    closing(SqlitePeople(Path(f"{file}.people.db"), "OFF"))
                ),
                bus=bus,
                clock=now,
            )

        yield {name: ports(name) for name in contexts}
