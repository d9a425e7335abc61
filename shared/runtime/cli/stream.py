"""`qudao stream CTX`: the live analytics of a context, as a worker of their own."""

import asyncio
from typing import Annotated

import typer

from shared.kernel.errors import Incompatible
from shared.runtime.cli.starting import started
from shared.runtime.hosting import load, opened
from shared.runtime.serving import address, listening, ready, serve
from shared.runtime.settings import Settings


def command(
    context: Annotated[str, typer.Argument(help="Whose stream: forecast.")],
    port: Annotated[int | None, typer.Option(help="The first port to try.")] = None,
) -> None:
    """Show live figures from the bus and report what is out of order; several share the work."""
    if context not in (known := [one.name for one in load() if one.stream]):
        raise typer.BadParameter(f"{context}: known are {', '.join(known)}")
    settings = Settings()
    with started(settings, "stream"):
        asyncio.run(_serve(settings, context, port or settings.port))


async def _serve(settings: Settings, name: str, port: int) -> None:
    if not settings.kafka:
        raise Incompatible("a stream reads Kafka: set QUDAO_KAFKA (embedded, the timers do it)")
    try:
        from shared.runtime.stream import live, shown  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise Incompatible(f"a stream needs qudao[faust]: {missing}") from missing
    async with (
        opened(settings, contexts=[name], part="api") as house,
        live(house.platform.workers[name], settings) as one,
    ):
        on = listening(settings.host, port)
        app = shown(one, house.metrics.registry)
        await serve(app, on, work=one.run(), begun=ready(address(on)))
