"""What reads of forecast have in common: their filters, and whole answers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Query

from services.forecast.projections.book import everything
from shared.contracts.forecast import Month
from shared.contracts.ids import Id
from shared.contracts.money import Money
from shared.kernel.codec import document
from shared.kernel.ports import Condition, Document
from shared.runtime.http import Caller, Text, own

__all__ = ["About", "Asked", "everything", "money", "of_whom", "only"]


@dataclass(frozen=True, slots=True)
class About:
    """Of whom, of what, when: each may be left open."""

    partner: Annotated[Id | None, Query()] = None
    product_line: Annotated[Text | None, Query()] = None
    month: Annotated[Month | None, Query()] = None


Asked = Annotated[About, Depends()]


def of_whom(who: Caller, partner: str | None) -> str | None:
    """Staff that names nobody asks about all partners together."""
    about = partner or who.partner_id
    own(who, about, "forecast-not-found")
    return about


def only(**fields: str | None) -> tuple[Condition, ...]:
    return tuple((field, "eq", value) for field, value in fields.items() if value is not None)


def money(value: Decimal | None, currency: str) -> Document | None:
    shown: Document | None = (
        document(Money(value, currency).rounded()) if value is not None else None
    )
    return shown
