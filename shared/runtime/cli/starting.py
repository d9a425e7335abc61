"""What keeps a process from starting, or ends it, is one plain line and a status of 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from shared.kernel.errors import Incompatible, PortFailed
from shared.runtime.cli.reach import Locked
from shared.runtime.logs import configure
from shared.runtime.serving import Stopped
from shared.runtime.settings import Settings
from shared.runtime.telemetry import telemetry


@contextmanager
def started(settings: Settings, role: str) -> Iterator[None]:
    """Logs and traces are set up as the environment asks."""
    configure(settings.log)
    try:
        with telemetry(f"qudao-{role}"):
            yield
    except Locked as taken:
        raise typer.Exit(_say(f"{taken}: stop it, or set QUDAO_DATA to another folder")) from None
    except (Incompatible, PortFailed) as wrong:
        raise typer.Exit(_say(f"not started: {wrong}")) from None
    except Stopped as stopped:
        raise typer.Exit(_say(f"stopped: {stopped}. Start again: nothing is lost.")) from None


def _say(text: str) -> int:
    typer.echo(text, err=True)
    return 1
