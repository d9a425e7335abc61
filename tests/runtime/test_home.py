"""A partner's home: one answer of what every context says, in one process and in many."""

import json
from pathlib import Path

from httpx2 import ConnectError

from tests.runtime.spread import EVERY, spread
from tests.runtime.two_partners import MINE, THEIRS, order, seeded

YEARLY = {
    "programme_id": "yearly",
    "version": 1,
    "effective_from": "2026-01-01",
    "currency": "CNY",
    "partition": ["product_line"],
    "method": "whole",
    "tiers": [{"from": "10000", "rate": "0.03"}, {"from": "900000", "rate": "0.05"}],
    "period": "year",
    "grace_days": 1,
    "settle_after": "PT1H",
    "settlement": "automatic",
}
LISTS = ("leads", "orders", "funds", "activities", "targets", "notifications")


async def test_it_is_what_each_list_says_and_nobody_elses(tmp_path: Path) -> None:
    async with seeded(tmp_path) as (bed, ids):
        await bed.post("/v1/rebates/programmes", YEARLY)
        await bed.settle()
        home = await bed.get("/v1/home", partner=MINE)
        assert home["missing"] == {}
        assert {part: bool(home[part]["items"]) for part in LISTS} == dict.fromkeys(LISTS, True)
        assert home["orders"] == await bed.get("/v1/orders?limit=10", partner=MINE)
        assert home["account"] == await bed.get(f"/v1/accounts/{MINE}", partner=MINE)
        open_, settled = sorted(home["earnings"], key=lambda one: str(one["status"]))
        assert (settled["status"], settled["next_tier"]) == ("settled", None)
        named = {name: open_[f"{name}_id"] for name in ("programme", "partner")}
        place = {name: open_[name] for name in ("period", "partition")}
        path = "/v1/rebates/accounts/next-tier"
        told = await bed.get(path, partner=MINE, params=named | place)
        assert told["gap"]["currency"] == "CNY"
        assert open_["next_tier"] == {name: told[name] for name in ("gap", "gain", "next")}
        said = json.dumps(home)
        assert [canary for canary in ids.canaries if canary in said] == []
        assert THEIRS in json.dumps(await bed.get("/v1/home", partner=THEIRS))


async def test_it_is_a_partners(tmp_path: Path) -> None:
    async with seeded(tmp_path) as (bed, _):
        refused = await bed.call("GET", "/v1/home", role="manager", expect=403)
        assert refused["slug"] == "role-insufficient"


async def test_a_context_that_is_away_leaves_the_rest(tmp_path: Path) -> None:
    async with spread(tmp_path, EVERY) as there:
        body = {"partner_id": MINE, "type": "agent", "level": "gold", "regions": ["east"]}
        await there.bed.post("/v1/partners", body)
        made = await there.bed.post("/v1/orders", order(MINE, "o1"))
        seen = {"Qudao-Token": made["token"]}
        home = await there.bed.get("/v1/home", partner=MINE, headers=seen)
        assert [one["order_id"] for one in home["orders"]["items"]] == ["o1"]
        assert home["missing"] == {}
        there.lines["rebates"].cut = ConnectError("planted")
        home = await there.bed.get("/v1/home", partner=MINE)
        assert [one["order_id"] for one in home["orders"]["items"]] == ["o1"]
        away = "context-unavailable"
        assert home["missing"] == dict.fromkeys(
            ("earnings", "funds", "activities", "targets"), away
        )
