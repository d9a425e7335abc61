"""What every command shares: reach the platform, run, and say plainly what was refused."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import typer

from shared.kernel.errors import Incompatible, PortFailed, Refused
from shared.runtime.cli.reach import Answered, Locked, Platformed, reached
from shared.runtime.settings import Settings


def run(work: Callable[[Platformed], Awaitable[None]]) -> None:
    async def reach() -> None:
        async with reached(Settings()) as platform:
            await work(platform)

    try:
        asyncio.run(reach())
    except (Answered, Locked, Incompatible, PortFailed, Refused) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from None


def show(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
