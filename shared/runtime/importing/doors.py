"""The contexts' front doors, as an import knocks at them: what is new, known, or refused."""

import asyncio
from datetime import date
from typing import Any

from shared.contracts.calendar import start_of
from shared.runtime.cli.reach import Answered, Platformed, once
from shared.runtime.importing.cells import Fault
from shared.runtime.importing.records import Record

ROWS_OWN = {400, 404, 409, 413, 422}  # statuses that are about this row; others end the import
NOT_FOUND, BROKEN, ATTEMPTS = 404, 500, 5
APART = ("credit_limit", "enrolled_on")  # not fields of an enrolment
ENROLMENT = ("type", "level", "regions", "industries", "product_lines")


class Denied(Exception):
    """Refused, at these places of the record's body."""

    def __init__(self, slug: str, *pointers: str) -> None:
        super().__init__(slug)
        self.slug, self.pointers = slug, pointers or (f"/{slug.partition('-')[0]}",)

    def faults(self, record: Record, home: str) -> list[Fault]:
        cells = [
            record.blame(pointer) or record.blame(f"{pointer}_id") or record.home(home)
            for pointer in self.pointers
        ]
        return [Fault(cell, self.slug) for cell in dict.fromkeys(cells)]


class Doors:
    """Keys are made of the source and the row's own id: a second run is a repeat."""

    def __init__(self, platform: Platformed, source: str, strategy: str) -> None:
        self.platform, self._source, self._strategy = platform, source, strategy
        self._known: set[str] = set()

    async def partner(self, record: Record) -> bool:
        body = {name: part for name, part in record.body.items() if name not in APART}
        limit = record.body.get("credit_limit")
        if since := record.body.get("enrolled_on"):
            body["at"] = start_of(date.fromisoformat(since)).isoformat()
        known = await self._enrolled(body)
        self._known.add(f"/v1/partners/{body['partner_id']}")
        return (await self._limited(body, limit) and known) if limit else known

    async def _enrolled(self, body: dict[str, Any]) -> bool:
        try:
            return await self._ask("/v1/partners", body, body["partner_id"])
        except Denied as denied:
            if denied.slug != "partner-exists":
                raise
            told = await self.platform.get(f"/v1/partners/{body['partner_id']}")
            if any(told[name] != body[name] for name in ENROLMENT):
                raise
            return True

    async def _limited(self, body: dict[str, Any], limit: dict[str, str]) -> bool:
        path = f"/v1/partners/{body['partner_id']}/credit-limit"
        return await self._ask(path, {"limit": limit}, body["partner_id"])

    async def order(self, record: Record) -> bool:
        await self._known_or_denied("partner", record.body["partner_id"])
        order_id = record.body["order_id"]
        repeated = await self._ask("/v1/orders/history", record.body, order_id)
        self._known.add(f"/v1/orders/{order_id}")
        return repeated

    async def payment(self, record: Record) -> bool:
        await self._known_or_denied("partner", record.body["partner_id"])
        if "order_id" in record.body:
            await self._known_or_denied("order", record.body["order_id"])
        how = {"source_system": self._source, "strategy": self._strategy}
        number = record.body["document_no"]
        return await self._ask("/v1/payments", {**record.body, **how}, number)

    async def _known_or_denied(self, noun: str, name: str) -> None:
        """Nothing that names what nobody knows goes in: it would wait there, unseen."""
        path = f"/v1/{noun}s/{name}"
        if path in self._known:
            return
        try:
            await self.platform.get(path)
        except Answered as answer:
            if answer.status == NOT_FOUND:
                raise Denied(f"{noun}-unknown", f"/{noun}_id") from None
            raise
        self._known.add(path)

    async def _ask(self, path: str, body: dict[str, Any], name: str) -> bool:
        """Whether it had been done before."""
        once_only = once("import", self._source, path, name)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self.platform.before(path, body, key=once_only)
            except Answered as answer:
                lost_race = answer.slug == "stream-contended"
                if not lost_race and answer.status in ROWS_OWN:
                    raise Denied(answer.slug, *_pointers(answer.problem)) from None
                if attempt == ATTEMPTS or not (lost_race or answer.status >= BROKEN):
                    raise
            await asyncio.sleep(attempt / 10)
        raise AssertionError("the last attempt returns or raises")


def _pointers(problem: dict[str, Any]) -> list[str]:
    return [str(each["pointer"]).removeprefix("/body") for each in problem.get("errors", ())]
