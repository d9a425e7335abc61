"""`qudao`: one console script; what each command does is in its own module."""

import typer

from shared.runtime.cli import data, importing, operate, up
from shared.runtime.cli.rebates import rebates
from shared.runtime.cli.topics import topics

app = typer.Typer(
    name="qudao",
    help="An open, event-sourced platform for selling through channels.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("up")(up.command)
app.command("wait")(operate.wait)
app.command("rebuild")(operate.rebuild)
app.command("import")(importing.command)
app.command("backup")(data.backup)
app.command("restore")(data.restore)
app.command("forget")(operate.forget)
app.command("doctor")(data.doctor)
app.command("token")(data.token)
app.add_typer(operate.events, name="events")
app.add_typer(operate.streams, name="streams")
app.add_typer(operate.dlq, name="dlq")
app.add_typer(topics, name="topics")
app.add_typer(rebates, name="rebates")


def main() -> None:
    app()
