"""Forecast over HTTP, fed by what orders publishes."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.forecast.tests.envelopes import on_the_bus
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.contracts.orders import AllocatedLine, Allocation, PaymentAllocated, PaymentReceived
from shared.testing.platform import Bed, platform

AIM = {
    "partner_id": "acme",
    "product_line": "pumps",
    "month": "2025-04",
    "target": {"amount": "100000.00", "currency": "CNY"},
}
ACCURACY = "/v1/forecast/accuracy"


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path, "2025-04-10T12:00:00+08:00", contexts=("forecast",)) as bed:
        yield bed


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def told(
    number: int, on: str, revision: int = 1, currency: str = "CNY", **lines: str
) -> PaymentReceived | PaymentAllocated:
    """Payment `number` with the net of each product line."""
    nets = [(line, Money(Decimal(net), currency)) for line, net in lines.items()]
    pieces = tuple(AllocatedLine(product_line=line, amount=net, net=net) for line, net in nets)
    whole = sum((net for _, net in nets), Money.zero(currency))
    kind = PaymentReceived if revision == 1 else PaymentAllocated
    return kind(
        payment_id=UUID(int=number),
        source_system="erp",
        document_no=str(number),
        partner_id="acme",
        amount=whole,
        paid_on=date.fromisoformat(on),
        revision=revision,
        allocations=(Allocation(order_id="o-1", region="华东", amount=whole, lines=pieces),),
        unallocated=Money.zero(currency),
    )


async def arrive(bed: Bed, *facts: PaymentReceived | PaymentAllocated) -> None:
    for fact in facts:
        n = named(fact.payment_id, fact.revision).int >> 64
        await bed.platform.workers["forecast"].ports.bus.publish([on_the_bus(fact, n)])
    await bed.settle()


async def test_a_month_shows_actual_target_and_what_is_to_come(bed: Bed) -> None:
    await bed.post("/v1/forecast/targets", AIM, expect=201)
    await arrive(
        bed,
        told(1, "2025-01-31", pumps="100"),
        told(2, "2025-02-03", pumps="200"),
        told(3, "2025-03-31", pumps="250", valves="50"),
        told(4, "2025-04-09", pumps="50000", valves="1000"),
    )
    seen = await bed.get("/v1/forecast?partner=acme&product_line=pumps&month=2025-04")
    assert (seen["actual"], seen["target"]) == (cny("50000.00"), AIM["target"])
    assert seen["attainment"] == "0.5"
    assert seen["run_rate"] == cny("150000.00")  # 50,000 × 30 ÷ 10
    assert seen["seasonal_naive"] == cny("250.00")
    assert seen["backtest"] == {"run_rate": None, "seasonal_naive": None}
    (live,) = (await bed.get("/v1/forecast/targets"))["items"]
    assert (live["actual"], live["attainment"]) == (seen["actual"], "0.5")
    whole = await bed.get("/v1/forecast?partner=acme")
    assert (whole["month"], whole["actual"], whole["product_line"]) == (
        "2025-04",
        cny("51000.00"),
        None,
    )
    ahead = await bed.get("/v1/forecast?partner=acme&month=2025-05")
    assert (ahead["run_rate"], ahead["seasonal_naive"]) == (cny("200.00"), cny("300.00"))
    assert (ahead["target"], ahead["attainment"]) == (None, None)


async def test_a_new_allocation_replaces_the_old_in_any_order(bed: Bed) -> None:
    first, second = told(1, "2025-04-01", pumps="70"), told(1, "2025-04-01", 2, valves="70")
    await arrive(bed, second, first, second)
    seen = await bed.get("/v1/forecast?partner=acme")
    assert seen["actual"] == cny("70.00")
    pumps = await bed.get("/v1/forecast?partner=acme&product_line=pumps")
    assert (pumps["actual"], pumps["seasonal_naive"]) == (cny("0.00"), None)


async def test_a_backtest_stands_beside_the_forecast(bed: Bed) -> None:
    months = ("2024-12-05", "2025-01-05", "2025-02-05", "2025-03-05")
    await arrive(bed, *(told(n, on, pumps=f"{n}00") for n, on in enumerate(months, start=1)))
    seen = await bed.get("/v1/forecast?partner=acme")
    naive = seen["backtest"]["seasonal_naive"]
    assert (naive["n"], naive["wape"], naive["bias"]) == (3, "0.333333333333", "-0.333333333333")
    assert seen["backtest"]["run_rate"]["wape"] == "0.5"


async def test_a_target_set_again_is_its_next_revision(bed: Bed) -> None:
    first = await bed.post("/v1/forecast/targets", AIM, expect=201)
    again = await bed.post("/v1/forecast/targets", AIM | {"target": cny("5")}, role="finance")
    assert (first["revision"], again["revision"], again["version"]) == (1, 2, 2)
    (one,) = (await bed.get("/v1/forecast/targets?partner=acme"))["items"]
    assert (one["target"], one["revision"]) == (cny("5"), 2)
    assert (await bed.get("/v1/forecast/targets?month=2025-05"))["items"] == []


async def test_money_of_another_currency_is_never_added(bed: Bed) -> None:
    dollars = told(2, "2025-04-02", currency="USD", pumps="9")
    await arrive(bed, told(1, "2025-04-01", pumps="70"), dollars)
    seen = await bed.get("/v1/forecast?partner=acme")
    assert (seen["actual"], seen["currencies"]) == (cny("70.00"), ["CNY", "USD"])
    other = await bed.get("/v1/forecast?partner=acme&currency=USD")
    assert other["actual"] == {"amount": "9.00", "currency": "USD"}


async def test_a_partner_sees_only_its_own(bed: Bed) -> None:
    await bed.post("/v1/forecast/targets", AIM)
    assert (await bed.get("/v1/forecast", partner="acme"))["target"] == AIM["target"]
    assert len((await bed.get("/v1/forecast/targets", partner="acme"))["items"]) == 1
    foreign = await bed.get("/v1/forecast?partner=acme", partner="rival", expect=404)
    missing = await bed.get("/v1/forecast?partner=nobody", partner="rival", expect=404)
    assert foreign["slug"] == missing["slug"] == "forecast-not-found"
    other = await bed.get("/v1/forecast/targets?partner=acme", partner="rival")
    assert other["items"] == []
    await bed.post("/v1/forecast/targets", AIM, partner="acme", expect=403)


async def test_staff_that_names_no_partner_sees_all_together(bed: Bed) -> None:
    await bed.post("/v1/forecast/targets", AIM)
    await bed.post("/v1/forecast/targets", AIM | {"partner_id": "rival", "target": cny("60")})
    seen = await bed.get("/v1/forecast?product_line=pumps")
    assert (seen["partner_id"], seen["target"]) == (None, cny("100060.00"))
    empty = await bed.get("/v1/forecast?partner=nobody")
    assert (empty["actual"], empty["run_rate"]) == (cny("0.00"), cny("0.00"))


@pytest.mark.parametrize("numbers", [str, int, float])
async def test_f_05_over_http(bed: Bed, numbers: type[Any]) -> None:
    series = {
        "actual": [numbers(n) for n in (100, 80, 120, 60)],
        "forecast": [numbers(n) for n in (110, 70, 150, 60)],
    }
    found = await bed.post(ACCURACY, series, role="auditor", expect=200)
    assert found == {
        "n": 4,
        "wape": "0.138888888889",
        "accuracy": "0.861111111111",
        "bias": "0.083333333333",
        "mape": "0.11875",
        "mase": "0.3125",
        "left_out": 0,
    }


async def test_amounts_are_measured_in_one_currency(bed: Bed) -> None:
    series = {"actual": [cny("100.00")], "forecast": [cny("90.00")]}
    assert (await bed.post(ACCURACY, series))["wape"] == "0.1"
    mixed = series | {"forecast": [{"amount": "90", "currency": "USD"}]}
    assert (await bed.post(ACCURACY, mixed, expect=422))["slug"] == "series-currencies-mixed"


@pytest.mark.parametrize(
    "actual",
    [
        "[NaN]",
        "[Infinity]",
        '["NaN"]',
        '["1e5"]',
        "[1e300]",
        "[true]",
        "[null]",
        '[""]',
        "[[]]",
        '["１２"]',
        "1",
        f"[{'9' * 4_000}]",
        '[{"amount": 1, "currency": "CNY"}]',
        "[1, 2]",
    ],
)
async def test_bad_numbers_are_a_typed_problem(bed: Bed, actual: str) -> None:
    raw = f'{{"actual": {actual}, "forecast": [1]}}'
    kind = {"Content-Type": "application/json"}
    answer = await bed.call("POST", ACCURACY, content=raw, headers=kind, expect=422)
    assert answer["slug"] in {"request-malformed", "series-unequal"}


@pytest.mark.parametrize(
    "change",
    [
        {"month": "2025-13"},
        {"month": "2025-4"},
        {"target": {"amount": 5, "currency": "CNY"}},
        {"target": {"amount": "5", "currency": "XXY"}},
        {"target": {"amount": "-5", "currency": "CNY"}},
        {"product_line": " "},
        {"partner_id": "a b"},
        {"more": 1},
    ],
)
async def test_a_bad_target_is_a_typed_problem(bed: Bed, change: dict[str, Any]) -> None:
    await bed.post("/v1/forecast/targets", AIM | change, expect=422)


async def test_bad_questions_are_a_typed_problem(bed: Bed) -> None:
    for query in ("month=2025", "currency=cny", "partner=a/b", "product_line="):
        await bed.get(f"/v1/forecast?partner=acme&{query}", expect=422)
