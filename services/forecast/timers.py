"""Every Monday, an hour after the week is over and when its money is read: what was abnormal?"""

from collections.abc import Iterable

from services.forecast.domain.anomaly import reports
from services.forecast.domain.commands import JudgeRegion
from services.forecast.domain.episodes import alive
from services.forecast.domain.events import RegionJudged, RegionWatched
from services.forecast.domain.region import Region, due
from services.forecast.projections import REGIONS, weeks_in
from shared.contracts.calendar import business_day
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

NAME = "week"


def set_(fact: RegionWatched | RegionJudged, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    on = fact.on if isinstance(fact, RegionWatched) else fact.then
    return [SetTimer(NAME, due(on), after_inputs=True) if on else ClearTimer(NAME)]


async def fire(timer: Due, read: Read) -> Iterable[Asked]:
    region: Region = await read.fold(timer.stream)
    known, on = await read.get(REGIONS.name, region.name), business_day(timer.due)
    sums = weeks_in(known["weeks"]) if known else {}
    again = any(alive(weeks, on) for weeks in sums.values())
    asked: list[Asked] = [(timer.stream, JudgeRegion(on=on, again=again, at=timer.due))]
    for currency, weeks in sums.items():
        asked += reports(region.name, currency, weeks, on, timer.due)
    return asked


TIMERS: Timers[RegionWatched | RegionJudged] = Timers(
    facts=(RegionWatched, RegionJudged), set=set_, fire=fire
)
