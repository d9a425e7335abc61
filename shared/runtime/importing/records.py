"""From rows to records: what becomes one partner, one order with its lines, one payment."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.runtime.importing.cells import Cell, Fault, Faulty, Row
from shared.runtime.importing.mapping import Detailed, Mapping, Section, each
from shared.runtime.importing.table import Table
from shared.runtime.importing.values import KINDS, Parse, Reference, Scope, Style, plain, value

Part = tuple[Cell, list[Any]]
Taken = tuple[str, Parse, Sequence[Detailed]]
"""A field, how a word of it is read, and the texts that it is made of."""
LISTS = ("regions", "industries", "product_lines")


@dataclass(slots=True)
class Record:
    """What a row becomes, and of an order the records of its lines."""

    reader: "Reader"
    row: Row
    body: dict[str, Any] = field(default_factory=dict)
    lines: Sequence["Record"] = ()
    faults: tuple[Fault, ...] = ()

    def home(self, name: str) -> Cell:
        """The cell to blame for what no single cell explains."""
        return self._cells().get(f"/{name}") or self.row.cell("")

    def blame(self, pointer: str) -> Cell | None:
        """The cell behind a place in the body, or behind what the place is part of."""
        cells = self._cells()
        while pointer:
            if pointer in cells:
                return cells[pointer]
            pointer = pointer.rpartition("/")[0]
        return None

    def _cells(self) -> dict[str, Cell]:
        """Where each value came from, by JSON pointer. Read from the rows again when something is
        to blame: kept, it would be the larger part of a file of a million rows.
        """
        found = self.reader.cells(self.row)
        for position, line in enumerate(self.lines):
            found |= {f"/lines/{position}{at}": cell for at, cell in line._cells().items()}
        return found


@dataclass(frozen=True, slots=True)
class Reader:
    """Rows of one section's file, as its mapping reads them."""

    fields: Sequence[Taken]
    table: Table
    references: dict[str, Reference]
    style: Style

    def __iter__(self) -> Iterator[Record]:
        return map(self.record, self.table.rows)

    def record(self, row: Row) -> Record:
        """Where the row cannot be trusted as a whole, that is its only fault."""
        record = Record(self, row)
        taken = {name: list[Any]() for name, *_ in self.fields}
        for name, part in self._parts(row):
            if isinstance(part, Fault):
                record.faults += (part,)
            else:
                taken[name] += part[1]
        for name, values in taken.items():
            if name in LISTS:
                record.body[name] = values
            elif values:
                record.body[name] = values[0]
        if row.fault:
            record.faults = (row.fault,)
        return record

    def cells(self, row: Row) -> dict[str, Cell]:
        """Of each field the first cell that has a say in it."""
        found: dict[str, Cell] = {}
        for name, part in self._parts(row):
            if not isinstance(part, Fault):
                found.setdefault(f"/{name}", part[0])
        return found

    def _parts(self, row: Row) -> Iterator[tuple[str, Part | Fault]]:
        scope = Scope(row, self.references)
        for name, parse, sources in self.fields:
            for one in sources:
                try:
                    yield name, value(one, parse, scope, self.style)
                except Faulty as faulty:
                    yield name, faulty.fault


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
    order.lines = found.get(order.body.get("order_id"), [])
    for position, line in enumerate(order.lines):
        order.faults += line.faults
        line.body.pop("order_id", None)
        line.body.setdefault("line", position + 1)
    order.body |= {"currency": style.currency, "lines": [line.body for line in order.lines]}
    numbers = Counter(line.body["line"] for line in order.lines)
    for line in order.lines:
        if numbers[line.body["line"]] > 1:
            order.faults += (Fault(line.home("line"), "line-duplicate"),)
    if not order.lines and not order.faults:
        order.faults += (Fault(order.home("order_id"), "line-missing"),)
    return order


def _headless(lines: list[Record]) -> Record:
    faults = [line.faults or [Fault(line.home("order_id"), "order-missing")] for line in lines]
    lines[0].faults = tuple(fault for several in faults for fault in several)
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
        kind: Reader(_taken(section), tables[section.file], _references(section, tables), style)
        for kind, section in sections.items()
        if section
    }


def _taken(section: Section) -> Sequence[Taken]:
    return [
        (name, KINDS.get(name, plain), each(source))
        for name, source in section.fields
        if source is not None
    ]


def _references(section: Section, tables: dict[str, Table]) -> dict[str, Reference]:
    return {
        name: Reference.of(name, tables[one.file], one.key, one.by)
        for name, one in section.lookups.items()
    }
