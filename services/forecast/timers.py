"""Every Monday, an hour after the week is over and when its money is read: what was abnormal?"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.forecast.domain.anomaly import reports
from services.forecast.domain.commands import JudgeRegion
from services.forecast.domain.episodes import alive
from services.forecast.domain.events import RegionJudged, RegionWatched
from services.forecast.domain.region import Region
from services.forecast.projections import REGIONS, weeks_in
from shared.contracts.calendar import business_day, start_of
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

NAME, AFTER = "week", timedelta(hours=1)


def set_(fact: RegionWatched | RegionJudged, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    on = fact.on if isinstance(fact, RegionWatched) else fact.then
    return [SetTimer(NAME, due(on), after_inputs=True) if on else ClearTimer(NAME)]


def due(monday: date) -> datetime:
    return start_of(monday) + AFTER


async def fire(due: Due, read: Read) -> Iterable[Asked]:
    region: Region = await read.fold(due.stream)
    known, on = await read.get(REGIONS.name, region.name), business_day(due.due)
    sums = weeks_in(known["weeks"]) if known else {}
    again = any(alive(weeks, on) for weeks in sums.values())
    asked: list[Asked] = [(due.stream, JudgeRegion(on=on, again=again, at=due.due))]
    for currency, weeks in sums.items():
        asked += reports(region.name, currency, weeks, on, due.due)
    return asked


TIMERS: Timers[RegionWatched | RegionJudged] = Timers(
    facts=(RegionWatched, RegionJudged), set=set_, fire=fire
)
