"""From cells to values: texts with holes, dates, numbers, words of theirs to words of ours."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from shared.contracts.money import PLAIN, Money
from shared.runtime.importing.cells import Cell, Faulty, Row
from shared.runtime.importing.mapping import Detailed, Mapping, Numbers
from shared.runtime.importing.table import Table

HOLE = re.compile(r"\{([^{}]+)\}")
IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FIRST, LAST = 1970, 2999  # years that a business may speak of
STATUSES = ("approved", "shipped", "cancelled", "held", "disputed")


@dataclass(frozen=True, slots=True)
class Style:
    """How this business writes amounts and dates."""

    currency: str
    numbers: Numbers
    date: str

    @classmethod
    def of(cls, mapping: Mapping) -> "Style":
        return cls(mapping.currency, mapping.numbers, mapping.date)


@cache
def holes(text: str) -> tuple[str, ...]:
    """The names in braces: the same strings for each row, as a cell keeps its own."""
    return tuple(HOLE.findall(text))


@dataclass(frozen=True, slots=True)
class Reference:
    """Another file's rows by a key, and the text that names one of them in this file."""

    name: str
    by: str
    rows: dict[str, list[Row]]

    @classmethod
    def of(cls, name: str, table: Table, key: str, by: str) -> "Reference":
        rows: dict[str, list[Row]] = {}
        for row in table.rows:
            if row.fault is None and (found := Scope(row).fill(key)[0]):
                rows.setdefault(found, []).append(row)
        return cls(name, by or key, rows)

    def cell(self, scope: "Scope", column: str) -> Cell:
        named, cell = scope.fill(self.by)
        found = self.rows.get(named, [])
        if not named:
            raise Faulty(cell, "cell-blank")
        if not found:
            raise Faulty(cell, f"{self.name}-unknown")
        if len({row[column] for row in found}) > 1:
            raise Faulty(cell, f"{self.name}-ambiguous")
        return found[0].cell(column)


class Scope:
    """A row, and the rows of other files that it refers to."""

    __slots__ = ("_references", "_row")

    def __init__(self, row: Row, references: dict[str, Reference] | None = None) -> None:
        self._row, self._references = row, references or {}

    def cell(self, hole: str) -> Cell:
        name, dot, column = hole.partition(".")
        if dot and name in self._references:
            return self._references[name].cell(self, column)
        return self._row.cell(hole)

    def fill(self, text: str) -> tuple[str, Cell]:
        """The text, blank as soon as one hole is, and the cell to blame for it."""
        cells = [self.cell(hole) for hole in holes(text)]
        for cell in cells:
            if not cell.value:
                return "", cell
        values = iter(cells)
        blamed = cells[0] if cells else self._row.cell("")
        return HOLE.sub(lambda _: next(values).value, text), blamed


Parse = Callable[[str, Style], Any]


class Unlike(Exception):
    """The text is not of this kind; the message is the slug."""


def value(source: Detailed, parse: Parse, scope: Scope, style: Style) -> tuple[Cell, list[Any]]:
    """What the source gives here: nothing, one value, or several if it is split."""
    text, cell = scope.fill(source.text)
    if not text:
        if source.optional:
            return cell, []
        raise Faulty(cell, "cell-blank")
    written = Style(style.currency, style.numbers, source.date or style.date)
    try:
        return cell, [parse(word, written) for word in _words(source, text)]
    except Unlike as unlike:
        raise Faulty(cell, str(unlike)) from None


def _words(source: Detailed, text: str) -> Iterator[str]:
    parts = text.split(source.split) if source.split else [text]
    for part in filter(None, map(str.strip, parts)):
        if source.values is None:
            yield part
        elif part in source.values:
            yield source.values[part]
        else:
            raise Unlike("value-unmapped")


def plain(text: str, _: Style) -> str:
    return text


def identity(text: str, _: Style) -> str:
    if not IDENTITY.fullmatch(text):
        raise Unlike("id-malformed")
    return text


def number(text: str, style: Style) -> str:
    grouping, decimal = re.escape(style.numbers.grouping), re.escape(style.numbers.decimal)
    groups = rf"\d{{1,3}}(?:{grouping}\d{{3}})+|" if grouping else ""
    if not (found := re.fullmatch(rf"(-?)({groups}\d+)(?:{decimal}(\d+))?", text, re.ASCII)):
        raise Unlike("number-malformed")
    sign, units, fraction = found.groups()
    dotted = f"{sign}{re.sub('[^0-9]', '', units)}" + (f".{fraction}" if fraction else "")
    if not re.fullmatch(PLAIN, dotted):
        raise Unlike("number-malformed")
    return dotted


def positive(text: str, style: Style) -> str:
    found = number(text, style)
    if Decimal(found) <= 0:
        raise Unlike("number-not-positive")
    return found


def unsigned(text: str, style: Style) -> str:
    found = number(text, style)
    if Decimal(found) < 0:
        raise Unlike("number-negative")
    return found


def price(text: str, style: Style) -> dict[str, str]:
    return {"amount": unsigned(text, style), "currency": style.currency}


def paid(text: str, style: Style) -> dict[str, str]:
    found = Money(Decimal(positive(text, style)), style.currency)
    if found != found.rounded():
        raise Unlike("number-too-precise")
    return {"amount": str(found.amount), "currency": found.currency}


def whole(text: str, _: Style) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise Unlike("number-malformed")
    return int(text)


def day(text: str, style: Style) -> str:
    try:
        found = datetime.strptime(text, style.date).date()  # noqa: DTZ007
    except ValueError:
        raise Unlike("date-malformed") from None
    if not FIRST <= found.year <= LAST:
        raise Unlike("date-implausible")
    return found.isoformat()


def status(text: str, _: Style) -> str:
    if text not in STATUSES:
        raise Unlike("status-unknown")
    return text


KINDS: dict[str, Parse] = {
    **dict.fromkeys(("partner_id", "order_id", "customer_id", "sales_id"), identity),
    **dict.fromkeys(("unit_price", "credit_limit"), price),
    **dict.fromkeys(("ordered_on", "shipped_on", "paid_on", "enrolled_on"), day),
    "amount": paid,
    "quantity": positive,
    "tax_rate": unsigned,
    "line": whole,
    "status": status,
}
