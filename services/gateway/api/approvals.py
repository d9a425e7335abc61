"""What waits for my decision, wherever it is: orders, market funds and deals in one list."""

import asyncio

from fastapi import APIRouter

from shared.runtime.asking import Asking
from shared.runtime.awaiting import Wanted
from shared.runtime.http import STAFF, allow

PARTS = ("orders", "mdf", "registrations")


def add(router: APIRouter) -> None:
    @router.get("/approvals", dependencies=[allow(*STAFF)])
    async def approvals(ask: Asking, seat: Wanted = None) -> dict[str, object]:
        """The oldest first. With `seat` (`role:manager`, `user:ann`) what waits for that one: of
        somebody who leaves, the decisions that are to be handed over (L-09).

        `missing` names what could not be asked just now, and why.
        """
        params = {"seat": seat} if seat else {}
        found = await asyncio.gather(*(ask(f"/v1/approvals/{one}", **params) for one in PARTS))
        items = [item for part in found if part.body for item in part.body["items"]]
        return {
            "items": sorted(items, key=lambda one: (one["asked_at"], one["path"])),
            "missing": {
                name: part.refused for name, part in zip(PARTS, found, strict=True) if part.refused
            },
        }
