"""What people say of a partner's period, one above the other: F-02 with ruling f2.

The partner submits; sales, manager and director may each put their own figure in its place.
Whoever looks sees the figure of the highest author at or below himself, and nobody's above.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.forecast.domain.accuracy import ZERO
from services.forecast.domain.commands import StateForecast
from services.forecast.domain.events import ForecastAdjusted, Level
from shared.contracts.forecast import ForecastSubmitted, Mode
from shared.contracts.ids import named
from shared.contracts.money import Currency
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed

LEVELS: tuple[Level, ...] = ("partner", "sales", "manager", "director")
"""From below to above."""
StatementEvent = ForecastSubmitted | ForecastAdjusted


@dataclass(frozen=True, slots=True)
class Said:
    """`base` is the roll-up without anybody's adjustments as its author saw it."""

    mode: Mode
    value: Decimal
    base: Decimal

    def beside(self, base: Decimal) -> Decimal:
        """An absolute figure sticks, a delta follows."""
        return self.value if self.mode == "absolute" else base + self.value

    def stale(self, base: Decimal) -> bool:
        return self.mode == "absolute" and base != self.base


@dataclass(frozen=True, slots=True)
class Statements:
    revision: int = 0
    said: Mapping[Level, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """`author` is None where nobody has said anything: the roll-up itself."""

    value: Decimal
    author: Level | None = None
    stale: bool = False


def seen(said: Mapping[Level, Said], base: Decimal, viewer: Level) -> Seen:
    for level in reversed(LEVELS[: LEVELS.index(viewer) + 1]):
        if level in said:
            one = said[level]
            return Seen(one.beside(base), level, one.stale(base))
    return Seen(base)


def decide(command: StateForecast, statements: Statements) -> list[StatementEvent]:
    if command.value.currency != command.found.currency:
        raise Malformed("currency-mixed", "state it in the currency of the roll-up")
    if command.mode == "absolute" and command.value.amount < ZERO:
        raise Malformed("forecast-negative", "an absolute forecast is 0 or more")
    revision = statements.revision + 1
    if command.level == "partner":
        return [
            ForecastSubmitted(
                partner_id=command.partner_id,
                period=command.period,
                mode=command.mode,
                value=command.value,
                base=command.found,
                revision=revision,
            )
        ]
    return [
        ForecastAdjusted(
            partner_id=command.partner_id,
            period=command.period,
            level=command.level,
            mode=command.mode,
            value=command.value,
            base=command.found,
            reason=command.reason,
            revision=revision,
        )
    ]


def evolve(before: Statements, fact: StatementEvent) -> Statements:
    level: Level = "partner" if isinstance(fact, ForecastSubmitted) else fact.level
    said = Said(fact.mode, fact.value.amount, fact.base.amount)
    return Statements(fact.revision, {**before.said, level: said})


def statement_stream(partner_id: str, period: str, currency: Currency) -> str:
    return f"forecast.statement-{named(partner_id, period, currency)}"


DECIDER: Decider[StateForecast, Statements, StatementEvent] = Decider(decide, evolve, Statements())
STATEMENT = Aggregate(
    name="statement", decider=DECIDER, facts=(ForecastSubmitted, ForecastAdjusted)
)
