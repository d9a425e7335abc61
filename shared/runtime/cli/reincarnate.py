"""`qudao reincarnate`: what the restore of an event store elsewhere asks for."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from shared.kernel.errors import Incompatible
from shared.runtime.adapters import Adapters
from shared.runtime.clocks import clock
from shared.runtime.hosting import CONTEXTS
from shared.runtime.settings import Settings


def command(
    contexts: Annotated[list[str] | None, typer.Argument(help="All, if none is named.")] = None,
) -> None:
    """After KurrentDB was restored from a backup, before anything starts: views are folded again.

    A folder needs no such thing: `qudao restore` does it.
    """
    names = contexts or [*CONTEXTS]
    if unknown := [name for name in names if name not in CONTEXTS]:
        raise typer.BadParameter(f"{', '.join(unknown)}: known are {', '.join(CONTEXTS)}")
    for name in asyncio.run(reborn(Settings(), names)):
        typer.echo(f"{name}: another life begins; its views are folded again")


async def reborn(settings: Settings, names: Sequence[str]) -> Sequence[str]:
    if not settings.kurrent:
        raise Incompatible("QUDAO_KURRENT is not set: a folder is restored by `qudao restore`")
    async with AsyncExitStack() as stack:
        adapters = Adapters(settings, clock(settings.data, None), stack)
        for name in names:
            await (await adapters.kurrent(name)).reincarnate()
    return names
