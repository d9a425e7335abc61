"""A module a subject; each workload is a value."""

from tests.bench.contest import Workload
from tests.bench.workloads import (
    account,
    append,
    bus,
    classic,
    commands,
    crash,
    durability,
    fanout,
    growth,
    replay,
    requests,
)

WORKLOADS: dict[str, Workload] = {
    one.id: one
    for one in (
        append.ONE,
        append.MANY,
        append.HUNDRED,
        commands.ONE_AND_MANY,
        requests.COMMAND,
        bus.RELAY,
        bus.PROJECTION,
        replay.REPLAY,
        requests.VISIBLE,
        growth.MEMORY,
        growth.GROWTH,
        commands.ONE_STREAM,
        crash.CRASH,
        fanout.FANOUT,
        durability.SYNCS,
        account.LARGE,
        classic.CLASSIC,
        classic.ON_KAFKA,
    )
}
