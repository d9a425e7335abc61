"""A hosted context's sweep, put together from its ports."""

from shared.kernel.outbox import Outbox
from shared.kernel.step import STORE
from shared.kernel.sweep import Sweep
from shared.runtime.context import Context, Ports


def sweep(context: Context, ports: Ports, *, repair: bool = False) -> Sweep:
    async def relayed() -> int:
        return (await ports.views.positions(f"{context.name}.relay")).get(STORE, 0)

    return Sweep(
        outbox=Outbox(published=context.published, bus=ports.bus, people=ports.people),
        claims=[claim.topic for claim in context.claims],
        store=ports.store,
        relayed=relayed,
        clock=ports.clock,
        repair=repair,
    )
