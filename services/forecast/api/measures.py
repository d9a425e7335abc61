"""F-05 as a calculator: two series in, their measures out. Nothing is kept."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter
from pydantic import BeforeValidator, Field, WithJsonSchema

from services.forecast.domain.accuracy import Accuracy, digits, measured
from shared.contracts.money import Money
from shared.kernel.errors import Malformed
from shared.kernel.ports import Document
from shared.runtime.context import Service
from shared.runtime.http import Body, Who

NUMBER = re.compile(r"^-?[0-9]{1,18}(\.[0-9]{1,30})?$")


def number(value: object) -> object:
    """Strings and JSON numbers alike, these by their shortest form; nothing infinite."""
    text = format(Decimal(repr(value)), "f") if type(value) in {int, float} else value
    if isinstance(text, str) and NUMBER.fullmatch(text):
        return text
    raise ValueError("a number has at most 18 digits before the point and 30 after")


Number = Annotated[
    Decimal,
    BeforeValidator(number),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": NUMBER.pattern}, {"type": "number"}]}),
]
Figures = Annotated[list[Number | Money], Field(max_length=10_000)]


class Series(Body):
    """`forecast[n]` was said of `actual[n]`; numbers or, in one currency, amounts."""

    actual: Figures
    forecast: Figures


def add(router: APIRouter, _: Service) -> None:
    @router.post("/accuracy")
    async def accuracy(body: Series, _: Who) -> Document:
        currencies = {f.currency for f in (*body.actual, *body.forecast) if isinstance(f, Money)}
        if len(currencies) > 1:
            raise Malformed("series-currencies-mixed", "measure one currency at a time")
        return shown(measured(plain(body.actual), plain(body.forecast)))


def plain(figures: Sequence[Decimal | Money]) -> list[Decimal]:
    return [figure.amount if isinstance(figure, Money) else figure for figure in figures]


def shown(found: Accuracy) -> Document:
    """Ratios as decimal strings: 0.138888888889, not 13.89 %."""
    return {
        "n": found.n,
        "wape": digits(found.wape),
        "accuracy": digits(found.accuracy),
        "bias": digits(found.bias),
        "mape": digits(found.mape),
        "mase": digits(found.mase),
        "left_out": found.left_out,
    }
