"""Accounts, now and then; why each earns what it earns, and what is missing to the next tier."""

from typing import Any

from fastapi import APIRouter

from services.rebates.api.history import Found, Past
from services.rebates.api.sought import AskedFor, Sought
from services.rebates.api.texts import texts
from services.rebates.domain.account import account_id
from services.rebates.domain.explanation import explained, nudged
from services.rebates.domain.standing import Standing
from services.rebates.projections.accounts import ACCOUNTS, shown
from services.rebates.projections.entries import ENTRIES
from shared.contracts.money import Money
from shared.kernel.codec import document
from shared.kernel.errors import NotFound
from shared.kernel.ports import Condition, Document, Query
from shared.runtime.context import Service
from shared.runtime.http import Caller, Cursor, Limit, Who, listed

NOTHING: Document = {"items": [], "cursor": None}


def add(router: APIRouter, service: Service) -> None:
    read = service.read

    @router.get("/accounts")
    async def accounts(
        asked: AskedFor, who: Who, cursor: Cursor = None, limit: Limit = 50
    ) -> Document:
        """By partner, period and partition. The past is folded from the ledgers."""
        sought = asked.of(who)
        if sought is None:
            return NOTHING
        if sought.past:
            return listed(await Past(read, sought).page(cursor, limit), shown)
        query = Query(sought.where(), sort="place", cursor=cursor, limit=limit)
        return listed(await read.find(ACCOUNTS.name, query), shown)

    @router.get("/accounts/explanation")
    async def explanation(asked: AskedFor, who: Who) -> Document:
        """The entitlement as shares of the payments behind it, in canonical order."""
        found = await Past(read, _own(asked, who)).one()
        why = explained(found.tally, found.slot)
        terms = found.tally.rules.programme.versions[why.standing.version]
        return {
            **_head(found, why.standing),
            "method": terms.method,
            "leaves": document(why.leaves),
            "sum": document(why.sum.rounded()),
            "texts": texts(found.slot.period, why.standing, terms),
        }

    @router.get("/accounts/next-tier")
    async def next_tier(asked: AskedFor, who: Who) -> Document:
        """What is missing, and what it adds; null at the top. Before any money: from nothing."""
        found = await Past(read, _own(asked, who)).one(empty=True)
        now = found.tally.standing(found.slot)
        nudge = nudged(found.tally.rules, found.slot.period, now)
        return {
            **_head(found, now),
            "gap": document(nudge and nudge.gap),
            "gain": document(nudge and nudge.gain),
            "next": nudge and _tier(nudge.threshold, str(nudge.rate)),
        }

    @router.get("/accounts/entries")
    async def entries(
        asked: AskedFor, who: Who, cursor: Cursor = None, limit: Limit = 50
    ) -> Document:
        """What was settled and adjusted, number by number."""
        sought = asked.of(who)
        if sought is None:
            return NOTHING
        boundary = sought.boundary
        then: tuple[Condition, ...] = (("at", "lt", boundary.isoformat()),) if boundary else ()
        query = Query((*sought.where(), *then), sort="place", cursor=cursor, limit=limit)
        return listed(await read.find(ENTRIES.name, query), shown)


def _own(asked: Sought, who: Caller) -> Sought:
    """Another partner's account and a missing one cannot be told apart."""
    sought = asked.of(who)
    if sought is None:
        raise NotFound("account-not-found")
    return sought


def _head(found: Found, now: Standing) -> dict[str, Any]:
    key, currency = found.key, now.volume.currency
    tier = now.tier and _tier(Money(now.tier.threshold, currency), str(now.tier.rate))
    return {
        "account_id": account_id(key),
        "programme_id": key.programme_id,
        "version": now.version,
        "partner_id": key.partner_id,
        "period": key.period,
        "partition": key.partition,
        "volume": document(now.volume),
        "entitlement": document(now.entitlement),
        "tier": tier,
    }


def _tier(threshold: Money, rate: str) -> Document:
    return {"from": document(threshold), "rate": rate}
