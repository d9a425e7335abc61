"""Rebates with other numbers than the documents': found right from outside."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.ports import Record
from shared.testing.platform import Bed, platform

TIERS = [{"from": "1000", "rate": "0.03"}, {"from": "5000", "rate": "0.07"}]
STEEPER = [{"from": "1000", "rate": "0.05"}, {"from": "6000", "rate": "0.10"}]
FIRST_QUARTER = {"programme": "q", "partner": "p", "period": "2025Q1", "partition": "A"}
SECOND_QUARTER = FIRST_QUARTER | {"period": "2025Q2"}
KEEPER = {"role": "finance"}


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path, "2025-01-02T09:00:00+08:00") as running:
        yield running


def money(amount: str, currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


async def publish(bed: Bed, **changed: Any) -> None:
    told = {"programme_id": "q", "version": 1, "effective_from": "2025-01-01", "currency": "CNY"}
    rule = {"partition": ["product_line"], "tiers": TIERS, "period": "quarter"}
    await bed.post("/v1/rebates/programmes", told | rule | changed, expect=201)
    await bed.settle()


async def enrol(bed: Bed, partner: str = "p", level: str = "gold", currency: str = "CNY") -> None:
    enrolled = {"partner_id": partner, "type": "agent", "level": level, "regions": ["east"]}
    await bed.post("/v1/partners", enrolled, expect=201)
    limit = {"limit": money("9000000", currency)}
    await bed.post(f"/v1/partners/{partner}/credit-limit", limit, **KEEPER)
    await bed.settle()


async def order(
    bed: Bed, order_id: str, *pieces: tuple[str, str], partner: str = "p", **more: Any
) -> None:
    """Pieces are (product line, price); the order's currency is `currency` or CNY."""
    head = {"order_id": order_id, "partner_id": partner, "region": "east", "currency": "CNY"}
    head |= more
    lines = [
        {
            "line": number,
            "sku": f"sku-{number}",
            "product_line": product_line,
            "quantity": "1",
            "unit_price": money(price, head["currency"]),
        }
        for number, (product_line, price) in enumerate(pieces, start=1)
    ]
    await bed.post("/v1/orders", head | {"lines": lines}, expect=201)
    await bed.settle()


def paper(document: str, amount: str, day: str, order_id: str, **more: Any) -> dict[str, Any]:
    head = {"source_system": "erp", "document_no": document, "partner_id": "p"}
    return head | {"order_id": order_id, "amount": money(amount), "paid_on": day} | more


async def pay(bed: Bed, *told: str, **more: Any) -> None:
    await bed.post("/v1/payments", paper(*told, **more), expect=201, **KEEPER)
    await bed.settle()


async def shown(bed: Bed, **params: str) -> list[str]:
    """Accounts as "partner partition period volume entitlement"."""
    items = (await bed.get("/v1/rebates/accounts", params={"programme": "q"} | params))["items"]
    return [
        f"{one['partner_id']} {one['partition'] or '-'} {one['period']} "
        f"{one['volume']['amount']} {one['entitlement']['amount']}"
        for one in items
    ]


async def standing(bed: Bed, **params: str) -> tuple[str, str]:
    (one,) = await shown(bed, **(FIRST_QUARTER | params))
    _, _, _, volume, entitlement = one.split()
    return volume, entitlement


async def entries(bed: Bed, **params: str) -> list[str]:
    """As "number amount"."""
    found = await bed.get("/v1/rebates/accounts/entries", params=FIRST_QUARTER | params)
    return [f"{one['number']} {one['amount']['amount']}" for one in found["items"]]


async def leaves(bed: Bed, **params: str) -> list[str]:
    """As "document amount", with the effect of those that cross a tier."""
    found = await bed.get("/v1/rebates/accounts/explanation", params=FIRST_QUARTER | params)
    items = found["leaves"]
    assert Decimal(found["sum"]["amount"]) == sum(Decimal(x["amount"]["amount"]) for x in items)
    return [
        f"{one['document_no']} {one['amount']['amount']}"
        + (f" +{one['effect']['amount']}" if one["crossing"] else "")
        for one in items
    ]


