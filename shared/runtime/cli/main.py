"""`qudao`: one console script; what each command does is in its own module."""

import sys

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.kernel.errors import Incompatible, PortFailed
from shared.runtime.cli import (
    data,
    gateway,
    importing,
    operate,
    reincarnate,
    roles,
    stream,
    sweep,
    up,
)
from shared.runtime.cli.events import events
from shared.runtime.cli.forecast import forecast
from shared.runtime.cli.reach import Locked
from shared.runtime.cli.rebates import rebates
from shared.runtime.cli.topics import topics
from shared.runtime.settings import Settings

app = typer.Typer(
    name="qudao",
    help="An open, event-sourced platform for selling through channels.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("up")(up.command)
app.command("api")(roles.api)
app.command("worker")(roles.worker)
app.command("gateway")(gateway.command)
app.command("stream")(stream.command)
app.command("sweep")(sweep.command)
app.command("wait")(operate.wait)
app.command("rebuild")(operate.rebuild)
app.command("import")(importing.command)
app.command("backup")(data.backup)
app.command("restore")(data.restore)
app.command("reincarnate")(reincarnate.command)
app.command("forget")(operate.forget)
app.command("doctor")(data.doctor)
app.command("token")(data.token)
app.add_typer(events, name="events")
app.add_typer(operate.streams, name="streams")
app.add_typer(operate.dlq, name="dlq")
app.add_typer(topics, name="topics")
app.add_typer(forecast, name="forecast")
app.add_typer(rebates, name="rebates")


def main() -> None:
    """What is wrong with the folder or the settings is one plain line, not a traceback."""
    try:
        app()
    except (Incompatible, Locked, PortFailed) as refusal:
        sys.exit(str(refusal))
    except ValidationError as wrong:
        if wrong.title != Settings.__name__:
            raise
        sys.exit("; ".join(map(_told, wrong.errors())))


def _told(error: ErrorDetails) -> str:
    said = error["msg"].removeprefix("Value error, ")
    return f"QUDAO_{str(error['loc'][0]).upper()}: {said}" if error["loc"] else said
