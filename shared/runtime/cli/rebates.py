"""Rebates from a shell: publish a programme, list accounts."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from shared.runtime.cli.reach import Platformed, once
from shared.runtime.cli.running import run, show

rebates = typer.Typer(help="Programmes and accounts.", no_args_is_help=True)
Text = Annotated[str | None, typer.Option()]


@rebates.command()
def publish(file: Path) -> None:
    """Publish a programme: versions are immutable, a change is the next version."""
    try:
        programme = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        typer.echo(f"not published: {error}", err=True)
        raise typer.Exit(1) from None

    async def work(platform: Platformed) -> None:
        key = once("programme", json.dumps(programme, sort_keys=True))
        show(await platform.post("/v1/rebates/programmes", programme, key=key))
        await platform.settle()

    run(work)


@rebates.command()
def accounts(  # noqa: PLR0913, PLR0917
    programme: Annotated[str, typer.Option()],
    partner: Text = None,
    period: Text = None,
    partition: Text = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Paid by this day.")] = None,
    as_at: Annotated[str | None, typer.Option("--as-at", help="Known at this instant.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """What each partner has earned, by period and partition."""
    asked = {
        "programme": programme,
        "partner": partner,
        "period": period,
        "partition": partition,
        "as_of": as_of,
        "as_at": as_at,
    }

    async def work(platform: Platformed) -> None:
        await platform.settle()
        items = [item async for item in platform.pages("/v1/rebates/accounts", **asked)]
        show(items) if as_json else _table(items)

    run(work)


def _table(items: list[dict[str, object]]) -> None:
    table = Table("partner", "period", "partition", "volume", "entitlement")
    for item in items:
        shown = [str(item[name]) for name in ("partner_id", "period", "partition")]
        table.add_row(*shown, _amount(item["volume"]), _amount(item["entitlement"]))
    Console().print(table)


def _amount(money: object) -> str:
    return f"{money['amount']} {money['currency']}" if isinstance(money, dict) else str(money)
