"""`qudao up`: every context and the gateway in one process."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from shared.kernel.errors import Incompatible
from shared.runtime.app import House, build
from shared.runtime.cli.reach import owned
from shared.runtime.cli.starting import started
from shared.runtime.demo import START, Demo
from shared.runtime.hosting import opened
from shared.runtime.serving import Server, address, listening, nothing, serve
from shared.runtime.settings import Settings


def command(  # noqa: PLR0913, PLR0917
    clock: Annotated[
        str | None, typer.Option(help="Host everything on a hand-turned clock from INSTANT.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The first port to try.")] = None,
    demo: Annotated[bool, typer.Option(help="Play the seeded story first.")] = False,
    exit: Annotated[bool, typer.Option(help="Check the story's answers, then stop.")] = False,
    time_lapse: Annotated[
        bool, typer.Option(help="Play the story's last quarter while you watch.")
    ] = False,
    brief: Annotated[bool, typer.Option(help="Tell its last weeks only, in seconds.")] = False,
    seconds: Annotated[float, typer.Option(help="How long the time-lapse takes.")] = 120,
) -> None:
    """Start everything in one process; stop it with Ctrl-C."""
    settings = Settings()
    if (time_lapse or brief) and not demo:
        raise typer.BadParameter("--time-lapse and --brief need --demo")
    given = _instant(clock, allowed=demo or settings.test)
    lapse = seconds if time_lapse else None
    told = Demo(check=exit, lapse=lapse, brief=brief) if demo else None
    up = Up(settings, port or settings.port, given, told, exit)
    with started(settings, "up"):
        asyncio.run(up.run())


class Up:
    def __init__(
        self, settings: Settings, port: int, given: datetime | None, demo: Demo | None, exit: bool
    ) -> None:
        self._settings, self._demo, self._exit = settings, demo, exit
        self._given = given or (START if demo else None)
        self._socket = listening(settings.host, port)
        self.address = address(self._socket)

    async def run(self) -> None:
        with owned(self._settings.data, self.address):
            async with opened(
                self._settings, given=self._given, open_doors=bool(self._demo)
            ) as house:
                if self._demo:
                    self._fits(self._demo, house)
                await self._serve(house)

    def _ready(self) -> None:
        typer.echo(f"ready {self.address}")

    def _fits(self, demo: Demo, house: House) -> None:
        folder = self._settings.data
        if house.turn is None:
            told = "its data is on the machine's clock: set QUDAO_DATA to a new folder"
            raise Incompatible(f"{folder} is no demo; {told}")
        demo.fits(folder)

    async def _serve(self, house: House) -> None:
        async def begun(server: Server) -> None:
            if self._demo:
                await self._demo.play(self.address, house, self._ready)
            else:
                self._ready()
            if self._exit:
                server.should_exit = True

        await serve(
            build(house),
            self._socket,
            work=house.platform.run(),
            begun=begun,
            stopping=house.feed.close if house.feed else nothing,
        )


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
