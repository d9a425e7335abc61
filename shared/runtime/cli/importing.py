"""`qudao import`: a folder of CSV files and a mapping become facts."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from shared.runtime.cli.reach import Platformed
from shared.runtime.cli.running import run
from shared.runtime.importing import errorfile
from shared.runtime.importing.importer import Importer, Unwatched
from shared.runtime.importing.outcome import Outcome
from shared.runtime.importing.plan import BadMapping, Plan, Unreadable, plan

DEFAULT = Path("import-errors.csv")
UNUSABLE = 2  # mapping or files: nothing was sent


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the CSV files.")],
    mapping: Annotated[Path, typer.Option(help="How their columns are read (JSON).")],
    errors: Annotated[
        Path | None, typer.Option(help=f"Where refusals go (if any: {DEFAULT}).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Load business history from CSV. A second run changes nothing."""
    try:
        planned = plan(folder, mapping)
        if errors:
            errorfile.write(errors, ())
    except (BadMapping, Unreadable, OSError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(UNUSABLE) from None
    outcome = imported(planned, quiet=as_json or not sys.stderr.isatty())
    written = _write(outcome, errors)
    if as_json:
        typer.echo(json.dumps(outcome.shown(), ensure_ascii=False, indent=2))
    else:
        Console().print(_table(outcome))
        typer.echo("\n".join(_sums(outcome)))
    for line in _warnings(outcome, written):
        typer.echo(line, err=True)
    if outcome.faults:
        raise typer.Exit(1)


def imported(planned: Plan, *, quiet: bool) -> Outcome:
    outcome = Outcome()

    async def work(platform: Platformed) -> None:
        if quiet:
            await Importer(platform, planned, Unwatched(), outcome).run()
            return
        with Bar() as bar:
            await Importer(platform, planned, bar, outcome).run()

    run(work)
    return outcome


class Bar(Progress):
    """A bar per phase, on stderr: stdout is for the result."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description:>20}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )

    def begin(self, what: str, total: int) -> None:
        for task in self.tasks:
            if task.total is None:
                self.remove_task(task.id)
        self._now = self.add_task(what, total=total or None)

    def step(self) -> None:
        self.advance(self._now)


def _write(outcome: Outcome, asked: Path | None) -> Path | None:
    if asked is None and not outcome.faults:
        return None
    errorfile.write(asked or DEFAULT, outcome.faults)
    return asked or DEFAULT


def _table(outcome: Outcome) -> Table:
    table = Table("", "read", "accepted", "repeated", "refused", title="import")
    for kind, count in outcome.counts.items():
        numbers = (count.read, count.accepted, count.repeated, count.refused)
        table.add_row(kind, *map(str, numbers))
    return table


def _sums(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.facts} facts in {outcome.seconds:.1f} s ({outcome.rate:.0f}/s)"
    if standing := outcome.standing:
        yield (
            f"payments: {standing.matched_exact} matched by amount, "
            f"{standing.collected} collected, {standing.unallocated} unallocated"
        )


def _warnings(outcome: Outcome, written: Path | None) -> Iterator[str]:
    if outcome.faults:
        yield f"{outcome.sum('refused')} refused, cell by cell in {written}; all else is in"
    if outcome.parked:
        yield f"{outcome.parked} facts are parked: see `qudao dlq list`"
