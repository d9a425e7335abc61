"""A query as SQL over one generation's table, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from shared.adapters import cursor
from shared.adapters.sortable import behind_prefix, sortable
from shared.adapters.sqlite.file import rows
from shared.adapters.sqlite.generations import Column, Generation
from shared.kernel.codec import parsed
from shared.kernel.errors import Malformed
from shared.kernel.ports import Condition, Page, Query

Clause = tuple[str, Sequence[str]]
MOST = 30_000  # values in one condition
SIGNS = {"lt": "<", "le": "<="}


@dataclass(frozen=True, slots=True)
class Sort:
    """By the column in its direction, then by key, always upwards."""

    column: Column
    descending: bool

    @property
    def sql(self) -> str:
        return f"ORDER BY {self.column.name}{' DESC' if self.descending else ''}, key"

    def behind(self, value: str, key: str) -> Clause:
        name, sign = self.column.name, "<" if self.descending else ">"
        return f"{name} {sign}= ? AND ({name} {sign} ? OR key > ?)", (value, value, key)


def find(db: apsw.Connection, of: Generation, query: Query) -> Page:
    if query.limit < 1:
        raise ValueError("a page has room for one document at least")
    sort = Sort(_column(of, query.sort.removeprefix("-") or "_key"), query.sort.startswith("-"))
    clauses = [_clause(of, condition) for condition in query.where]
    mark = cursor.mark(([sql, *values] for sql, values in clauses), query.sort)
    if query.cursor is not None:
        clauses.append(sort.behind(*cursor.opened(query.cursor, mark)))
    where = " AND ".join(f"({sql})" for sql, _ in clauses) or "TRUE"
    sql = f"SELECT document, {sort.column.name}, key FROM {of.table} WHERE {where} {sort.sql}"
    values = [value for _, values in clauses for value in values]
    found = rows(db, f"{sql} LIMIT ?", *values, query.limit + 1)
    page = found[: query.limit]
    behind = cursor.closed(mark, *page[-1][1:]) if len(found) > query.limit else None
    return Page([parsed(document) for document, _, _ in page], behind)


def _column(of: Generation, field: str) -> Column:
    if found := of.columns.get(field):
        return found
    raise ValueError(f"{of.view} declares no index on {field}")


def _clause(of: Generation, condition: Condition) -> Clause:
    field, op, value = condition
    column = _column(of, field)
    try:
        return _sql(column, op, value)
    except ValueError as error:
        raise Malformed("filter-malformed", f"{field}: {error}") from error


def _sql(column: Column, op: str, value: Any) -> Clause:
    name = column.name
    match op:
        case "eq":
            return f"{name} = ?", (sortable(column.kind, value),)
        case "in":
            return _one_of(column, value)
        case "prefix" if column.kind in {"text", "key"}:
            return _prefix(column, value)
        case "lt" | "le" if value is not None:
            return f"{name} > '' AND {name} {SIGNS[op]} ?", (sortable(column.kind, value),)
        case "ge" if value is not None:
            return f"{name} >= ?", (sortable(column.kind, value),)
    raise ValueError(f"{op} {value!r} does not go with a {column.kind}")


def _one_of(column: Column, values: Any) -> Clause:
    if isinstance(values, str) or len(values) > MOST:
        raise ValueError(f"`in` takes a collection of at most {MOST} values")
    encoded = [sortable(column.kind, value) for value in values]
    return f"{column.name} IN ({', '.join('?' * len(encoded))})", encoded


def _prefix(column: Column, prefix: str) -> Clause:
    start = sortable(column.kind, prefix)
    if end := behind_prefix(start):
        return f"{column.name} >= ? AND {column.name} < ?", (start, end)
    return f"{column.name} >= ?", (start,)
