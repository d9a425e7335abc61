"""A partner's home: what a screen shows first, in one answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from shared.runtime.asking import Ask, Asking
from shared.runtime.http import Who, allow

FEW = 10  # of each kind; the lists themselves have the rest
NUDGED = 5  # accounts for which the next tier is told


@dataclass(slots=True)
class Home:
    """`missing` names what could not be asked just now, and why: the rest is shown."""

    ask: Ask
    missing: dict[str, str] = field(default_factory=dict)

    async def part(self, name: str, path: str, **params: Any) -> Any:
        """None for what does not exist (yet)."""
        answer = await self.ask(path, **params)
        if answer.refused and not answer.missing:
            self.missing[name] = answer.refused
        return answer.body

    async def earnings(self) -> list[Any]:
        page = await self.part("earnings", "/v1/rebates/accounts", limit=FEW)
        items = page["items"] if page else []
        open_ = [one for one in items if one["status"] == "open"][:NUDGED]
        nudges = await asyncio.gather(*map(self._next_tier, open_))
        told = {_place(one): next_ for one, next_ in zip(open_, nudges, strict=True)}
        return [{**one, "next_tier": told.get(_place(one))} for one in items]

    async def _next_tier(self, account: Mapping[str, Any]) -> Any:
        which = {
            "programme": account["programme_id"],
            "partner": account["partner_id"],
            "period": account["period"],
            "partition": account["partition"],
        }
        told = await self.part("earnings", "/v1/rebates/accounts/next-tier", **which)
        return told and {name: told[name] for name in ("gap", "gain", "next")}


def _place(account: Mapping[str, Any]) -> tuple[str, ...]:
    return account["programme_id"], account["period"], account["partition"]


def add(router: APIRouter) -> None:
    @router.get("/home", dependencies=[allow("partner")])
    async def home(who: Who, ask: Asking) -> dict[str, object]:
        """My leads, newest orders and holds, earnings and next tier, funds, targets, what is new.

        `funds` are my own; `activities` what I asked of them, and of those that are everybody's.
        """
        mine, partner = Home(ask), str(who.partner_id)
        names = (
            "leads",
            "orders",
            "held",
            "account",
            "earnings",
            "funds",
            "activities",
            "targets",
            "notifications",
        )
        found = await asyncio.gather(
            mine.part("leads", "/v1/leads", limit=FEW),
            mine.part("orders", "/v1/orders", sort="-submitted_at", limit=FEW),
            mine.part("held", "/v1/orders", status="held", limit=FEW),
            mine.part("account", f"/v1/accounts/{partner}"),
            mine.earnings(),
            mine.part("funds", "/v1/mdf/balances", limit=FEW),
            mine.part("activities", "/v1/mdf/requests", limit=FEW),
            mine.part("targets", "/v1/forecast/targets", limit=FEW),
            mine.part(
                "notifications", "/v1/notifications", recipient=f"partner:{partner}", limit=FEW
            ),
        )
        return {
            "partner_id": partner,
            **dict(zip(names, found, strict=True)),
            "missing": mine.missing,
        }
