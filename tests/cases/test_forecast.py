"""Forecast from real orders and payments (F-05, rulings f5 and f8)."""

from typing import Any

import pytest

from shared.testing.platform import Bed


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


async def sold(case: Bed, **nets: str) -> str:
    """An approved order with these product lines."""
    partner = {
        "partner_id": "p1",
        "type": "distributor",
        "level": "gold",
        "regions": ["east"],
        "industries": ["chemistry"],
        "product_lines": list(nets),
    }
    await case.post("/v1/partners", partner, expect=201)
    limit = {"limit": usd("1000000.00")}
    await case.post("/v1/partners/p1/credit-limit", limit, role="finance")
    await case.settle()
    lines = [
        {"line": n, "sku": line, "product_line": line, "quantity": "1", "unit_price": usd(net)}
        for n, (line, net) in enumerate(nets.items(), start=1)
    ]
    order = {"partner_id": "p1", "region": "east", "currency": "USD", "lines": lines}
    answer = await case.post("/v1/orders", order, expect=201)
    await case.settle()
    return str(answer["order_id"])


async def paid(case: Bed, number: int, amount: str, on: str, **more: Any) -> None:
    payment = {
        "source_system": "bank",
        "document_no": f"B-{number}",
        "partner_id": "p1",
        "amount": usd(amount),
        "paid_on": on,
        **more,
    }
    await case.post("/v1/payments", payment, role="finance", expect=201)
    await case.settle()


@pytest.mark.case("F-05")
async def test_f_05_accuracy(case: Bed) -> None:
    """How good was a forecast: WAPE, bias, MAPE, MASE."""
    series = {"actual": ["100", "80", "120", "60"], "forecast": ["110", "70", "150", "60"]}
    found = await case.post("/v1/forecast/accuracy", series, role="auditor")
    assert found["wape"] == "0.138888888889"  # 13.89 %
    assert found["accuracy"] == "0.861111111111"  # 86.11 %
    assert found["bias"] == "0.083333333333"  # +8.33 %
    assert found["mape"] == "0.11875"
    assert found["mase"] == "0.3125"
    nothing = {"actual": ["0", "0"], "forecast": ["1", "2"]}
    found = await case.post("/v1/forecast/accuracy", nothing, role="auditor")
    assert (found["wape"], found["bias"], found["mape"], found["left_out"]) == (
        None,
        None,
        None,
        2,
    )


@pytest.mark.case("F-05b", at="2025-04-10T12:00:00+08:00")
async def test_a_months_outlook(case: Bed) -> None:
    """Actual, target, run-rate and seasonal naive, with their backtests (ruling f8)."""
    order = await sold(case, A="300000.00", B="100000.00")
    aim = {"partner_id": "p1", "product_line": "A", "month": "2025-04", "target": usd("90000.00")}
    await case.post("/v1/forecast/targets", aim, expect=201)
    for n, (amount, on) in enumerate(
        [
            ("8000.00", "2024-11-05"),
            ("4000.00", "2025-01-31"),
            ("8000.00", "2025-02-01"),
            ("12000.00", "2025-03-31"),
            ("40000.00", "2025-04-09"),
        ]
    ):
        await paid(case, n, amount, on, order_id=order)
    seen = await case.get("/v1/forecast?partner=p1&product_line=A", partner="p1")
    assert (seen["month"], seen["actual"]) == ("2025-04", usd("30000.00"))  # ¾ of the order is A
    assert seen["attainment"] == "0.333333333333"
    assert seen["run_rate"] == usd("90000.00")  # 30,000 × 30 ÷ 10
    assert seen["seasonal_naive"] == usd("9000.00")
    assert seen["backtest"]["seasonal_naive"]["n"] == 4  # December … March
    whole = await case.get("/v1/forecast?partner=p1&month=2025-05")
    assert whole["run_rate"] == usd("8000.00")  # (4,000 + 8,000 + 12,000) ÷ 3
    assert whole["seasonal_naive"] == usd("12000.00")
    await case.get("/v1/forecast?partner=p1", partner="p2", expect=404)


@pytest.mark.case("F-05c", at="2025-04-10T12:00:00+08:00")
async def test_money_counts_when_it_is_allocated(case: Bed) -> None:
    """A prepayment counts in the month it was paid, once an order takes it."""
    await sold(case, A="100.00")
    await paid(case, 1, "100.00", "2025-03-01")
    await paid(case, 2, "50.00", "2025-03-02")
    march = "/v1/forecast?partner=p1&month=2025-03"
    assert (await case.get(march))["actual"] == usd("100.00")
    line = {
        "line": 1,
        "sku": "b",
        "product_line": "B",
        "quantity": "1",
        "unit_price": usd("50.00"),
    }
    order = {"partner_id": "p1", "region": "east", "currency": "USD", "lines": [line]}
    await case.post("/v1/orders", order, expect=201)
    await case.settle()
    assert (await case.get(march))["actual"] == usd("150.00")
    assert (await case.get(march + "&product_line=B"))["actual"] == usd("50.00")
