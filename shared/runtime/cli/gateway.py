"""`qudao gateway`: one address before the processes that host the contexts."""

import asyncio
import re
from collections.abc import Mapping
from typing import Annotated

import typer

from shared.kernel.errors import Incompatible
from shared.runtime.cli.starting import started
from shared.runtime.clocks import clock
from shared.runtime.gateway.app import Terms, opened
from shared.runtime.gateway.own import own
from shared.runtime.hosting import CONTEXTS
from shared.runtime.serving import address, idle, listening, ready, serve
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
    terms = Terms(
        settings=settings,
        verifier=Verifier.of(settings, Issuer.of(settings.data, make=settings.test)),
        own=own(clock(settings.data, None)),
    )
    async with opened(settings.apis, terms) as app:
        on = listening(settings.host, port)
        await serve(app, on, work=idle(), begun=ready(address(on)))