async def test_a_quarter_is_settled_with_what_was_recorded_before_its_cut_off(bed: Bed) -> None:
    await publish(bed)
    await enrol(bed)
    await order(bed, "o", ("A", "90000"))
    await bed.advance("2025-03-20T10:00:00+08:00")
    await pay(bed, "d1", "2000", "2025-03-19", "o")
    await pay(bed, "d2", "2650.50", "2025-03-20", "o")
    await bed.advance("2025-04-10T23:59:59+08:00")
    await pay(bed, "d3", "300.50", "2025-03-29", "o")
    await bed.advance("2025-04-11T00:00:00+08:00")
    assert await entries(bed) == []
    await pay(bed, "d4", "0.25", "2025-03-29", "o")
    await bed.advance("2025-04-11T01:00:00+08:00")
    assert await entries(bed) == ["1 148.53", "2 0.01"]
    await pay(bed, "d5", "200", "2025-03-30", "o")
    assert await entries(bed) == ["1 148.53", "2 0.01", "3 212.05"]
    assert await leaves(bed) == [
        "d1 140.00 +60.00",
        "d2 185.54",
        "d3 21.03",
        "d4 0.02",
        "d5 14.00 +212.05",
    ]
    asked = [
        ({}, ("5151.25", "360.59")),
        ({"as_at": "2025-03-31"}, ("4650.50", "139.52")),
        ({"as_at": "2025-04-10"}, ("4951.00", "148.53")),
        ({"as_at": "2025-04-10T23:59:58+08:00"}, ("4650.50", "139.52")),
        ({"as_at": "2025-04-10T15:59:59Z"}, ("4951.00", "148.53")),
        ({"as_of": "2025-03-28"}, ("4650.50", "139.52")),
        ({"as_of": "2025-03-29"}, ("4951.25", "148.54")),
        ({"as_of": "2025-03-28T16:00:00Z"}, ("4951.25", "148.54")),
        ({"as_of": "2025-03-29", "as_at": "2025-04-09"}, ("4650.50", "139.52")),
    ]
    for moment, known in asked:
        assert await standing(bed, **moment) == known, moment


async def test_an_instant_without_its_offset_is_not_taken_for_a_day(bed: Bed) -> None:
    for name in ("as_of", "as_at"):
        for moment in ("2025-04-10T00:00:00", "2025-04-10 00:00:00", "20250410", "0"):
            await bed.get("/v1/rebates/accounts", params={name: moment}, expect=422)


async def test_a_date_of_a_programme_is_an_iso_date(bed: Bed) -> None:
    told = {"programme_id": "q", "version": 1, "currency": "CNY", "tiers": TIERS}
    for day in ("0", "1735689600", "2025-1-1", "2025-01-01T00:00:00Z"):
        body = told | {"period": "month", "effective_from": day}
        await bed.post("/v1/rebates/programmes", body, expect=422)


RULES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["g A 2025Q1 4050.00 121.50", "g B 2025Q1 950.00 0.00", "s A 2025Q1 1500.00 45.00"]),
    ({"partition": []}, ["g - 2025Q1 5000.00 350.00", "s - 2025Q1 1500.00 45.00"]),
    ({"method": "marginal", "partition": []},
     ["g - 2025Q1 5000.00 120.00", "s - 2025Q1 1500.00 15.00"]),
    ({"filter": {"levels": ["silver"]}}, ["s A 2025Q1 1500.00 45.00"]),
    ({"filter": {"regions": ["west"]}}, ["g A 2025Q1 1800.00 54.00", "g B 2025Q1 200.00 0.00"]),
    ({"filter": {"product_lines": ["B"]}}, ["g B 2025Q1 950.00 0.00"]),
    ({"period": "month", "filter": {"levels": ["gold"]}, "partition": ["region"]},
     ["g east 2025-01 3000.00 90.00", "g west 2025-02 2000.00 60.00"]),
    ({"period": "half", "partition": []},
     ["g - 2025H1 5000.00 350.00", "s - 2025H1 1500.00 45.00"]),
    ({"period": "year", "partition": []}, ["g - 2025 5000.00 350.00", "s - 2025 1500.00 45.00"]),
    ({"effective_from": "2025-02-01", "partition": []},
     ["g - 2025Q1 2000.00 60.00", "s - 2025Q1 1500.00 45.00"]),
    ({"effective_to": "2025-01-31", "partition": []}, ["g - 2025Q1 3000.00 90.00"]),
    ({"currency": "USD"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "accounts"), RULES)
async def test_filter_partition_period_and_method(
    bed: Bed, rule: dict[str, Any], accounts: list[str]
) -> None:
    await enrol(bed, "g")
    await enrol(bed, "s", "silver")
    await order(bed, "e", ("A", "9000"), ("B", "3000"), partner="g")
    await order(bed, "w", ("A", "9000"), ("B", "1000"), partner="g", region="west")
    await order(bed, "x", ("A", "9000"), partner="s")
    await pay(bed, "1", "3000", "2025-01-31", "e", partner_id="g")
    await pay(bed, "2", "2000", "2025-02-01", "w", partner_id="g")
    await pay(bed, "3", "1500", "2025-02-10", "x", partner_id="s")
    await publish(bed, **rule)
    assert await shown(bed) == accounts


