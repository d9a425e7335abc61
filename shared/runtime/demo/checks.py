"""Are the story's answers right? Each is held against what was reckoned on paper."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.runtime.demo.cast import PARTNERS, STAR
from shared.runtime.demo.deals import EXPO, KEPT, LEAVER, SUCCESSOR
from shared.runtime.demo.funds import FUND, LOW, OWN_FUND, STUFFED
from shared.runtime.demo.reckoning import Paper, accrued, available, earned, short

ACCOUNT = f"programme=a-line-quarter&partner={STAR}&period=2026Q1&partition=A"
NEXT = f"programme=a-line-quarter&partner={STAR}&period=2026Q2&partition=A"
BELIEF = "&as_at=2026-04-11T01:00:00%2B08:00"
OPEN = "2026Q2"  # not settled when the story ends
Get = Callable[[str], Awaitable[dict[str, Any]]]
Pair = tuple[object, object]
"""What is, and what must be."""


@dataclass(frozen=True, slots=True)
class Checks:
    get: Get
    paper: Paper

    async def all(self, *, brief: bool) -> dict[str, Pair]:
        found: dict[str, Pair] = {}
        whole = () if brief else (self.deals, self.funds, self.shelves)
        for check in (self.rebates, self.tour, self.credit, self.parked, *whole):
            found |= await check()
        return found

    async def rebates(self) -> dict[str, Pair]:
        """Every account of both programmes, and that what was booked is what was earned."""
        found: dict[str, Pair] = {}
        for programme, expected in earned(self.paper).items():
            rows = await self.pages(f"/v1/rebates/accounts?programme={programme}")
            is_ = {place(one): (amount(one["volume"]), amount(one["entitlement"])) for one in rows}
            found[f"accounts of {programme}"] = is_, expected
            booked: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
            for one in await self.pages(f"/v1/rebates/accounts/entries?programme={programme}"):
                booked[place(one)] += amount(one["amount"])
            due = {at: owed for at, (_, owed) in expected.items() if owed and at[1] != OPEN}
            found[f"booked of {programme}"] = {at: n for at, n in booked.items() if n}, due
        return found

    async def tour(self) -> dict[str, Pair]:
        """The figures of the worked cases: 29,700 settled, 20,800 adjusted, 50,500 in all."""
        belief = await self.get(f"/v1/rebates/accounts?{ACCOUNT}{BELIEF}")
        explained = await self.get(f"/v1/rebates/accounts/explanation?{ACCOUNT}")
        entries = await self.get(f"/v1/rebates/accounts/entries?{ACCOUNT}")
        missing = await self.get(f"/v1/rebates/accounts/next-tier?{NEXT}")
        held = await self.get("/v1/orders/SO-3001")
        released = await self.get("/v1/orders/SO-2002")
        lead = await self.get("/v1/leads/lead-2")
        return {
            "believed on 11 April": (belief["items"][0]["entitlement"]["amount"], "29700.00"),
            "explained": (explained["sum"]["amount"], "50500.00"),
            "entries": (
                [e["amount"]["amount"] for e in entries["items"]],
                ["29700.00", "20800.00"],
            ),
            "to the next tier": (missing["gap"]["amount"], "200000.00"),
            "short by": (amount(held["short_by"]), short(self.paper)),
            "held": (held["status"], "held"),
            "released": (released["status"], "approved"),
            "accepted after a decline": (lead["status"], "accepted"),
        }

    async def credit(self) -> dict[str, Pair]:
        is_ = {
            one.partner_id: amount((await self.get(f"/v1/accounts/{one.partner_id}"))["available"])
            for one in PARTNERS
        }
        return {"available credit": (is_, available(self.paper))}

    async def deals(self) -> dict[str, Pair]:
        rivals = [await self.get(f"/v1/registrations/reg-{n}") for n in (1, 2)]
        left = await self.get(f"/v1/hand-over?leaver={LEAVER}")
        taken = await self.get(f"/v1/hand-over?leaver={SUCCESSOR}")
        pool = await self.get("/v1/customers?pool=public")
        return {
            "撞单": ([one["status"] for one in rivals], ["rejected", "protected"]),
            "left to the leaver": (left["total"], 0),
            "taken over": (taken["total"], len(KEPT) + 1),
            "released after silence": ([one["industry"] for one in pool["items"]], ["食品"]),
        }

    async def funds(self) -> dict[str, Pair]:
        fund = await self.get(f"/v1/mdf/funds/{FUND}")
        own = await self.get(f"/v1/mdf/funds/{OWN_FUND}")
        roi = await self.get(f"/v1/mdf/requests/{EXPO}/roi")
        return {
            "accrued": (amount(own["available"]), accrued(self.paper, STAR)),
            "fund": ([fund[one]["amount"] for one in ("paid", "available")], FUND_LEFT),
            "effect": ([roi[one] for one in ("leads", "opportunities", "won")], [4, "4", "1"]),
            "return": (roi["margin_roi"], "5.72"),  # (30 % of 560,000 − 25,000) ÷ 25,000
        }

    async def parked(self) -> dict[str, Pair]:
        return {"parked": ((await self.get("/v1/parked"))["items"], [])}

    async def shelves(self) -> dict[str, Pair]:
        shelves = {
            one["partner_id"]: (one["below_safety"], one["overstocked"])
            for one in (await self.get("/v1/forecast/stock"))["items"]
        }
        inbox = await self.pages("/v1/notifications?recipient=role:manager")
        low = [one for one in inbox if one["rule"] == "stock-below-safety"]
        return {
            "shelves": (shelves, {LOW: (True, False), STUFFED: (False, True)}),
            "warned of stock, once": (len(low), 1),
        }

    async def pages(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = await self.get(f"{path}&limit=200{cursor}")
            found += page["items"]
            if page.get("cursor") is None:
                return found
            cursor = f"&cursor={page['cursor']}"


FUND_LEFT = ["25000.00", "175000.00"]


def wrong(found: dict[str, Pair]) -> Iterator[str]:
    """Only where two differ: of mappings, the entries that do."""
    for name, (is_, must_be) in found.items():
        if is_ == must_be:
            continue
        if isinstance(is_, dict) and isinstance(must_be, dict):
            keys = sorted({*is_, *must_be}, key=str)
            told = [k for k in keys if is_.get(k) != must_be.get(k)]
            yield from (f"{name} {k}: {is_.get(k)}, not {must_be.get(k)}" for k in told)
        else:
            yield f"{name}: {is_}, not {must_be}"


def place(row: dict[str, Any]) -> tuple[str, str]:
    return row["partner_id"], row["period"]


def amount(money: dict[str, str]) -> Decimal:
    return Decimal(money["amount"])
