"""Forecasts from a shell: tried on a pipeline whose end is known."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from shared.kernel.errors import Malformed
from shared.runtime.cli.running import show
from shared.runtime.hosting import load

forecast = typer.Typer(help="Forecasts, and how good they were.", no_args_is_help=True)


@forecast.callback()
def group() -> None:
    """A group, though it has one command so far."""


@forecast.command()
def backtest(
    folder: Annotated[Path, typer.Argument(help="With sales_pipeline.csv and sales_teams.csv.")],
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Known until this day; else the files' last."),
    ] = None,
    currency: Annotated[str, typer.Option(help="Of all amounts.")] = "USD",
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
) -> None:
    """How wrong each month's forecast was, by office and author, and what comes next."""
    (context,) = load(("forecast",))
    assert context.trial is not None
    try:
        told = context.trial(folder, until.date() if until else None, currency)
    except Malformed as wrong:
        typer.echo(f"not read: {wrong}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        show(told)
        return
    for title, table in (("WAPE", _errors(told, "wape")), ("bias", _errors(told, "bias"))):
        typer.echo(f"{title}, one month ahead, {_span(told)}")
        Console().print(table)
    typer.echo(
        f"as known on {told['known_until']} ({told['left_out']} rows without a day left out)"
    )
    ahead = ("office", "next_three_months", "forecast")
    show([{name: one[name] for name in ahead} for one in told["offices"]])


def _span(told: dict[str, Any]) -> str:
    months = told["offices"][0]["tested"]
    return f"{months[0]} to {months[-1]}"


def _errors(told: dict[str, Any], measure: str) -> Table:
    authors = [*told["offices"][0]["backtest"]]
    table = Table("office", *(name.replace("_", " ") for name in authors))
    for one in told["offices"]:
        found = [one["backtest"][name] for name in authors]
        table.add_row(one["office"], *(_percent(each and each[measure]) for each in found))
    return table


def _percent(ratio: str | None) -> str:
    return "–" if ratio is None else f"{Decimal(ratio):.2%}"
