"""Data and machine: backup, restore, doctor, tokens."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from shared.adapters.sqlite.backup import backup as copy
from shared.adapters.sqlite.backup import restore as bring_back
from shared.adapters.sqlite.checkup import engine
from shared.kernel.errors import Incompatible, Malformed, PortFailed
from shared.runtime.checkup import findings
from shared.runtime.cli.reach import Locked, running
from shared.runtime.settings import Settings
from shared.runtime.tokens import Issuer, known

EXTRA = ("clock", "keys/issuer.json")
USER = re.compile(r"//[^/@]*@")  # an address may hold a password


def backup(target: Path) -> None:
    """Copy the whole data folder, consistently, while it works."""
    try:
        copy(Settings().data, target, EXTRA)
    except (Incompatible, PortFailed, OSError) as refusal:
        typer.echo(f"not backed up: {refusal}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"backed up to {target}")


def restore(source: Path) -> None:
    """Bring a backup back into an empty data folder; views are folded again."""
    folder = Settings().data
    try:
        if address := running(folder):
            raise Locked(f"{folder} is in use by {address}")
        bring_back(source, folder)
    except (Incompatible, Locked, PortFailed, OSError, ValueError) as refusal:
        typer.echo(f"not restored: {refusal}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"restored into {folder}; start it: views are folded again")


def token(
    role: str,
    sub: Annotated[str, typer.Option(help="Who it is for.")],
    partner_id: Annotated[str | None, typer.Option(help="For the role partner.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366)] = 30,
) -> None:
    """A token signed with this data folder's own key."""
    try:
        caller = known(role=role, subject=sub, partner_id=partner_id, regions=())
    except Malformed as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(Issuer.of(Settings().data).token(caller, days * 24 * 3600))


def doctor(
    settings: Annotated[bool, typer.Option("--settings", help="Only the settings.")] = False,
) -> None:
    """Look at this machine, its data and its servers; what would not start is said, with 1."""
    now, table = Settings(), Table("setting", "value", "meaning")
    for name, field in Settings.model_fields.items():
        told = USER.sub("//**********@", str(getattr(now, name)))
        table.add_row(f"QUDAO_{name.upper()}", told, field.description or "")
    Console().print(table)
    if settings:
        return
    typer.echo(f"Python {sys.version.split()[0]}, {engine()}")
    typer.echo(f"{now.data}: {_running(now.data)}")
    if not asyncio.run(_examined(now)):
        raise typer.Exit(1)


def _running(folder: Path) -> str:
    try:
        return running(folder) or "no `qudao up` runs on it"
    except Locked as taken:
        return str(taken)


async def _examined(settings: Settings) -> bool:
    well = True
    async for one in findings(settings):
        well = well and one.well
        typer.echo(f"  {one.what}: {'' if one.well else 'WRONG: '}{one.told}")
    return well