async def test_a_mixed_period_shares_the_volume_between_versions(bed: Bed) -> None:
    """v1 reads 7 % of 4,800 and v2 5 % of 750, both at the tier of 5,550."""
    await publish(bed)
    await enrol(bed)
    await order(bed, "o", ("A", "90000"))
    await pay(bed, "1", "4800", "2025-02-28", "o")
    await pay(bed, "2", "750", "2025-03-01", "o")
    await bed.advance("2025-03-05T00:00:00+08:00")
    await publish(bed, version=2, effective_from="2025-03-01", tiers=STEEPER)
    assert await standing(bed) == ("5550.00", "373.50")
    assert await standing(bed, as_at="2025-03-04") == ("5550.00", "388.50")
    assert await leaves(bed) == ["1 323.03 +144.00", "2 50.47 +229.50"]


async def test_a_prepayment_counts_on_its_day_once_an_order_takes_it(bed: Bed) -> None:
    await publish(bed)
    await enrol(bed)
    body = paper("d", "1500", "2025-03-31", "o")
    await bed.post("/v1/payments", {k: v for k, v in body.items() if k != "order_id"}, **KEEPER)
    await bed.advance("2025-04-12T00:00:00+08:00")
    assert await shown(bed) == []
    await order(bed, "o", ("A", "1400"))
    assert await shown(bed) == ["p A 2025Q1 1400.00 42.00"]
    assert await entries(bed) == ["1 0.00", "2 42.00"]
    assert await shown(bed, as_at="2025-04-11") == []


async def test_less_than_was_settled_is_proposed_and_booked_on_approval(bed: Bed) -> None:
    await publish(bed)
    await enrol(bed)
    await order(bed, "o", ("A", "6000"))
    await pay(bed, "d", "6000", "2025-05-02", "o")
    await bed.advance("2025-07-11T02:00:00+08:00")
    await bed.post("/v1/orders/o/cancellation")
    await bed.settle()
    assert await entries(bed, **SECOND_QUARTER) == ["1 420.00"]
    waiting = await bed.get("/v1/rebates/accounts/proposals", params=SECOND_QUARTER)
    (one,) = waiting["items"]
    assert one["amount"] == money("-420.00")
    path = f"/v1/rebates/accounts/{one['account_id']}/proposals/{one['proposal']}/approval"
    await bed.post(path, role="sales", expect=403)
    for _ in range(2):
        await bed.post(path, key="once", **KEEPER)
    await bed.settle()
    await bed.post(path, expect=409, **KEEPER)
    await order(bed, "again", ("A", "6000"))
    assert await entries(bed, **SECOND_QUARTER) == ["1 420.00", "2 -420.00", "3 420.00"]


async def test_every_order_of_arrival_tells_the_same_story(bed: Bed) -> None:
    """On the topic, each claim twice, for six partners."""
    told = [
        ("a1", "400", "2025-01-10"),
        ("a2", "2542", "2025-01-12"),
        ("a3", "2060", "2025-01-09"),
    ]
    await publish(bed)
    stories = set()
    for number, arrival in enumerate(permutations(told)):
        name = f"p{number}"
        await enrol(bed, name)
        await order(bed, f"o{number}", ("A", "9000"), partner=name)
        event = {"specversion": "1.0", "source": name, "type": "PaymentReported"}
        for document, amount, day in (*arrival, *arrival):
            data = paper(document, amount, day, f"o{number}", partner_id=name, source_system=name)
            raw = json.dumps(event | {"id": document, "data": data}).encode()
            await bed.platform.bus.publish([Record("PaymentReported", document, raw)])
        await bed.settle()
        stories.add((*await standing(bed, partner=name), *await leaves(bed, partner=name)))
    assert stories == {("5002.00", "350.14", "a3 144.20 +61.80", "a1 28.00", "a2 177.94 +276.34")}


async def test_a_currency_without_cents_is_rounded_to_whole_units(bed: Bed) -> None:
    await publish(bed, currency="JPY", tiers=[{"from": "100", "rate": "0.015"}])
    await enrol(bed, currency="JPY")
    await order(bed, "j", ("A", "3000"), ("B", "1000"), currency="JPY")
    yen = paper("d", "0", "2025-01-02", "j") | {"amount": money("1001", "JPY")}
    await bed.post("/v1/payments", yen, **KEEPER)
    await bed.settle()
    assert await shown(bed) == ["p A 2025Q1 751 11", "p B 2025Q1 250 4"]
