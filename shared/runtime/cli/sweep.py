"""`qudao sweep`: do the topics hold what the stores published? `--repair` sends what they lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, fields
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from shared.kernel.swept import Count, Swept
from shared.runtime.adapters import Adapters
from shared.runtime.clocks import clock
from shared.runtime.context import Context, Ports
from shared.runtime.hosting import CONTEXTS, load
from shared.runtime.settings import Settings
from shared.runtime.sweeping import sweep

WIDTH = 120
COUNTS = tuple(field.name for field in fields(Count))


def command(
    contexts: Annotated[list[str] | None, typer.Argument(help="All, if none is named.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Send again what is missing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Compare the topics with the stores. Ends with 1 if they are not equal (afterwards)."""
    names = contexts or [*CONTEXTS]
    if unknown := [name for name in names if name not in CONTEXTS]:
        raise typer.BadParameter(f"{', '.join(unknown)}: known are {', '.join(CONTEXTS)}")
    found = asyncio.run(_swept(names, repair))
    show = _json if as_json else _table
    show(found)
    if not all(one.equal for one in found.values()):
        raise typer.Exit(1)


async def _swept(names: Sequence[str], repair: bool) -> dict[str, Swept]:
    async with _opened(Settings(), names) as opened:
        return {
            context.name: await sweep(context, ports, repair=repair).whole()
            for context, ports in opened
        }


@asynccontextmanager
async def _opened(
    settings: Settings, names: Sequence[str]
) -> AsyncIterator[Sequence[tuple[Context, Ports]]]:
    """The ports of these contexts; whatever runs on them goes on."""
    settings.data.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        adapters, contexts = Adapters(settings, clock(settings.data, None), stack), load(names)
        await adapters.checked(contexts, make=False)
        bus = await adapters.bus()
        yield [(context, await adapters.ports(context.name, bus)) for context in contexts]


def _json(found: Mapping[str, Swept]) -> None:
    told: dict[str, Any] = {
        name: {
            "equal": one.equal,
            "sent": one.sent,
            "topics": {topic: asdict(count) for topic, count in one.topics.items()},
            "shown": [*one.shown],
        }
        for name, one in found.items()
    }
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2))


def _table(found: Mapping[str, Swept]) -> None:
    table = Table(box=SIMPLE)
    for head in ("topic", *COUNTS):
        table.add_column(head.replace("_", " "), no_wrap=True)
    for one in found.values():
        for topic, count in one.topics.items():
            table.add_row(topic, *(str(getattr(count, name)) for name in COUNTS))
    wide = Console()
    wide.width = max(WIDTH, wide.width)
    wide.print(table)
    for name, one in found.items():
        for line in one.shown:
            typer.echo(f"{name}: {line}")
        if one.sent:
            typer.echo(f"{name}: {one.sent} sent again")
    typer.echo("equal" if all(one.equal for one in found.values()) else "not equal")
