"""Facts of `forecast`: what a partner is to sell, and where sales left their course."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Amount, Money

Mode = Literal["absolute", "delta"]
Month = Annotated[str, StringConstraints(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet(Event):
    """Published again it replaces; the highest revision counts."""

    partner_id: Id
    product_line: str
    month: Month
    target: Money
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttainmentMeasured(Event):
    """How much of a target was collected, of all that was recorded up to `as_at`, inclusive.

    One for a target and week (its Monday), from the first Monday in its month to the first after
    it. `percent` is whole and rounded down: 100 is said of nothing less. A target of 0 has none.
    """

    partner_id: Id
    product_line: str
    month: Month
    week: date
    as_at: datetime
    revision: int  # of the target
    target: Money
    collected: Money
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSubmitted(Event):
    """What a partner expects of its period. Submitted again it replaces.

    An `absolute` value stands for itself, a `delta` is added to the roll-up of its opportunities,
    which was `base` when it was submitted.
    """

    partner_id: Id
    period: str  # 2025-03, 2025Q1, 2025H1, 2025
    mode: Mode
    value: Money
    base: Money
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastScope:
    """Whose opportunities; without any, the whole house's."""

    partner: Id | None = None
    region: str | None = None
    product_line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPublished(Event):
    """What was expected to be won in a period, of all that was recorded up to `as_at`, inclusive.

    One for a scope, currency, period and week (its Monday); a forecast asked for `as_at` is this
    one for ever (F-07). `closed`, `commit`, `best_case`, `pipeline` are roll-ups, each with all
    that is surer (F-01); `weighted` is the mean of the open ones by their chances with what is won
    already, `deviation` its σ (F-04); `model` is the better tested of run-rate and seasonal naive;
    `submitted` is the partners' own word. `blended` weighs those three by their past errors
    (F-06); `wape_*` are these, as ratios, null under three.
    """

    partner_id: Id | None = None
    scope: ForecastScope
    period: str
    week: date
    as_at: datetime
    closed: Money
    commit: Money
    best_case: Money
    pipeline: Money
    weighted: Money | None = None
    deviation: Money | None = None
    model: Money | None = None
    method: str | None = None  # run-rate, seasonal-naive
    submitted: Money | None = None
    blended: Money | None = None
    wape_weighted: Amount | None = None
    wape_model: Amount | None = None
    wape_submitted: Amount | None = None
    wape_backtest: Amount | None = None  # of the blend


@dataclass(frozen=True, slots=True, kw_only=True)
class StockBelowSafety(Event):
    """An episode begins: `on_hand` < `safety` = four times `weekly`, the mean of four weeks."""

    partner_id: Id
    region: str
    product_line: str
    sku: str | None = None
    until: date
    on_hand: Amount
    weekly: Amount
    safety: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRestored(Event):
    """The episode ends: there is as much on hand as there should be."""

    partner_id: Id
    region: str
    product_line: str
    sku: str | None = None
    until: date
    on_hand: Amount
    weekly: Amount
    safety: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOverstocked(Event):
    """压货: more than 1.5 units went in for each that was sold on, or none was sold on at all."""

    partner_id: Id
    region: str
    product_line: str
    sku: str | None = None
    since: date
    until: date
    sell_in: Amount
    sell_through: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesAnomalyDetected(Event):
    """An episode: the first of a run of weeks in which a region collected abnormally (F-08, f9).

    `week` is its Monday; `z` = (amount − mean) ÷ deviation of the `weeks` before it, and is null
    where those were all alike.
    """

    rule: str
    region: str
    week: date
    amount: Money
    mean: Money
    deviation: Money
    z: Amount | None
    weeks: int
