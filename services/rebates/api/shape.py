"""The one shape of a programme, as people write it and as its JSON Schema describes it."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from services.rebates.domain.terms import Dimension, Filter, Method, Restatement, Terms, Tier
from shared.contracts.calendar import Day
from shared.contracts.ids import Id
from shared.contracts.money import Amount, Currency, Money
from shared.runtime.http import Body, Text

DURATION = re.compile(
    r"P(?!$)([0-9]{1,4}D)?(T(?=[0-9])([0-9]{1,4}H)?([0-9]{1,6}M)?([0-9]{1,8}S)?)?"
)
FIRST, LAST = date(1970, 1, 1), date(9000, 12, 31)


def written(value: object) -> object:
    if isinstance(value, str) and DURATION.fullmatch(value):
        return value
    raise ValueError("a duration is written like PT1H or P1DT12H")


def distinct(values: Sequence[str]) -> Sequence[str]:
    if len(set(values)) < len(values):
        raise ValueError("nothing is named twice")
    return values


def share(rate: Amount) -> Amount:
    if not 0 <= rate <= 1:
        raise ValueError("a rate is a share: 3 % is 0.03")
    return rate


Duration = Annotated[timedelta, BeforeValidator(written)]
Since = Annotated[Day, Field(ge=FIRST, le=LAST)]
Names = Annotated[tuple[Text, ...], Field(max_length=1_000), AfterValidator(distinct)]
Dimensions = Annotated[tuple[Dimension, ...], AfterValidator(distinct)]


class TierShape(Body):
    """From this volume on, inclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_alias=True)
    start: Annotated[Amount | Money, Field(alias="from")]
    rate: Annotated[Amount, AfterValidator(share)]

    @property
    def threshold(self) -> Amount:
        return self.start.amount if isinstance(self.start, Money) else self.start


class FilterShape(Body):
    product_lines: Names = ()
    regions: Names = ()
    levels: Names = ()


class ProgrammeShape(Body):
    """A rebate programme: one version of it, which never changes once it is published."""

    programme_id: Id
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    effective_from: Since
    effective_to: Since | None = None
    currency: Currency
    filter: FilterShape = FilterShape()
    partition: Dimensions = ()
    basis: Literal["collected"] = "collected"
    method: Method = "whole"
    tiers: Annotated[tuple[TierShape, ...], Field(min_length=1, max_length=100)]
    period: Literal["month", "quarter", "half", "year"]
    grace_days: Annotated[int, Field(ge=0, le=366)] = 10
    settle_after: Duration = timedelta(hours=1)
    settlement: Literal["automatic", "manual"] = "automatic"
    restatement: Restatement = "origin"

    @model_validator(mode="after")
    def _sound(self) -> "ProgrammeShape":
        if self.effective_to and self.effective_to < self.effective_from:
            raise ValueError("effective_to is before effective_from")
        if any(tier.threshold < 0 for tier in self.tiers):
            raise ValueError("a tier starts at 0 or more")
        if any(a.threshold >= b.threshold for a, b in pairwise(self.tiers)):
            raise ValueError("tiers ascend")
        for tier in self.tiers:
            if isinstance(tier.start, Money) and tier.start.currency != self.currency:
                raise ValueError("tiers are in the programme's currency")
        return self

    def terms(self) -> Terms:
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        tiers = [Tier(threshold=one.threshold, rate=one.rate) for one in self.tiers]
        chosen = Filter(**self.filter.model_dump())
        return Terms(**plain | {"filter": chosen, "tiers": tuple(tiers)})


def schema() -> dict[str, Any]:
    return ProgrammeShape.model_json_schema(by_alias=True)
