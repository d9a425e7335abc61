"""When a region's weeks are judged: on Mondays, an hour after the week is over, as long as there
is something to compare.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.forecast.domain.commands import JudgeRegion, WatchRegion
from services.forecast.domain.events import RegionJudged, RegionWatched
from services.forecast.domain.windows import WEEK, week_of
from shared.contracts.calendar import business_day, start_of
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider

AFTER = timedelta(hours=1)
Looking = WatchRegion | JudgeRegion
Looked = RegionWatched | RegionJudged


@dataclass(frozen=True, slots=True)
class Region:
    """`due` is the Monday to come, `judged` the last one that was."""

    name: str = ""
    due: date | None = None
    judged: date | None = None


def decide(command: Looking, region: Region) -> list[Looked]:
    match command:
        case WatchRegion():
            on = week_of(business_day(command.recorded_at)) + WEEK
            if region.judged:
                on = max(on, region.judged + WEEK)  # told late: with the next judgement
            known = region.due is not None and region.due <= on
            return [] if known else [RegionWatched(region=command.region, on=on)]
        case JudgeRegion():
            if region.due != command.on:
                return []
            then = command.on + WEEK if command.again else None
            return [RegionJudged(region=region.name, on=command.on, then=then)]


def evolve(region: Region, fact: Looked) -> Region:
    match fact:
        case RegionWatched():
            return replace(region, name=fact.region, due=fact.on)
        case RegionJudged():
            return replace(region, due=fact.then, judged=fact.on)


def due(monday: date) -> datetime:
    return start_of(monday) + AFTER


def last_due(now: datetime) -> datetime:
    return due(week_of(business_day(now - AFTER)))


def region_stream(region: str) -> str:
    return f"forecast.region-{named(region)}"


DECIDER: Decider[Looking, Region, Looked] = Decider(decide, evolve, Region())
REGION = Aggregate(name="region", decider=DECIDER, facts=(RegionWatched, RegionJudged))
