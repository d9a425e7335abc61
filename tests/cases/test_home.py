"""What a partner sees first: G-01."""

from typing import Any

import pytest

from shared.testing.platform import Bed
from tests.cases.mdf import submit
from tests.cases.rebates import cny, published, selling

MONTH = {"partner_id": "p1", "product_line": "A", "month": "2026-01"}


async def business(bed: Bed) -> None:
    """A lead, an order that is paid and one that is held, a programme, a fund, a target."""
    await published(bed)
    await selling(bed, "600000", "1", partners=("p1", "p2"))
    limit = {"limit": cny("300000")}
    await bed.post("/v1/partners/p1/credit-limit", limit, role="finance")
    rule = {"rule_id": "east", "regions": ["east"], "weights": {"p1": 1}}
    await bed.post("/v1/lead-rules", rule, expect=201)
    await bed.post("/v1/forecast/targets", MONTH | {"target": cny("1000000")}, expect=201)
    fund = {"fund_id": "q1", "partner_id": "p1", "amount": cny("20000")}
    window = {"starts_on": "2026-01-01", "ends_on": "2026-03-31"}
    await bed.post("/v1/mdf/funds", fund | window, expect=201)
    await bed.settle()
    lead = {"lead_id": "l-1", "company": "上海浦江重工设备有限公司", "source": "web"}
    await bed.post("/v1/leads", lead | {"region": "east", "industry": "水务"}, expect=201)
    await submit(bed, "fair", "5000")
    paid = {"source_system": "bank", "document_no": "1", "partner_id": "p1", "order_id": "o-p1"}
    amount = {"amount": cny("600001"), "paid_on": "2026-01-05"}
    await bed.post("/v1/payments", paid | amount, role="finance", expect=201)
    line = {"line": 1, "sku": "a", "product_line": "A", "quantity": "1"}
    order = {"order_id": "late", "partner_id": "p1", "region": "east", "currency": "CNY"}
    lines = {"lines": [line | {"unit_price": cny("310000")}]}
    await bed.post("/v1/orders", order | lines, partner="p1", expect=201)
    await bed.settle()


@pytest.mark.case("G-01")
async def test_a_partners_home(case: Bed) -> None:
    """In one answer: my leads, orders and holds, earnings and next tier, funds, targets."""
    await business(case)
    home = await case.get("/v1/home", partner="p1")
    assert home["missing"] == {}
    assert ids(home["leads"], "lead_id", "status") == [("l-1", "offered")]
    assert sorted(ids(home["orders"], "order_id")) == [("late",), ("o-p1",)]
    assert ids(home["held"], "order_id", "status") == [("late", "held")]
    assert home["held"]["items"][0]["short_by"] == cny("10000.00")
    assert home["account"]["available"] == cny("300000.00")
    (earning,) = (one for one in home["earnings"] if one["partition"] == "A")
    assert (earning["volume"], earning["entitlement"]) == (cny("600000.00"), cny("18000.00"))
    assert earning["next_tier"]["gap"] == cny("400000.00")
    assert earning["next_tier"]["gain"] == cny("32000.00")
    (fund,) = home["funds"]["items"]
    assert (fund["available"], fund["pending"]) == (cny("15000.00"), cny("5000.00"))
    assert ids(home["activities"], "request_id") == [("fair",)]
    (target,) = home["targets"]["items"]
    assert (target["actual"], target["attainment"]) == (cny("600000.00"), "0.6")
    assert {one["partner_id"] for one in home["notifications"]["items"]} == {"p1"}
    other = await case.get("/v1/home", partner="p2")
    assert ids(other["orders"], "order_id") == [("o-p2",)]
    assert (other["leads"]["items"], other["funds"]["items"]) == ([], [])


def ids(page: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names) for one in page["items"]]
