"""`qudao up --demo`: the story told at once, or its last quarter while somebody watches."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.app import House
from shared.runtime.demo import tour
from shared.runtime.demo.player import Told, teller
from shared.runtime.demo.steps import END, LAPSE
from shared.runtime.demo.story import story


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """`lapse`: in so many seconds the last quarter is played; None: it is told like the rest.

    `brief`: the last weeks only. `check`: raise if an answer is not the one that it must be.
    """

    check: bool = False
    lapse: float | None = None
    brief: bool = False

    def fits(self, folder: Path) -> None:
        """Incompatible if the folder holds another edition of the story."""
        Told.of(folder, story(brief=self.brief))

    async def play(self, address: str, house: House, ready: Callable[[], None]) -> None:
        async with teller(address, house, story(brief=self.brief)) as one:
            tour.begun(one)
            await one.tell(END if self.lapse is None else LAPSE)
            if self.check and self.lapse is None:
                tour.checked(await one.check(brief=self.brief))
            tour.look(one, address, brief=self.brief)
            ready()
            if self.lapse is not None:
                tour.lapsing(self.lapse)
                await one.lapse(self.lapse, tour.ticked)
                tour.lapsed()
                if self.check:
                    tour.checked(await one.check(brief=self.brief))
