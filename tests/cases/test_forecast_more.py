"""Forecast with other numbers than the cases': collected money by month, targets, F-05."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.testing.platform import Bed, platform

TENTH = "2026-03-10T10:00:00+08:00"
PAID = [
    ("1500", "2025-03-20"),
    ("3000", "2025-12-15"),
    ("6000", "2026-01-31"),
    ("9000", "2026-02-01"),
    ("3000", "2026-03-05"),
]


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    """One approved order, two thirds of it A and one third B."""
    async with platform(tmp_path, TENTH) as bed:
        body = {"partner_id": "fa", "type": "agent", "level": "gold"}
        await bed.post("/v1/partners", body, expect=201)
        await bed.post("/v1/partners/fa/credit-limit", {"limit": cny("1000000")})
        await bed.settle()
        lines = [
            {"line": n, "sku": of, "product_line": of, "quantity": many, "unit_price": cny("1000")}
            for n, (of, many) in enumerate((("A", "100"), ("B", "50")), start=1)
        ]
        order = {"order_id": "o", "partner_id": "fa", "region": "east", "currency": "CNY"}
        await bed.post("/v1/orders", order | {"lines": lines}, expect=201)
        await bed.settle()
        for number, (amount, on) in enumerate(PAID):
            await paid(bed, number, amount, on)
        yield bed


async def paid(bed: Bed, number: int, amount: str, on: str) -> None:
    payment = {
        "source_system": "bank",
        "document_no": f"f{number}",
        "partner_id": "fa",
        "amount": cny(amount),
        "paid_on": on,
    }
    await bed.post("/v1/payments", payment, role="finance", expect=201)
    await bed.settle()


async def seen(bed: Bed, **asked: str) -> dict[str, Any]:
    return await bed.get("/v1/forecast", params={"partner": "fa"} | asked)


async def test_the_month_so_far_runs_on_for_all_its_days(bed: Bed) -> None:
    march = await seen(bed, product_line="A")
    assert (march["month"], march["actual"]) == ("2026-03", cny("2000.00"))
    assert march["run_rate"] == cny("6200.00")  # 2,000 × 31 ÷ 10
    assert march["seasonal_naive"] == cny("1000.00")  # March of last year
    april = await seen(bed, product_line="A", month="2026-04")
    assert april["run_rate"] == cny("4000.00")  # (2,000 + 4,000 + 6,000) ÷ 3
    both = await seen(bed)
    assert (both["actual"], both["run_rate"]) == (cny("3000.00"), cny("9300.00"))


async def test_a_backtest_looks_one_month_ahead_and_never_back(bed: Bed) -> None:
    tested = (await seen(bed, product_line="A"))["backtest"]
    # eleven months: |e| 1000 500 333⅓ 0 0 0 0 0 2000 3333⅓ 4000 over 12,000
    assert (tested["run_rate"]["n"], tested["run_rate"]["wape"]) == (11, "0.930555555556")
    # the month before, as no year is complete: |e| 1000 0 … 2000 2000 2000
    assert tested["seasonal_naive"]["wape"] == "0.583333333333"


async def test_a_target_is_attained_live_by_what_is_collected(bed: Bed) -> None:
    aim = {"partner_id": "fa", "product_line": "A", "month": "2026-03", "target": cny("8000")}
    await bed.post("/v1/forecast/targets", aim, expect=201)
    assert (await seen(bed, product_line="A"))["attainment"] == "0.25"
    await paid(bed, 9, "600", "2026-03-10")
    (target,) = (await bed.get("/v1/forecast/targets"))["items"]
    assert (target["actual"], target["attainment"]) == (cny("2400.00"), "0.3")


async def test_accuracy_leaves_actuals_of_0_out_of_mape(bed: Bed) -> None:
    series = {"actual": ["200", "50", "0", "150"], "forecast": ["180", "80", "10", "150"]}
    found = await bed.post("/v1/forecast/accuracy", series)
    assert (found["wape"], found["accuracy"], found["bias"]) == ("0.15", "0.85", "0.05")
    assert (found["mape"], found["left_out"]) == ("0.233333333333", 1)
    assert found["mase"] == "0.128571428571"  # 15 ÷ 116⅔
