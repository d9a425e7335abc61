"""A piece of a payment: what it pays of one order's product line."""

from dataclasses import dataclass
from typing import Literal

from shared.contracts.ids import Id
from shared.contracts.money import Money

Kind = Literal["payment", "refund", "reversal"]
"""Whether money came, went back, or never came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Net of VAT, rounded: the declared point of ruling g3."""

    order_id: Id
    region: str
    product_line: str
    net: Money
