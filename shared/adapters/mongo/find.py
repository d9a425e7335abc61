"""A query as MongoDB's own over one generation's collection, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.collection import AsyncCollection

from shared.adapters import cursor
from shared.adapters.mongo.documents import loaded
from shared.adapters.mongo.generations import Generation
from shared.adapters.mongo.server import Database, Doc, Session
from shared.adapters.sortable import Kind, behind_prefix, sortable
from shared.kernel.errors import Malformed
from shared.kernel.ports import Condition, Page, Query

MOST = 30_000  # values in one condition
SIGNS = {"lt": "$lt", "le": "$lte"}


@dataclass(frozen=True, slots=True)
class Sort:
    """By the column in its direction, then by key, always upwards."""

    column: str
    descending: bool

    @property
    def upwards(self) -> list[tuple[str, int]]:
        column = [] if self.column == "_id" else [(self.column, ASCENDING)]
        return [*column, ("_id", ASCENDING)]

    @property
    def backwards(self) -> list[tuple[str, int]]:
        return [(column, DESCENDING) for column, _ in self.upwards]

    def behind(self, value: str, key: str) -> Doc:
        beyond = "$lt" if self.descending else "$gt"
        later = [{self.column: {beyond: value}}, {"_id": {"$gt": key}}]
        return {self.column: {beyond + "e": value}, "$or": later}


@dataclass(frozen=True, slots=True)
class Asked:
    """Every index runs upwards, and is walked one way or the other."""

    collection: AsyncCollection[Doc]
    session: Session
    clauses: Sequence[Doc]

    async def first(self, most: int, sort: Sort) -> list[Doc]:
        if not sort.descending:
            return await self._walk(self.clauses, sort.upwards, most)
        while (found := await self._downwards(most, sort)) is None:
            continue
        return found

    async def _downwards(self, most: int, sort: Sort) -> list[Doc] | None:
        """Backwards, equal values have their keys the wrong way round: the last ones, where the
        page may end among them, are asked for again. None if they have become fewer since.
        """
        found = await self._walk(self.clauses, sort.backwards, most)
        if len(found) == most:
            last = found[-1][sort.column]
            found = [one for one in found if one[sort.column] != last]
            tied = [*self.clauses, {sort.column: {"$eq": last}}]
            found += await self._walk(tied, sort.upwards, most - len(found))
            if len(found) < most:
                return None
        by_key = sorted(found, key=itemgetter("_id"))
        return sorted(by_key, key=itemgetter(sort.column), reverse=True)

    async def _walk(
        self, clauses: Sequence[Doc], sort: Sequence[tuple[str, int]], most: int
    ) -> list[Doc]:
        where = {"$and": clauses} if clauses else {}
        asked = self.collection.find(where, session=self.session)
        return await asked.sort(sort).limit(most).batch_size(most).to_list()


async def find(db: Database, of: Generation, query: Query, session: Session) -> Page:
    if query.limit < 1:
        raise ValueError("a page has room for one document at least")
    column, _ = _column(of, query.sort.removeprefix("-") or "_key")
    sort = Sort(column, query.sort.startswith("-"))
    clauses = [_clause(of, condition) for condition in query.where]
    mark = cursor.mark(([repr(clause)] for clause in clauses), query.sort)
    if query.cursor is not None:
        clauses.append(sort.behind(*cursor.opened(query.cursor, mark)))
    found = await Asked(db[of.table], session, clauses).first(query.limit + 1, sort)
    page = found[: query.limit]
    more = len(found) > query.limit
    behind = cursor.closed(mark, page[-1][column], page[-1]["_id"]) if more else None
    return Page([loaded(document) for document in page], behind)


def _column(of: Generation, field: str) -> tuple[str, Kind]:
    if found := of.columns.get(field):
        return found
    raise ValueError(f"{of.view} declares no index on {field}")


def _clause(of: Generation, condition: Condition) -> Doc:
    field, op, value = condition
    column, kind = _column(of, field)
    try:
        return {column: _asked(kind, op, value)}
    except ValueError as error:
        raise Malformed("filter-malformed", f"{field}: {error}") from error


def _asked(kind: Kind, op: str, value: Any) -> Doc:
    match op:
        case "eq":
            return {"$eq": sortable(kind, value)}
        case "in":
            return {"$in": _values(kind, value)}
        case "prefix" if kind in {"text", "key"}:
            return _prefix(sortable(kind, value))
        case "lt" | "le" if value is not None:
            return {"$gt": "", SIGNS[op]: sortable(kind, value)}
        case "ge" if value is not None:
            return {"$gte": sortable(kind, value)}
    raise ValueError(f"{op} {value!r} does not go with a {kind}")


def _values(kind: Kind, values: Any) -> Sequence[str]:
    if isinstance(values, str) or len(values) > MOST:
        raise ValueError(f"`in` takes a collection of at most {MOST} values")
    return [sortable(kind, value) for value in values]


def _prefix(start: str) -> Doc:
    end = behind_prefix(start)
    return {"$gte": start, "$lt": end} if end else {"$gte": start}
