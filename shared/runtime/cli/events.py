"""`qudao events`: facts as they were stored; shown, followed, exported as JSON Lines."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from shared.runtime.cli.reach import Platformed
from shared.runtime.cli.running import run, show
from shared.runtime.hosting import load

events = typer.Typer(help="Facts as they were stored.", no_args_is_help=True)
PAGE, LOOK = 200, 0.2

Types = Annotated[list[str] | None, typer.Option("--type", help="Only facts of this type.")]
Partner = Annotated[str | None, typer.Option(help="Only facts of this partner.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of one context: after a position, up to one, and which of them."""

    context: str
    after: int = 0
    until: int | None = None
    types: Sequence[str] = ()
    partner: str | None = None
    page: int = PAGE

    async def read(self, platform: Platformed) -> AsyncIterator[dict[str, Any]]:
        """Until there are no more for now."""
        after, seen = self.after, -1
        while seen < after and (self.until is None or after < self.until):
            seen = after
            page = await platform.get(
                "/v1/events",
                context=self.context,
                after=after,
                until=self.until,
                type=[*self.types] or None,
                partner=self.partner,
                limit=self.page,
            )
            for item in page["items"]:
                yield item
            after = page["after"]


@events.command("show")
def show_(context: str, after: int = 0, limit: int = 50) -> None:
    """Facts of a context, in commit order."""

    async def work(platform: Platformed) -> None:
        asked = {"context": context, "after": after, "limit": limit}
        show((await platform.get("/v1/events", **asked))["items"])

    run(work)


@events.command("export")
def export(
    contexts: Annotated[list[str] | None, typer.Argument(help="All, if none is named.")] = None,
    after: Annotated[int, typer.Option(help="Begin behind this position of the context.")] = 0,
    until: Annotated[int | None, typer.Option(help="End with this position.")] = None,
    types: Types = None,
    partner: Partner = None,
) -> None:
    """Write facts as JSON Lines: a CloudEvent a line, with its `position` in the context.

    The last position that was written is where the next export begins (--after).
    """
    names = contexts or [one.name for one in load() if one.facts]
    if len(names) > 1 and (after or until is not None):
        raise typer.BadParameter("positions are those of one context: name it")

    async def work(platform: Platformed) -> None:
        for name in names:
            wanted = Wanted(name, after, until, types or (), partner)
            async for item in wanted.read(platform):
                typer.echo(line(item))

    run(work)


@events.command("tail")
def tail(context: str, types: Types = None, partner: Partner = None) -> None:
    """New facts of a context as they are stored, until Ctrl-C."""

    async def work(platform: Platformed) -> None:
        counts = await platform.get("/v1/settled")
        after = counts["positions"].get(f"{context}.relay", {}).get("store", 0)
        while True:
            page = await platform.get(
                "/v1/events",
                context=context,
                after=after,
                type=types or None,
                partner=partner,
                limit=PAGE,
            )
            for item in page["items"]:
                typer.echo(line(item))
            after = page["after"]
            await asyncio.sleep(LOOK)

    run(work)


def line(item: dict[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))
