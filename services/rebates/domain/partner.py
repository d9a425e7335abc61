"""What rebates knows of a partner: which level it had since when."""

from dataclasses import dataclass
from datetime import date, datetime

from services.rebates.domain.commands import RecordLevel
from services.rebates.domain.events import RebateLevelRecorded
from shared.contracts.calendar import business_day
from shared.kernel.decider import Aggregate, Decider


@dataclass(frozen=True, slots=True)
class Levels:
    """In the order in which we learned them, which need not be that of the partner's life."""

    recorded: tuple[RebateLevelRecorded, ...] = ()

    @property
    def version(self) -> int:
        return len(self.recorded)

    def upto(self, version: int) -> "Levels":
        return Levels(self.recorded[:version])

    def before(self, instant: datetime) -> "Levels":
        return Levels(tuple(one for one in self.recorded if one.recorded_at < instant))

    def on(self, day: date) -> str | None:
        """The level of that day; before the partner was enrolled, the one it then started with."""
        life = sorted(self.recorded, key=lambda one: (one.occurred_at, one.sequence))
        then = [one for one in life if business_day(one.occurred_at) <= day] or life[:1]
        return then[-1].level if then else None


def decide(command: RecordLevel, levels: Levels) -> list[RebateLevelRecorded]:
    if any(one.source == command.source for one in levels.recorded):
        return []
    return [
        RebateLevelRecorded(
            partner_id=command.partner_id,
            level=command.level,
            source=command.source,
            sequence=command.sequence,
            occurred_at=command.at,
            recorded_at=command.recorded_at,
        )
    ]


def evolve(levels: Levels, fact: RebateLevelRecorded) -> Levels:
    return Levels((*levels.recorded, fact))


def partner_stream(partner_id: str) -> str:
    return f"rebates.partner-{partner_id}"


DECIDER: Decider[RecordLevel, Levels, RebateLevelRecorded] = Decider(decide, evolve, Levels())
PARTNER = Aggregate(name="partner", decider=DECIDER, facts=(RebateLevelRecorded,))
