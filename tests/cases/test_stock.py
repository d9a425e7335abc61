"""Channel stock through the front door and on its topic: F-08."""

import json
from typing import Any

import pytest

from shared.kernel.ports import Record
from shared.testing.platform import Bed


def quarter(**more: Any) -> dict[str, Any]:
    where = {"partner_id": "p1", "region": "east", "product_line": "A"}
    return {**where, "since": "2025-10-01", "until": "2025-12-31", **more}


async def told(bed: Bed, rule: str) -> list[str]:
    await bed.settle()
    found = await bed.get("/v1/notifications", params={"recipient": "role:manager"})
    return [one["rule"] for one in found["items"] if one["rule"] == rule]


@pytest.mark.case("F-08", at="2026-01-05T09:00:00+08:00")
async def test_stock_turns_and_is_overstocked(case: Bed) -> None:
    """Opening 300, in 900, out 520: 680 left, turned 1.06 times, 1.73 in for each out: 压货."""
    body = quarter(opening="300", sell_in="900", sell_through="520")
    await case.post("/v1/forecast/stock", body, partner="p1")
    assert await told(case, "channel-overstocked") == ["channel-overstocked"]
    (shelf,) = (await case.get("/v1/forecast/stock", partner="p1"))["items"]
    assert shelf["on_hand"] == "680"
    assert round(float(shelf["turns"]), 2) == 1.06
    assert round(float(shelf["sell_in_per_sell_through"]), 2) == 1.73
    assert shelf["overstocked"] is True
    assert (await case.get("/v1/forecast/stock", partner="p2"))["items"] == []


@pytest.mark.case("F-08", at="2026-02-02T09:00:00+08:00")
async def test_below_four_weeks_is_told_once(case: Bed) -> None:
    """480 on hand at 60 a week are 8.0 weeks; 240 are safe, 239 are not."""
    weeks = (("05", "11"), ("12", "18"), ("19", "25"))
    for since, until in weeks:
        body = quarter(since=f"2026-01-{since}", until=f"2026-01-{until}", on_hand="480")
        await case.post("/v1/forecast/stock", body | {"sell_in": "60", "sell_through": "60"})
    claim = quarter(since="2026-01-26", until="2026-02-01", sell_in="60", sell_through="60")
    await reported(case, 1, claim | {"source_system": "pos", "on_hand": "480"})
    (shelf,) = (await case.get("/v1/forecast/stock?product_line=A"))["items"]
    assert (shelf["weekly"], shelf["weeks"], shelf["safety"]) == ("60", "8", "240")
    for number, on_hand in ((2, "240"), (3, "239"), (4, "239")):
        await reported(case, number, claim | {"source_system": "pos", "on_hand": on_hand})
        below = (await case.get("/v1/forecast/stock?product_line=A"))["items"][0]["below_safety"]
        assert below is (on_hand == "239")
    assert await told(case, "stock-below-safety") == ["stock-below-safety"]


async def reported(bed: Bed, number: int, data: dict[str, Any]) -> None:
    event = {"specversion": "1.0", "id": f"s{number}", "source": "pos", "type": "StockReported"}
    record = Record("StockReported", "any key", json.dumps({**event, "data": data}).encode())
    await bed.platform.bus.publish([record])
    await bed.settle()
