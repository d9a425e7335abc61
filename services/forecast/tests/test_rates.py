"""Run-rates and anomalies over HTTP, fed by what orders publishes."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.forecast.tests.envelopes import on_the_bus
from services.forecast.tests.test_episodes import NINE, after
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.contracts.orders import AllocatedLine, Allocation, PaymentAllocated, PaymentReceived
from shared.testing.platform import Bed, platform

RATES, ANOMALIES = "/v1/forecast/run-rates", "/v1/forecast/anomalies"


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    at = f"{after(10) - timedelta(days=2)}T12:00:00+08:00"  # Saturday of the tenth week
    async with platform(tmp_path, at, contexts=("forecast",)) as bed:
        yield bed


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def told(
    number: int, on: date, net: str, revision: int = 1, **other: str
) -> PaymentReceived | PaymentAllocated:
    money = Money(Decimal(net), other.get("currency", "CNY"))
    line = AllocatedLine(product_line=other.get("line", "pumps"), amount=money, net=money)
    region = other.get("region", "华东")
    kind = PaymentReceived if revision == 1 else PaymentAllocated
    return kind(
        payment_id=UUID(int=number),
        source_system="erp",
        document_no=str(number),
        partner_id=other.get("partner", "acme"),
        amount=money,
        paid_on=on,
        revision=revision,
        allocations=(Allocation(order_id="o-1", region=region, amount=money, lines=(line,)),),
        unallocated=Money.zero(money.currency),
    )


async def arrive(bed: Bed, *facts: PaymentReceived | PaymentAllocated) -> None:
    now = bed.platform.clock()
    for fact in facts:
        n = named(fact.payment_id, fact.revision).int >> 64
        await bed.platform.workers["forecast"].ports.bus.publish([on_the_bus(fact, n, now)])
    await bed.settle()


async def weeks(bed: Bed, *nets: str) -> None:
    """A payment a week, on this day or that."""
    await arrive(bed, *(told(n, after(n) + timedelta(n % 6), net) for n, net in enumerate(nets)))


async def test_the_pace_of_a_region_and_a_product_line(bed: Bed) -> None:
    await arrive(
        bed,
        told(1, after(6), "100"),
        told(2, after(9), "30", partner="bolt"),
        told(3, after(9), "7", line="valves"),
        told(4, after(9), "9", region="华北", currency="USD"),
    )
    found = await bed.get(RATES)
    shown = [(one["region"], one["product_line"], one["run_rate"]) for one in found["items"]]
    assert shown == [
        ("华东", "pumps", cny("134.81")),  # 130 × 28 ÷ 27
        ("华东", "valves", cny("7.26")),
        ("华北", "pumps", {"amount": "9.33", "currency": "USD"}),
    ]
    windows = found["items"][0]["windows"]
    assert len(windows) == 12
    assert [one["collected"]["amount"] for one in windows[-5:]] == [
        *["0.00", "100.00", "100.00", "100.00", "130.00"]
    ]
    assert (windows[-1]["from"], windows[-1]["to"]) == ("2026-02-16", "2026-03-15")
    (valves,) = (await bed.get(f"{RATES}?region=华东&product_line=valves"))["items"]
    assert valves["run_rate"] == cny("7.26")


async def test_a_partner_sees_the_pace_of_its_own_money_only(bed: Bed) -> None:
    await arrive(bed, told(1, after(9), "27"), told(2, after(9), "2700", partner="bolt"))
    (mine,) = (await bed.get(RATES, partner="acme"))["items"]
    assert mine["run_rate"] == cny("28.00")
    assert await bed.get(f"{RATES}?partner=acme") == await bed.get(RATES, partner="acme")
    await bed.get(f"{RATES}?partner=bolt", partner="acme", expect=404)
    await bed.get(ANOMALIES, partner="acme", expect=403)


async def test_f_08_a_week_of_65_is_told_on_monday_and_once(bed: Bed) -> None:
    await weeks(bed, *NINE, "65")
    assert (await bed.get(ANOMALIES))["items"] == []  # it is not over
    await bed.advance(f"{after(10)}T00:59:00+08:00")
    assert (await bed.get(ANOMALIES))["items"] == []
    await bed.advance(f"{after(10)}T01:00:00+08:00")
    (one,) = (await bed.get(ANOMALIES))["items"]
    assert (one["region"], one["week"], one["z"]) == ("华东", str(after(9)), "-3.5000")
    assert (one["amount"], one["mean"], one["deviation"], one["weeks"]) == (
        *(cny("65"), cny("100.00"), cny("10.00")),
        9,
    )
    again = told(5_000, after(9), "1")  # 66 is abnormal as well
    await arrive(bed, again)
    await bed.advance(f"{after(11)}T12:00:00+08:00")  # and so is a week without money
    assert (await bed.get(ANOMALIES))["items"] == [one]
    assert (await bed.get(f"{ANOMALIES}?region=华北"))["items"] == []


async def test_a_region_that_falls_silent_is_told_and_then_left_alone(bed: Bed) -> None:
    await weeks(bed, *NINE, "100")
    await bed.advance("2026-12-28T12:00:00+08:00")
    (one,) = (await bed.get(ANOMALIES))["items"]
    assert (one["week"], one["amount"]) == (str(after(10)), cny("0"))
    assert await bed.platform.next_due() is None


async def test_orders_of_arrival_and_repeats_tell_the_same(bed: Bed, tmp_path: Path) -> None:
    facts = [told(n, after(n), net) for n, net in enumerate([*NINE, "100"])]
    facts += [told(9, after(9), "65", 2)]
    facts += [told(20, after(3), "500"), told(20, after(3), "500", 2, region="华北")]
    at = f"{after(10) - timedelta(days=2)}T12:00:00+08:00"
    (tmp_path / "other").mkdir()
    async with platform(tmp_path / "other", at, contexts=("forecast",)) as other:
        answers: list[tuple[Any, list[Any]]] = []
        for one, some in ((bed, facts), (other, [*reversed(facts), facts[2], facts[-1]])):
            await arrive(one, *some)
            await one.advance(f"{after(10)}T12:00:00+08:00")
            answers.append((await one.get(RATES), without_instants(await one.get(ANOMALIES))))
    assert answers[0] == answers[1]
    assert [(one["region"], one["z"]) for one in answers[0][1]] == [("华东", "-3.5000")]


def without_instants(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [{k: v for k, v in one.items() if k != "detected_at"} for one in page["items"]]
