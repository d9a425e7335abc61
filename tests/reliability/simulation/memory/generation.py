"""One generation of a view: documents as text, and what they can be asked for."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.adapters import cursor
from shared.adapters.sortable import Kind, reach, sortable
from shared.kernel.errors import Malformed
from shared.kernel.ports import Condition, Document, Page, Query, View

Row = tuple[str, Mapping[str, str]]  # the text, and by field what sorts like its value
Wanted = tuple[str, list[str]]  # field and operation, and the values as text that sorts like them
ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Generation:
    view: View
    number: int
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def consumer(self) -> str:
        return f"{self.view.name}.v{self.view.version}.g{self.number}"

    def made_for(self, view: View) -> bool:
        return (self.view.version, self.view.indexes) == (view.version, view.indexes)

    def row(self, key: str, document: Document) -> Row:
        """`TypeError` or `ValueError` when no view can hold it."""
        text = ENCODE(document)
        fields = {
            one.field: sortable(one.kind, reach(document, one.field)) for one in self.view.indexes
        }
        return text, {**fields, "_key": key}

    def documents(self, keys: Iterable[str]) -> dict[str, Document]:
        return {key: json.loads(self.rows[key][0]) for key in keys if key in self.rows}

    def find(self, query: Query) -> Page:
        if query.limit < 1:
            raise ValueError("a page has room for one document at least")
        by, downwards = query.sort.removeprefix("-") or "_key", query.sort.startswith("-")
        self._kind(by)
        wanted = [self._wanted(condition) for condition in query.where]
        if not (self.rows or query.cursor):
            return Page([], None)
        found = [
            (key, row) for key, row in self.rows.items() if all(_meets(row[1], w) for w in wanted)
        ]
        found.sort(key=lambda one: one[0])
        found.sort(key=lambda one: one[1][1][by], reverse=downwards)
        if query.cursor is not None:
            value, last = cursor.opened(query.cursor, _mark(wanted, query))
            found = [o for o in found if _behind((o[1][1][by], o[0]), (value, last), downwards)]
        page, behind = found[: query.limit], None
        if len(found) > query.limit:
            last_key, (_, fields) = page[-1]
            behind = cursor.closed(_mark(wanted, query), fields[by], last_key)
        return Page([json.loads(text) for _, (text, _) in page], behind)

    def _kind(self, name: str) -> Kind:
        if name == "_key":
            return "key"
        for one in self.view.indexes:
            if one.field == name:
                return one.kind
        raise ValueError(f"{self.view.name} declares no index on {name}")

    def _wanted(self, condition: Condition) -> Wanted:
        name, op, value = condition
        kind = self._kind(name)
        try:
            return f"{name} {op}", _encoded(kind, op, value)
        except ValueError as error:
            raise Malformed("filter-malformed", f"{name}: {error}") from error


def _mark(wanted: Sequence[Wanted], query: Query) -> str:
    return cursor.mark(([name, *values] for name, values in wanted), query.sort)


def _encoded(kind: Kind, op: str, value: Any) -> list[str]:
    match op:
        case "in":
            if isinstance(value, str):
                raise ValueError("`in` takes a collection")
            return [sortable(kind, one) for one in value]
        case "eq":
            return [sortable(kind, value)]
        case "prefix" if kind in {"text", "key"}:
            return [sortable(kind, value)]
        case "lt" | "le" | "ge" if value is not None:
            return [sortable(kind, value)]
    raise ValueError(f"{op} {value!r} does not go with a {kind}")


def _meets(fields: Mapping[str, str], wanted: Wanted) -> bool:
    (name, _, op), values = wanted[0].partition(" "), wanted[1]
    mine = fields[name]
    match op:
        case "prefix":
            return mine.startswith(values[0])
        case "lt":
            return bool(mine) and mine < values[0]
        case "le":
            return bool(mine) and mine <= values[0]
        case "ge":
            return mine >= values[0]
    return mine in values


def _behind(mine: tuple[str, str], last: tuple[str, str], downwards: bool) -> bool:
    if mine[0] != last[0]:
        return (mine[0] < last[0]) is downwards
    return mine[1] > last[1]
