"""What is declared `since: deployment` begins at today's ends, once, and knows nothing before."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from shared.kernel.courier import Courier
from shared.kernel.errors import StaleOwner
from shared.kernel.policy import Policy
from shared.kernel.ports import Bus, Move
from shared.kernel.process import Process
from shared.kernel.relay import OVERLAP
from shared.kernel.step import BATCH, STORE, Entry
from shared.runtime.context import Context, Ports

Topics = tuple[str, ...]


async def deployed(context: Context, ports: Ports, topics: Mapping[str, Topics]) -> None:
    reactions: list[Policy[Any] | Process[Any] | Courier[Any]] = [*context.policies]
    for reaction in (*reactions, *context.processes, *context.couriers):
        if reaction.since == "deployment" and not await ports.views.positions(reaction.name):
            await _begin(reaction.name, ports, topics.get(reaction.name))


async def _begin(name: str, ports: Ports, topics: Topics | None) -> None:
    """The extra mark says so even where nothing had been published yet."""
    ends: Mapping[str, int] = {STORE: await ports.store.end()}
    known: set[UUID] = set()
    if topics is not None:
        ends = await ports.bus.ends(topics)
        known = await _last(ports.bus, topics, ends)
    moves = [Move(log, 0, end) for log, end in {**ends, "deployed": 1}.items()]
    with suppress(StaleOwner):  # another process has begun it just now
        await ports.views.commit(name, moves, {}, known)


async def _last(bus: Bus, topics: Topics, ends: Mapping[str, int]) -> set[UUID]:
    """What relays may send again at their start is of the past, too."""
    known: set[UUID] = set()
    at = {log: max(0, end - OVERLAP - BATCH) for log, end in ends.items()}
    while any(at[log] < end for log, end in ends.items()):
        for delivery in await bus.fetch(topics, after=at, limit=BATCH):
            at[delivery.log] = max(delivery.position, at.get(delivery.log, 0))
            with suppress(ValueError):
                known.add(Entry("", 0, raw=delivery.record.value).envelope.id)
    return known
