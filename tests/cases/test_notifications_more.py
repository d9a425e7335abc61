"""Notifications over time: a second episode, the next partner, and rebuilds that send nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.testing.platform import Bed, platform


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path) as bed:
        for partner in ("na", "nb"):
            body = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["east"]}
            await bed.post("/v1/partners", body | {"industries": ["pumps"]}, expect=201)
            await bed.post(f"/v1/partners/{partner}/credit-limit", {"limit": cny("50000")})
        await bed.settle()
        yield bed


async def ordered(bed: Bed, order_id: str, amount: str) -> None:
    line = {"line": 1, "sku": "s", "product_line": "A", "quantity": "1"}
    order = {"order_id": order_id, "partner_id": "na", "region": "east", "currency": "CNY"}
    await bed.post("/v1/orders", order | {"lines": [line | {"unit_price": cny(amount)}]})
    await bed.settle()


async def told(bed: Bed, recipient: str) -> list[tuple[str, str, str]]:
    """(rule, subject, episode) of all that this recipient was told."""
    path = f"/v1/notifications?limit=200&recipient={recipient}"
    items = (await bed.get(path))["items"]
    return sorted((one["rule"], one["subject"], one["episode"]) for one in items)


async def sent(bed: Bed) -> list[Any]:
    """Every delivery on the bus, and every line of the log."""
    found = await bed.platform.bus.fetch(["NotificationSent"], after={}, limit=1_000)
    log = bed.house.settings.data / "notifications.log"
    return [sorted(one.record.value for one in found), log.read_text()]


async def test_a_hold_that_comes_back_is_another_episode(bed: Bed) -> None:
    await ordered(bed, "big", "60000")
    await bed.post("/v1/partners/na/credit-limit", {"limit": cny("70000")})
    await bed.settle()
    await bed.post("/v1/orders/big/cancellation", {"reason": "postponed"})
    await bed.settle()
    await ordered(bed, "other", "20000")
    await bed.post("/v1/orders/big/reopening", {"reason": "wanted again"})
    await bed.settle()
    held = [("order-held-credit", "big", "1"), ("order-held-credit", "big", "2")]
    assert await told(bed, "role:finance") == held
    assert [one for one in await told(bed, "partner:na") if one[0] == held[0][0]] == held
    assert await told(bed, "partner:nb") == []


async def test_each_offer_is_told_to_its_own_partner(bed: Bed) -> None:
    rule = {"rule_id": "r", "weights": {"na": 3, "nb": 2}, "sla_hours": 2, "working_hours": False}
    await bed.post("/v1/lead-rules", rule, expect=201)
    lead = {"lead_id": "l1", "source": "web", "company": "示例客户", "region": "east"}
    await bed.post("/v1/leads", lead | {"industry": "pumps"}, expect=201)
    await bed.settle()
    assert await told(bed, "partner:na") == [("lead-assigned", "l1", "1")]
    await bed.advance("2026-01-05T11:00:00+08:00")
    assert await told(bed, "partner:na") == [("lead-assigned", "l1", "1")]
    assert await told(bed, "partner:nb") == [("lead-assigned", "l1", "2")]


async def test_rebuilding_every_view_sends_nothing(bed: Bed) -> None:
    await ordered(bed, "big", "60000")
    await ordered(bed, "small", "10000")
    before, inbox = await sent(bed), await told(bed, "partner:na")
    views = [one["view"] for one in (await bed.get("/v1/rebuilds"))["items"]]
    assert len(views) > 10
    for view in views:
        await bed.post("/v1/rebuilds", role="operations", params={"view": view}, expect=202)
    await bed.settle()
    assert not any("filling" in one for one in (await bed.get("/v1/rebuilds"))["items"])
    assert (await sent(bed), await told(bed, "partner:na")) == (before, inbox)


async def test_old_history_is_told_to_nobody(bed: Bed) -> None:
    line = {"line": 1, "sku": "s", "product_line": "A", "quantity": "1"}
    order: dict[str, Any] = {
        "order_id": "old",
        "partner_id": "na",
        "region": "east",
        "currency": "CNY",
    }
    order |= {"lines": [line | {"unit_price": cny("100")}], "ordered_on": "2024-01-10"}
    await bed.post("/v1/orders/history", order | {"status": "shipped"}, expect=201)
    payment: dict[str, Any] = {"source_system": "erp", "document_no": "1", "partner_id": "na"}
    payment |= {"amount": cny("100"), "paid_on": "2024-02-01"}
    await bed.post("/v1/payments", payment, role="finance", expect=201)
    await bed.settle()
    assert await told(bed, "partner:na") == []
