"""Mapping and files, read and checked against each other before anything is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.runtime.importing.cells import Fault
from shared.runtime.importing.mapping import BadMapping, Mapping, Section, each, json_object
from shared.runtime.importing.records import Reader, Record, readers, with_lines
from shared.runtime.importing.table import Table, Unreadable, read
from shared.runtime.importing.values import Style, holes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that is to be imported: programmes as they are, and records by kind.

    `strays` are rows of looked-up files that cannot be read: no record may ask for them.
    """

    mapping: Mapping
    programmes: list[dict[str, Any]]
    partners: list[Record]
    orders: list[Record]
    payments: list[Record]
    strays: list[Fault]


def plan(folder: Path, path: Path) -> Plan:
    mapping = Mapping.load(path)
    programmes = [json_object(path.parent / name) for name in mapping.programmes]
    sections = dict(_sections(mapping))
    if not sections:
        raise BadMapping(f"{path}: it names neither partners nor orders nor payments")
    files = {file for section in sections.values() for file in _files(section)}
    tables = {
        file: read(folder, file, mapping.delimiter, mapping.encoding) for file in sorted(files)
    }
    if wrong := [w for at, section in sections.items() for w in _wrong(at, section, tables)]:
        raise BadMapping("\n".join(f"{path}: {what}" for what in wrong))
    found = readers(mapping, tables)
    main = {section.file for section in sections.values()}
    return Plan(
        mapping=mapping,
        programmes=programmes,
        partners=list(found.get("partners", ())),
        orders=_orders(found, mapping),
        payments=list(found.get("payments", ())),
        strays=[
            row.fault
            for file in sorted(files - main)
            for row in tables[file].rows
            if row.fault is not None
        ],
    )


def _orders(found: dict[str, Reader], mapping: Mapping) -> list[Record]:
    if "orders" not in found:
        return []
    return with_lines(found["orders"], found["lines"], Style.of(mapping))


def _sections(mapping: Mapping) -> Iterator[tuple[str, Section]]:
    if mapping.partners:
        yield "partners", mapping.partners
    if mapping.orders:
        yield "orders", mapping.orders
        yield "orders.lines", mapping.orders.lines
    if mapping.payments:
        yield "payments", mapping.payments


def _files(section: Section) -> Iterator[str]:
    yield section.file
    yield from (lookup.file for lookup in section.lookups.values())


def _wrong(at: str, section: Section, tables: dict[str, Table]) -> Iterator[str]:
    """Holes that name a column which the file does not have."""
    own = tables[section.file]
    for name, lookup in section.lookups.items():
        where = f"{at}.lookups.{name}"
        for hole in holes(lookup.key):
            yield from _missing(f"{where}.key", hole, tables[lookup.file])
        for hole in holes(lookup.by or lookup.key):
            yield from _missing(f"{where}.by", hole, own)
    for name, source in section.fields:
        for one in each(source) if source is not None else ():
            for hole in holes(one.text):
                of, dot, column = hole.partition(".")
                if dot and of in section.lookups:
                    table = tables[section.lookups[of].file]
                    yield from _missing(f"{at}.fields.{name}", column, table)
                else:
                    yield from _missing(f"{at}.fields.{name}", hole, own)


def _missing(where: str, column: str, table: Table) -> Iterator[str]:
    if column not in table.columns:
        known = ", ".join(table.columns)
        yield f"{where}: {table.file} has no column {column!r}; it has {known}"


__all__ = ["BadMapping", "Plan", "Unreadable", "plan"]
