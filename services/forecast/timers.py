"""Every Monday, an hour after the week is over and when what was told in it is read: which
regions were abnormal, what is foreseen, and how much of each target is collected?
"""

from collections.abc import Iterable
from datetime import date

from services.forecast.domain.actuals import actuals_stream
from services.forecast.domain.anomaly import reports
from services.forecast.domain.commands import (
    HoldRound,
    JudgeRegion,
    MeasureAttainment,
    PublishForecast,
)
from services.forecast.domain.episodes import alive
from services.forecast.domain.events import (
    RegionJudged,
    RegionWatched,
    RoundAwaited,
    RoundHeld,
)
from services.forecast.domain.progress import Aim, first_look, measured, next_look
from services.forecast.domain.publication import (
    periods,
    publication,
    publication_stream,
    scopes,
)
from services.forecast.domain.region import Region, due
from services.forecast.domain.round import STREAM
from services.forecast.domain.target import TARGET_STREAMS
from services.forecast.projections import REGIONS, weeks_in
from services.forecast.projections.book import rows
from shared.contracts.calendar import business_day
from shared.contracts.event import Envelope
from shared.contracts.forecast import AttainmentMeasured, TargetSet
from shared.kernel.policy import Asked, Read
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

NAME = "week"
Weekly = RegionWatched | RegionJudged | RoundAwaited | RoundHeld | TargetSet | AttainmentMeasured


def set_(fact: Weekly, envelope: Envelope) -> Iterable[SetTimer | ClearTimer]:
    on = monday(fact, envelope)
    return [SetTimer(NAME, due(on), after_inputs=True) if on else ClearTimer(NAME)]


def monday(fact: Weekly, envelope: Envelope) -> date | None:
    match fact:
        case RegionWatched() | RoundAwaited():
            return fact.on
        case RegionJudged() | RoundHeld():
            return fact.then
        case TargetSet():
            return first_look(Aim(envelope.time, fact))
        case AttainmentMeasured():
            return next_look(fact.week, fact.month)


async def fire(timer: Due, read: Read) -> Iterable[Asked]:
    on = business_day(timer.due)
    if timer.stream.startswith(TARGET_STREAMS):
        return await measure(timer, read, on)
    return await (publish if timer.stream == STREAM else judge)(timer, read, on)


async def judge(timer: Due, read: Read, on: date) -> Iterable[Asked]:
    region: Region = await read.fold(timer.stream)
    known = await read.get(REGIONS.name, region.name)
    sums = weeks_in(known["weeks"]) if known else {}
    again = any(alive(weeks, on) for weeks in sums.values())
    asked: list[Asked] = [(timer.stream, JudgeRegion(on=on, again=again, at=timer.due))]
    for currency, weeks in sums.items():
        asked += reports(region.name, currency, weeks, on, timer.due)
    return asked


async def publish(timer: Due, read: Read, on: date) -> Iterable[Asked]:
    """The round ends last: a crash before that publishes again, which means nothing new."""
    found, asked = await rows(read), list[Asked]()
    for currency in found.currencies:
        book = found.book(currency)
        for scope in scopes(book, on):
            told = tuple(publication(book, scope, currency, one, on) for one in periods(on))
            command = PublishForecast(found=told, at=timer.due)
            asked.append((publication_stream(scope, currency), command))
    return [*asked, (timer.stream, HoldRound(on=on, again=bool(asked), at=timer.due))]


async def measure(timer: Due, read: Read, on: date) -> Iterable[Asked]:
    """With the Mondays that another revision of the target set the timer beyond."""
    own = [(fact, envelope.time) for fact, envelope in await read.facts(timer.stream)]
    sets = [Aim(at, fact) for fact, at in own if isinstance(fact, TargetSet)]
    told = sets[-1].fact
    paid = await read.facts(actuals_stream(told.partner_id, int(told.month[:4])))
    found = tuple(measured(sets, (fact for fact, _ in paid), on))
    return [(timer.stream, MeasureAttainment(found=found, at=timer.due))]


TIMERS: Timers[Weekly] = Timers(
    version=3,
    facts=(
        RegionWatched,
        RegionJudged,
        RoundAwaited,
        RoundHeld,
        TargetSet,
        AttainmentMeasured,
    ),
    set=set_,
    fire=fire,
)
