"""The mapping file: how the columns of somebody's CSV files become our fields."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from shared.contracts.money import Currency

UNIONS = {"str", "Detailed", "Partners", "Orders", "Payments"}


class BadMapping(Exception):
    """One line per mistake, each with its place."""


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Detailed(Shape):
    """A text with `{column}` holes, and what to do with what it gives."""

    text: str = Field(alias="from", description='text with holes: "cm-{customerNumber}"')
    values: dict[str, str] | SkipJsonSchema[None] = Field(
        None, description="from their words to ours; any other word is refused"
    )
    date: str | SkipJsonSchema[None] = Field(None, description="as in strptime: %d.%m.%Y")
    split: str | SkipJsonSchema[None] = Field(None, description="what separates several values")
    optional: bool = Field(False, description="a blank cell means: not given")


Source = Annotated[str | Detailed, Field(description='text with holes: "cm-{customerNumber}"')]
Several = Source | list[Source]
Maybe = Source | SkipJsonSchema[None]


class PartnerFields(Shape):
    partner_id: Source
    type: Source
    level: Source
    regions: Several = []
    industries: Several = []
    product_lines: Several = []
    credit_limit: Maybe = None
    enrolled_on: Maybe = None


class OrderFields(Shape):
    order_id: Source
    partner_id: Source
    region: Source
    ordered_on: Source
    status: Source
    customer_id: Maybe = None
    sales_id: Maybe = None
    shipped_on: Maybe = None
    reason: Maybe = None


class LineFields(Shape):
    order_id: Source = Field(description="gives what the order's own order_id gives")
    sku: Source
    product_line: Source
    quantity: Source
    unit_price: Source
    line: Maybe = Field(None, description="default: 1, 2, … as the lines stand in the file")
    tax_rate: Maybe = None


class PaymentFields(Shape):
    document_no: Source
    partner_id: Source
    amount: Source
    paid_on: Source
    order_id: Maybe = None
    payer: Maybe = None
    sales_id: Maybe = None


class Lookup(Shape):
    """The row of another file: its columns are `{name.column}`."""

    file: str
    key: str = Field(description="text with holes, over the other file")
    by: str = Field("", description="text with holes, over this file; default: as `key`")


class Section(Shape):
    file: str
    lookups: dict[str, Lookup] = {}
    fields: Shape


class Partners(Section):
    fields: PartnerFields


class Lines(Section):
    fields: LineFields


class Orders(Section):
    fields: OrderFields
    lines: Lines


class Payments(Section):
    fields: PaymentFields
    strategy: Literal["named-else-oldest", "exact-else-oldest"] = "named-else-oldest"
    order_by: tuple[Literal["paid_on", "document_no", "partner_id"], ...] = (
        "paid_on",
        "document_no",
    )


class Numbers(Shape):
    decimal: Literal[".", ","] = "."
    grouping: Literal["", ",", ".", " ", "'", "_"] = ""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if self.grouping == self.decimal:
            raise ValueError("grouping and decimal are the same")
        return self


class Mapping(Shape):
    """How a folder of CSV files is read by `qudao import`."""

    schema_: str = Field("", alias="$schema")
    source: str = Field(
        min_length=1, max_length=64, description="the name of the system the files come from"
    )
    currency: Currency
    programmes: tuple[str, ...] = Field((), description="files beside the mapping")
    delimiter: str = Field(",", min_length=1, max_length=1)
    encoding: str | SkipJsonSchema[None] = Field(None, description="default: UTF-8, else GB 18030")
    numbers: Numbers = Numbers()
    date: str = Field("%Y-%m-%d", description="as in strptime, where a field says nothing else")
    partners: Partners | SkipJsonSchema[None] = None
    orders: Orders | SkipJsonSchema[None] = None
    payments: Payments | SkipJsonSchema[None] = None

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str | None) -> str | None:
        try:
            return encoding and codecs.lookup(encoding).name
        except LookupError:
            raise ValueError(f"{encoding!r} is no encoding") from None

    @classmethod
    def load(cls, path: Path) -> Self:
        try:
            return cls.model_validate(json_object(path))
        except ValidationError as error:
            mistakes = (f"{path}: {where}: {what}" for where, what in _mistakes(error))
            raise BadMapping("\n".join(dict.fromkeys(mistakes))) from None


def json_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadMapping(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadMapping(f"{path}: no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadMapping(f"{path}: a JSON object is expected")
    return found


def _mistakes(error: ValidationError) -> Iterator[tuple[str, str]]:
    """By their place in the file: which branch of a union was tried is nobody's concern."""
    for each in error.errors():
        places = [str(part) for part in each["loc"]]
        if places[-1:] != ["none"]:
            named = (part for part in places if part not in UNIONS and "[" not in part)
            yield ".".join(named) or "the whole", each["msg"]


def each(source: str | Detailed | list[str | Detailed]) -> list[Detailed]:
    """A field's sources, every one in its long form."""
    several = source if isinstance(source, list) else [source]
    return [Detailed(text=one) if isinstance(one, str) else one for one in several]
