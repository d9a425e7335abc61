"""The same order twice: O-07 with ruling o10."""

from typing import Any

import pytest

from shared.testing.platform import Bed
from tests.cases.test_orders_approvals import cny, enrolled

START = "2026-01-05T09:00:00+08:00"
ORDER = {"partner_id": "p", "customer_id": "c", "region": "east", "currency": "CNY"}
LINE = {"line": 1, "sku": "s", "product_line": "A", "quantity": "2", "unit_price": cny("60")}


async def ordered(case: Bed, key: str | None = None, expect: int = 201, **more: Any) -> Any:
    body = ORDER | {"lines": [LINE | more]}
    answer = await case.call("POST", "/v1/orders", json=body, key=key, expect=expect)
    await case.settle()
    return answer


@pytest.mark.case("O-07", at=START)
async def test_the_same_order_twice(case: Bed) -> None:
    """The same key is one order; the same content under another, within 10 minutes, a warning."""
    await enrolled(case)
    first = await ordered(case, "k-1")
    again = await ordered(case, "k-1")
    assert (again["order_id"], again["version"]) == (first["order_id"], first["version"])
    other = await ordered(case, "k-1", expect=422, quantity="3")
    assert other["slug"] == "idempotency-key-reused"
    assert len((await case.get("/v1/orders"))["items"]) == 1
    alike = await ordered(case, "k-2")
    assert alike["order_id"] != first["order_id"]
    assert alike["warnings"] == [f"order-alike: {first['order_id']}"]
    assert (await ordered(case, "k-3", quantity="4"))["warnings"] == []
    await case.advance("2026-01-05T09:10:00+08:00")
    assert (await ordered(case, "k-4"))["warnings"] == []
