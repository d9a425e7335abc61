"""When forecasts are published: on Mondays, an hour after the week is over, as long as there is
something to foresee.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.forecast.domain.commands import AwaitRound, HoldRound
from services.forecast.domain.events import RoundAwaited, RoundHeld
from services.forecast.domain.region import due
from services.forecast.domain.windows import WEEK, week_of
from shared.contracts.calendar import business_day, start_of
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed, Refused

STREAM = "forecast.round-all"
RoundCommand = AwaitRound | HoldRound
RoundEvent = RoundAwaited | RoundHeld


@dataclass(frozen=True, slots=True)
class Round:
    """`due` is the Monday to come, `held` the last one that was."""

    due: date | None = None
    held: date | None = None


def decide(command: RoundCommand, round_: Round) -> list[RoundEvent]:
    match command:
        case AwaitRound():
            on = week_of(business_day(command.recorded_at)) + WEEK
            if round_.held:
                on = max(on, round_.held + WEEK)  # told late: with the next round
            known = round_.due is not None and round_.due <= on
            return [] if known else [RoundAwaited(on=on)]
        case HoldRound():
            if round_.due != command.on:
                return []
            return [RoundHeld(on=command.on, then=command.on + WEEK if command.again else None)]


def evolve(round_: Round, fact: RoundEvent) -> Round:
    match fact:
        case RoundAwaited():
            return replace(round_, due=fact.on)
        case RoundHeld():
            return Round(due=fact.then, held=fact.on)


def as_at(monday: date) -> datetime:
    """The last instant of the week before: all that was recorded until then counts."""
    return start_of(monday) - timedelta(microseconds=1)


def publishable(week: date, now: datetime, round_: Round) -> date:
    """What was recorded in a week is here an hour after it, or when its round was held: nothing is
    published before that.
    """
    if week != week_of(week):
        raise Malformed("publication-week-malformed", "a week is named by its Monday")
    awaited = round_.due is not None and round_.due <= week
    if awaited or now < due(week):
        raise Refused("publication-early", f"it is published from {due(week).isoformat()} on")
    return week


DECIDER: Decider[RoundCommand, Round, RoundEvent] = Decider(decide, evolve, Round())
ROUND = Aggregate(name="round", decider=DECIDER, facts=(RoundAwaited, RoundHeld))
