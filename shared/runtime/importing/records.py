"""From rows to records: what becomes one partner, one order with its lines, one payment."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from shared.runtime.importing.cells import Cell, Fault, Faulty, Row
from shared.runtime.importing.mapping import Mapping, Section, Several, each
from shared.runtime.importing.table import Table
from shared.runtime.importing.values import KINDS, Reference, Scope, Style, plain, value

LISTS = ("regions", "industries", "product_lines")


@dataclass(slots=True)
class Record:
    """`cells` says where each value of the body came from, by JSON pointer. The row itself is not
    kept: a file of a million rows would be in memory twice.
    """

    file: str
    row: int  # the line on which it begins
    body: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def home(self, name: str) -> Cell:
        """The cell to blame for what no single cell explains."""
        return self.cells.get(f"/{name}") or Cell(self.file, self.row, "", "")

    def blame(self, pointer: str) -> Cell | None:
        """The cell behind a place in the body, or behind what the place is part of."""
        while pointer:
            if pointer in self.cells:
                return self.cells[pointer]
            pointer = pointer.rpartition("/")[0]
        return None


@dataclass(frozen=True, slots=True)
class Reader:
    """Rows of one section's file, as its mapping reads them."""

    section: Section
    table: Table
    references: dict[str, Reference]
    style: Style

    def __iter__(self) -> Iterator[Record]:
        return map(self.record, self.table.rows)

    def record(self, row: Row) -> Record:
        """Where the row cannot be trusted as a whole, that is its only fault."""
        record, scope = Record(self.table.file, row.number), Scope(row, self.references)
        for name, source in self.section.fields:
            if source is not None:
                self._take(record, name, source, scope)
        if row.fault:
            record.faults = [row.fault]
        return record

    def _take(self, record: Record, name: str, source: Several, scope: Scope) -> None:
        parse, taken = KINDS.get(name, plain), list[Any]()
        for one in each(source):
            try:
                cell, values = value(one, parse, scope, self.style)
            except Faulty as faulty:
                record.faults.append(faulty.fault)
                continue
            record.cells.setdefault(f"/{name}", cell)
            taken += values
        if name in LISTS:
            record.body[name] = taken
        elif taken:
            record.body[name] = taken[0]


def with_lines(orders: Iterable[Record], lines: Iterable[Record], style: Style) -> list[Record]:
    """Orders with their lines; an order that only lines speak of is there too, as a fault."""
    found: dict[object, list[Record]] = {}
    for line in lines:
        found.setdefault(line.body.get("order_id", line.row), []).append(line)
    whole = [_joined(order, found, style) for order in orders]
    known = {order.body.get("order_id") for order in whole}
    lost = [_headless(several) for key, several in found.items() if key not in known]
    return whole + lost


def _joined(order: Record, found: dict[object, list[Record]], style: Style) -> Record:
    lines = found.get(order.body.get("order_id"), [])
    order.body |= {"currency": style.currency, "lines": []}
    for position, line in enumerate(lines):
        order.faults += line.faults
        body = {name: part for name, part in line.body.items() if name != "order_id"}
        order.body["lines"].append({"line": position + 1, **body})
        order.cells |= {intern(f"/lines/{position}{at}"): c for at, c in line.cells.items()}
    numbers = Counter(line["line"] for line in order.body["lines"])
    for position, line in enumerate(lines):
        if numbers[order.body["lines"][position]["line"]] > 1:
            order.faults.append(Fault(line.home("line"), "line-duplicate"))
    if not lines and not order.faults:
        order.faults.append(Fault(order.home("order_id"), "line-missing"))
    return order


def _headless(lines: list[Record]) -> Record:
    faults = [line.faults or [Fault(line.home("order_id"), "order-missing")] for line in lines]
    lines[0].faults = [fault for several in faults for fault in several]
    return lines[0]


def readers(mapping: Mapping, tables: dict[str, Table]) -> dict[str, Reader]:
    """By kind: partners, orders, lines, payments, as far as the mapping has them."""
    orders = mapping.orders
    sections: dict[str, Section | None] = {
        "partners": mapping.partners,
        "orders": orders,
        "lines": orders.lines if orders else None,
        "payments": mapping.payments,
    }
    style = Style.of(mapping)
    return {
        kind: Reader(section, tables[section.file], _references(section, tables), style)
        for kind, section in sections.items()
        if section
    }


def _references(section: Section, tables: dict[str, Table]) -> dict[str, Reference]:
    return {
        name: Reference.of(name, tables[one.file], one.key, one.by)
        for name, one in section.lookups.items()
    }
