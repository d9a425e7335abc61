"""A module a subject; each workload is a value."""

from tests.bench.contest import Workload
from tests.bench.workloads import append, bus, commands, replay

WORKLOADS: dict[str, Workload] = {
    one.id: one
    for one in (
        append.ONE,
        append.MANY,
        append.HUNDRED,
        commands.ONE_AND_MANY,
        bus.RELAY,
        bus.PROJECTION,
        replay.REPLAY,
        commands.ONE_STREAM,
    )
}
