"""The production roles: `qudao api CTX…` answers, `qudao worker CTX…` does the work."""

import asyncio
from typing import Annotated

import typer

from shared.runtime.app import build
from shared.runtime.cli.reach import shared
from shared.runtime.cli.starting import started
from shared.runtime.hosting import CONTEXTS, Part, opened
from shared.runtime.probes import silent
from shared.runtime.serving import address, listening, ready, serve
from shared.runtime.settings import Settings

HOSTED = tuple(name for name in CONTEXTS if name != "gateway")  # a role of its own
Contexts = Annotated[list[str], typer.Argument(help="Which contexts, in any grouping.")]
Port = Annotated[int | None, typer.Option(help="The first port to try.")]


def api(contexts: Contexts, port: Port = None) -> None:
    """Answer the requests to these contexts; workers do what follows from them."""
    _run("api", contexts, port)


def worker(contexts: Contexts, port: Port = None) -> None:
    """Relay, project and react for these contexts; several workers share the work out."""
    _run("worker", contexts, port)


def _run(part: Part, contexts: list[str], port: int | None) -> None:
    if unknown := [name for name in contexts if name not in HOSTED]:
        raise typer.BadParameter(f"{', '.join(unknown)}: known are {', '.join(HOSTED)}")
    settings = Settings()
    with started(settings, part), shared(settings.data):
        asyncio.run(_serve(settings, part, [*dict.fromkeys(contexts)], port or settings.port))


async def _serve(settings: Settings, part: Part, contexts: list[str], port: int) -> None:
    async with opened(settings, contexts=contexts, part=part) as house:
        on = listening(settings.host, port)
        if part == "api":
            app, work = build(house), house.platform.failing()
        else:
            app, work = silent(house.platform, house.metrics), house.platform.run()
        await serve(app, on, work=work, begun=ready(address(on)))
