"""A module a subject; each workload is a value."""

from tests.bench.contest import Workload
from tests.bench.workloads import append, commands, replay

WORKLOADS: dict[str, Workload] = {
    one.id: one
    for one in (
        append.ONE,
        append.MANY,
        append.HUNDRED,
        commands.ONE_AND_MANY,
        replay.REPLAY,
        commands.ONE_STREAM,
    )
}
