"""`qudao up --demo`: the story told at once, or its last quarter while somebody watches."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.app import House
from shared.runtime.demo import tour
from shared.runtime.demo.player import Told, teller
from shared.runtime.demo.steps import END, LAPSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """`lapse`: in so many seconds the last quarter is played; None: it is told like the rest.

    `check`: raise if an answer is not the one that it must be.
    """

    check: bool = False
    lapse: float | None = None

    def fits(self, folder: Path) -> None:
        """Incompatible if the folder holds another edition of the story."""
        Told.of(folder)

    async def play(self, address: str, house: House, ready: Callable[[], None]) -> None:
        async with teller(address, house) as one:
            tour.begun(one)
            await one.tell(END if self.lapse is None else LAPSE)
            if self.check and self.lapse is None:
                tour.checked(await one.check())
            tour.look(one, address)
            ready()
            if self.lapse is not None:
                tour.lapsing(self.lapse)
                await one.lapse(self.lapse, tour.ticked)
                tour.lapsed()
                if self.check:
                    tour.checked(await one.check())
