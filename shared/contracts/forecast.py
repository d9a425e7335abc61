"""Facts of `forecast`: what a partner is to sell."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

from shared.contracts.event import Event
from shared.contracts.ids import Id
from shared.contracts.money import Money

Month = Annotated[str, StringConstraints(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet(Event):
    """Published again it replaces; the highest revision counts."""

    partner_id: Id
    product_line: str
    month: Month
    target: Money
    revision: int
