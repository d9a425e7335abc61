"""One process: an HTTP server, the work beside it, and a way to stop both that loses nothing."""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import typer
import uvicorn

GRACE = 8  # seconds for requests in flight after SIGTERM
TRIES = 100


class Stopped(Exception):
    """A step ended the process: the reason is logged, nothing is lost."""


class Server(uvicorn.Server):
    """Stops when it is told to; the signal is ours, so that the stores are closed after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self, stopping: Callable[[], None]) -> None:
        self.force_exit = self.should_exit  # a second Ctrl-C does not wait for requests
        self.should_exit = True
        stopping()


Begun = Callable[[Server], Awaitable[None]]


def nothing() -> None:
    """Most answers end by themselves."""


async def serve(
    app: Any,
    on: socket.socket,
    *,
    work: Coroutine[Any, Any, None],
    begun: Begun,
    stopping: Callable[[], None] = nothing,
) -> None:
    """Until a signal, or until the work ends; `begun` is called once requests are answered.

    `stopping` lets go of who listens without end, when no new request is taken any more.
    """
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=GRACE, lifespan="off")
    server = Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.stop, stopping)
    serving = asyncio.create_task(server.serve(sockets=[on]))
    working = asyncio.create_task(work)
    telling = asyncio.create_task(_told(server, begun))
    await asyncio.wait({serving, working}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    telling.cancel()
    working.cancel()
    for error in await asyncio.gather(serving, working, telling, return_exceptions=True):
        if isinstance(error, Exception):
            structlog.get_logger().error("stopped", exc_info=error)
            raise Stopped(_reason(error)) from error


async def idle() -> None:
    """The work of a process that only answers."""
    await asyncio.Event().wait()


def ready(address: str) -> Begun:
    """The last line of a start."""

    async def begun(_: Server) -> None:
        typer.echo(f"ready {address}")

    return begun


def address(on: socket.socket) -> str:
    host, port = on.getsockname()[:2]
    return f"http://{host}:{port}"


def listening(host: str, first: int) -> socket.socket:
    """The first free port from `first` on; another one than asked for is said.

    It names TCP, as only then asyncio sends small answers at once (TCP_NODELAY).
    """
    for port in range(first, min(first + TRIES, 65_536)):
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, port))
            found.listen()  # from now on nobody else is given this port
        except OSError:
            found.close()
            continue
        if port != first:
            typer.echo(f"port {first} is taken, using {port}")
        return found
    typer.echo(f"no free port from {first} on: choose one with --port", err=True)
    raise typer.Exit(1)


async def _told(server: Server, begun: Begun) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0.01)
    _loaded()
    try:
        await begun(server)
    except Exception:
        server.should_exit = True
        raise


def _loaded() -> None:
    """What is there by now stays, and each look of the collector at it would stop requests."""
    gc.collect()
    gc.freeze()


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
