"""What lies in the views, the store and the bus of a context, past the routes that show it."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from shared.kernel.ports import Bus, Query, Record
from shared.runtime.worker import Worker
from shared.testing.platform import Bed

Documents = dict[str, list[str]]
"""By view: its documents as canonical JSON, in their own order."""


async def documents(
    worker: Worker, *, without: Mapping[str, Collection[str]] | None = None
) -> Documents:
    """Every document of every view; `without` leaves fields of a view out, by their names."""
    found: Documents = {}
    for view in worker.projectors:
        hidden = {*(without or {}).get(view, ())}
        rows = await every(worker, view)
        shown = [{n: v for n, v in one.items() if n not in hidden} for one in rows]
        found[view] = sorted(json.dumps(one, sort_keys=True) for one in shown)
    return found


async def every(worker: Worker, view: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await worker.ports.views.find(view, Query(cursor=cursor, limit=500))
        rows += page.documents
        if (cursor := page.cursor) is None:
            return rows


async def everything(bed: Bed) -> dict[str, Documents]:
    return {name: await documents(worker) for name, worker in bed.platform.workers.items()}


async def records(bus: Bus, topics: Collection[str]) -> list[Record]:
    """All that lies on these topics."""
    found: list[Record] = []
    at: dict[str, int] = {}
    while batch := await bus.fetch(topics, after=at, limit=1_000):
        for one in batch:
            at[one.log] = max(one.position, at.get(one.log, 0))
            found.append(one.record)
    return found


async def stored(bed: Bed) -> dict[str, int]:
    """How many facts each context has."""
    workers = bed.platform.workers.items()
    return {name: await worker.ports.store.end() for name, worker in workers}


def differing(one: Documents, other: Documents) -> list[str]:
    """Documents that are in one and not in the other, by view."""
    return [
        f"{view}: {mark} {row}"
        for view in one | other
        for mark, mine, theirs in (
            ("only before", one.get(view, []), other.get(view, [])),
            ("only after", other.get(view, []), one.get(view, [])),
        )
        for row in mine
        if row not in theirs
    ]
