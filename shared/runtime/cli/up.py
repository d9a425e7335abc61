"""`qudao up`: every context and the gateway in one process, on the files of one folder."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import structlog
import typer
import uvicorn

from shared.kernel.errors import Incompatible, PortFailed
from shared.runtime.app import House, build
from shared.runtime.cli.reach import Locked, owned
from shared.runtime.demo import START, play
from shared.runtime.embedded import opened
from shared.runtime.logs import configure
from shared.runtime.settings import Settings

GRACE = 8  # seconds for requests in flight after SIGTERM
TRIES = 100


class Stopped(Exception):
    """A step ended the process: the reason is logged, nothing is lost."""


def command(
    clock: Annotated[
        str | None, typer.Option(help="Host everything on a hand-turned clock from INSTANT.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The first port to try.")] = None,
    demo: Annotated[bool, typer.Option(help="Play the seeded story first.")] = False,
    exit: Annotated[bool, typer.Option(help="Check the story's answers, then stop.")] = False,
) -> None:
    """Start everything in one process; stop it with Ctrl-C."""
    settings = Settings()
    configure(settings.log)
    given = _instant(clock, allowed=demo or settings.test)
    up = Up(settings, port or settings.port, given, demo, exit)
    try:
        asyncio.run(up.run())
    except Locked as taken:
        raise typer.Exit(_say(f"{taken}: stop it, or set QUDAO_DATA to another folder")) from None
    except (Incompatible, PortFailed) as wrong:
        raise typer.Exit(_say(f"not started: {wrong}")) from None
    except Stopped as stopped:
        raise typer.Exit(_say(f"stopped: {stopped}. Start again: nothing is lost.")) from None


class Server(uvicorn.Server):
    """Stops when it is told to; the signal is ours, so that the stores are closed after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.force_exit = self.should_exit  # a second Ctrl-C does not wait for requests
        self.should_exit = True


class Up:
    def __init__(
        self, settings: Settings, port: int, given: datetime | None, demo: bool, exit: bool
    ) -> None:
        self._settings, self._demo, self._exit = settings, demo, exit
        self._given = given or (START if demo else None)
        self._socket = _listening(settings.host, port)

    @property
    def address(self) -> str:
        return f"http://{self._settings.host}:{self._socket.getsockname()[1]}"

    async def run(self) -> None:
        with owned(self._settings.data, self.address):
            async with opened(self._settings, given=self._given, open_doors=self._demo) as house:
                if self._demo and house.turn is None:
                    told = "its data is on the machine's clock: set QUDAO_DATA to a new folder"
                    raise Incompatible(f"{self._settings.data} is no demo; {told}")
                await self._serve(house)

    async def _serve(self, house: House) -> None:
        config = uvicorn.Config(
            build(house), log_config=None, timeout_graceful_shutdown=GRACE, lifespan="off"
        )
        server = Server(config)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, server.stop)
        serving = asyncio.create_task(server.serve(sockets=[self._socket]))
        working = asyncio.create_task(house.platform.run())
        telling = asyncio.create_task(self._tell(server, house))
        await asyncio.wait({serving, working}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        telling.cancel()
        working.cancel()
        told = await asyncio.gather(serving, working, telling, return_exceptions=True)
        for error in told:
            if isinstance(error, Exception):
                structlog.get_logger().error("stopped", exc_info=error)
                raise Stopped(_reason(error)) from error

    async def _tell(self, server: uvicorn.Server, house: House) -> None:
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.01)
        try:
            if self._demo:
                await play(self.address, house, check=self._exit)
            if self._exit:
                server.should_exit = True
            typer.echo(f"ready {self.address}")
        except Exception:
            server.should_exit = True
            raise


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


def _listening(host: str, first: int) -> socket.socket:
    """The first free port from `first` on; another one than asked for is said."""
    for port in range(first, min(first + TRIES, 65_536)):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen()  # from now on nobody else is given this port
        except OSError:
            listening.close()
            continue
        if port != first:
            typer.echo(f"port {first} is taken, using {port}")
        return listening
    raise typer.Exit(_say(f"no free port from {first} on: choose one with --port"))


def _instant(text: str | None, *, allowed: bool) -> datetime | None:
    if text is None:
        return None
    if not allowed:
        raise typer.BadParameter("--clock needs --demo or QUDAO_TEST=1")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("an instant like 2026-01-05T09:00:00+08:00") from None
    if instant.tzinfo is None:
        raise typer.BadParameter("an instant has an offset, like +08:00 or Z")
    return instant


def _say(text: str) -> int:
    typer.echo(text, err=True)
    return 1
