"""`qudao gateway`: one address before the processes that host the contexts."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Annotated

import typer

from shared.kernel.errors import Incompatible, Unreachable
from shared.runtime.adapters import Adapters
from shared.runtime.cli.starting import started
from shared.runtime.clocks import clock
from shared.runtime.feed.feed import Feed
from shared.runtime.gateway.app import Terms, opened
from shared.runtime.gateway.own import own
from shared.runtime.hosting import CONTEXTS, load, published
from shared.runtime.serving import address, idle, listening, nothing, ready, serve
from shared.runtime.settings import Settings
from shared.runtime.tokens import Issuer, Verifier

ADDRESS = re.compile(r"https?://[^/?#@\s]+")
BEHIND = tuple(name for name in CONTEXTS if name != "gateway")


def command(
    port: Annotated[int | None, typer.Option(help="The first port to try.")] = None,
) -> None:
    """Answer for every context, wherever QUDAO_APIS says that it is."""
    settings = Settings()
    with started(settings, "gateway"):
        check(settings.apis)
        asyncio.run(_serve(settings, port or settings.port))


def check(apis: Mapping[str, str]) -> None:
    """A wrong address is said now, not when somebody asks for what is behind it."""
    if not apis:
        raise Incompatible("QUDAO_APIS is empty: orders=http://orders-api:8080,…")
    for name, at in apis.items():
        if name not in BEHIND:
            raise Incompatible(f"QUDAO_APIS names {name}: known are {', '.join(BEHIND)}")
        if not ADDRESS.fullmatch(at):
            raise Incompatible(
                f"QUDAO_APIS: {name} is at {at}, which is not like http://host:port"
            )


async def _serve(settings: Settings, port: int) -> None:
    ticking = clock(settings.data, None)
    async with AsyncExitStack() as stack:
        feed = await _feed(Adapters(settings, ticking, stack))
        terms = Terms(
            settings=settings,
            verifier=Verifier.of(settings, Issuer.of(settings.data, make=settings.test)),
            own=own(ticking),
            feed=feed,
        )
        app = await stack.enter_async_context(opened(settings.apis, terms))
        on, work = listening(settings.host, port), feed.run() if feed else idle()
        stopping = feed.close if feed else nothing
        await serve(app, on, work=work, begun=ready(address(on)), stopping=stopping)


async def _feed(adapters: Adapters) -> Feed | None:
    """From Kafka, or from the file of a bus that others on this machine have made."""
    settings = adapters.settings
    with suppress(Unreachable):  # it answers without a broker, and looks again
        await adapters.checked(load(), make=False)
    if settings.kafka or (settings.data / "bus.db").exists():
        return Feed(await adapters.bus(), published())
    return None
