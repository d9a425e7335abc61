"""The pipeline's categories through the front doors of leads and forecast: F-01, F-03, F-07."""

from typing import Any

import pytest

from shared.testing.platform import Bed

MARCH = "2026-03-20"
ASKED = "/v1/forecast/pipeline?period=2026Q1"


def cny(thousands: int) -> dict[str, str]:
    return {"amount": f"{thousands}000.00", "currency": "CNY"}


def sums(told: dict[str, Any]) -> dict[str, int]:
    return {name: int(float(money["amount"]) / 1000) for name, money in told.items() if money}


async def opened(
    bed: Bed, name: str, thousands: int, category: str = "", close: str = MARCH, **more: str
) -> None:
    where = {"name": f"示例客户{name}", "region": "east", "industry": "steel"}
    customer = (await bed.post("/v1/customers", where, expect=201))["customer_id"]
    body = {"opportunity_id": name, "customer_id": customer, "region": "east", **more}
    body |= {"expected_close": close}
    await bed.post("/v1/opportunities", {**body, "amount": cny(thousands)}, expect=201)
    if category:
        await estimated(bed, name, category=category)


async def estimated(bed: Bed, name: str, **how: Any) -> None:
    await bed.post(f"/v1/opportunities/{name}/estimate", how)


async def won(bed: Bed, name: str) -> None:
    await bed.post(f"/v1/opportunities/{name}/won", {"reason": "方案更优"})


@pytest.mark.case("F-01", at="2026-01-05T09:00:00+08:00")
async def test_categories_alone_and_summed_from_the_surest_on(case: Bed) -> None:
    """Closed 400, commit 250, best case 180, pipeline 600, quota 1,200: 650, 830, 1,030, 1.29."""
    await opened(case, "a", 400)
    await won(case, "a")
    await opened(case, "b", 250, "commit")
    await opened(case, "c", 180, "best-case")
    await opened(case, "d", 600, "pipeline")
    await opened(case, "e", 900, "omitted")
    await opened(case, "f", 900, "commit", "2026-05-01")
    target = {"partner_id": "p1", "product_line": "A", "month": "2026-02"}
    await case.post("/v1/forecast/targets", target | {"target": cny(1200)})
    await case.settle()
    told = await case.get(ASKED)
    assert sums(told["single"]) == {
        "closed": 400,
        "commit": 250,
        "best-case": 180,
        "pipeline": 600,
    }
    cumulative = {"closed": 400, "commit": 650, "best-case": 830, "pipeline": 1430}
    assert sums(told["cumulative"]) == cumulative
    assert told["open"] == cny(1030)
    assert round(float(told["coverage"]), 2) == 1.29


@pytest.mark.case("F-03", at="2026-01-05T09:00:00+08:00")
async def test_why_the_commit_moved(case: Bed) -> None:
    """1,000 + new 120 + in 80 − out 150 − lost 90 + up 40 − down 30 − won 200 = 770."""
    before = {"same": 400, "out": 150, "lost": 90, "up": 60, "down": 100, "won": 200}
    for name, thousands in before.items():
        await opened(case, name, thousands, "commit")
    await opened(case, "in", 80, "commit", "2026-05-01")
    await case.advance("2026-01-12T09:00:00+08:00")
    await opened(case, "new", 120, "commit")
    await estimated(case, "in", expected_close=MARCH)
    await estimated(case, "out", expected_close="2026-04-01")
    await case.post("/v1/opportunities/lost/lost", {"reason": "价格"})
    await estimated(case, "up", amount=cny(100))
    await estimated(case, "down", amount=cny(70))
    await won(case, "won")
    await case.settle()
    asked = "period=2026Q1&since=2026-01-11T00:00:00%2B08:00"
    told = await case.get(f"/v1/forecast/waterfall?{asked}")
    assert (told["start"], told["end"]) == (cny(1000), cny(770))
    moves = {"new": 120, "pulled-in": 80, "pushed-out": -150, "lost": -90, "won": -200}
    assert sums(told["moves"]) == moves | {"up": 40, "down": -30}


@pytest.mark.case("F-07", at="2026-01-05T09:00:00+08:00")
async def test_each_past_monday_is_told_as_it_was_told_then(case: Bed) -> None:
    """What was answered on every Monday is answered for it ever after."""
    said = {}
    for week, monday in enumerate(("2026-01-12", "2026-01-19", "2026-01-26")):
        await opened(case, f"o{week}", 100 + week, "commit")
        if week:
            await estimated(case, f"o{week - 1}", amount=cny(200 + week), category="best-case")
        await case.advance(f"{monday}T09:00:00+08:00")
        said[monday] = await case.get(ASKED)
        await case.advance(f"{monday}T10:00:00+08:00")
    await won(case, "o0")
    await case.post("/v1/opportunities/o1/lost", {"reason": "预算"})
    await case.settle()
    for monday, told in said.items():
        at = f"&as_at={monday}T09:00:00%2B08:00"
        assert (await case.get(ASKED + at))["single"] == told["single"]
    assert (await case.get(ASKED))["single"] != told["single"]


@pytest.mark.case("F-02", at="2026-01-05T09:00:00+08:00")
async def test_who_sees_which_figure(case: Bed) -> None:
    """650 and 400: unadjusted 1,050; with the owner's 620 1,020; with the manager's 600 1,000."""
    for partner in "AB":
        body = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["east"]}
        await case.post("/v1/partners", body)
    await opened(case, "a", 650, "commit", partner_id="A")
    await opened(case, "b", 400, "commit", partner_id="B")
    await case.settle()
    own = {"partner_id": "A", "period": "2026Q1"}
    await case.post("/v1/forecast/submissions", own | {"value": cny(620)}, partner="A")
    lower = own | {"value": cny(600), "reason": "客户预算未批"}
    await case.post("/v1/forecast/adjustments", lower, role="manager")
    await case.settle()
    rollup = "/v1/forecast/rollup?period=2026Q1"
    manager, sales = await case.get(rollup), await case.get(rollup, role="sales")
    names = ("unadjusted", "submitted", "forecast")
    assert [manager[name] for name in names] == [cny(1050), cny(1020), cny(1000)]
    assert [sales[name] for name in names] == [cny(1050), cny(1020), cny(1020)]
    (mine,) = (await case.get(rollup, partner="A"))["items"]
    assert (mine["forecast"], mine["author"]) == (cny(620), "partner")
    await estimated(case, "a", amount=cny(700))
    await case.settle()
    first = (await case.get(rollup))["items"][0]
    assert (first["forecast"], first["stale"]) == (cny(600), True)
    follows = own | {"value": {"amount": "-50000.00", "currency": "CNY"}, "mode": "delta"}
    await case.post("/v1/forecast/adjustments", follows | {"reason": "保守"}, role="manager")
    await case.settle()
    first = (await case.get(rollup))["items"][0]
    assert (first["forecast"], first["stale"]) == (cny(650), False)


@pytest.mark.case("F-07a", at="2026-01-05T09:00:00+08:00")
async def test_what_each_saw_on_a_past_day_is_told_ever_after(case: Bed) -> None:
    """A submission, an adjustment, another amount: the roll-up of before, by who looks."""
    await case.post("/v1/partners", {"partner_id": "A", "type": "agent", "level": "gold"})
    await opened(case, "a", 650, "commit", partner_id="A")
    own = {"partner_id": "A", "period": "2026Q1"}
    rollup, said = "/v1/forecast/rollup?period=2026Q1", {}
    steps: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        ("submissions", {"value": cny(620)}, {"partner": "A"}),
        ("adjustments", {"value": cny(600), "reason": "谨慎"}, {"role": "manager"}),
        ("submissions", {"value": cny(640)}, {"partner": "A"}),
    ]
    for day, (kind, body, who) in enumerate(steps, start=6):
        await case.settle()
        at = f"2026-01-{day:02}T09:00:00+08:00"
        await case.advance(at)
        told = [await case.get(rollup), await case.get(rollup, partner="A")]
        said[at.replace("+", "%2B")] = told
        await case.advance(at.replace("09:00:00", "09:00:01"))
        await case.post(f"/v1/forecast/{kind}", own | body, expect=201, **who)
    await estimated(case, "a", amount=cny(700))
    await case.settle()
    for at, (all_, mine) in said.items():
        asked = f"{rollup}&as_at={at}"
        assert await case.get(asked) == all_
        assert await case.get(asked, partner="A") == mine
    assert [one["submitted"] for one, _ in said.values()] == [cny(650), cny(620), cny(620)]
    assert [one["forecast"] for one, _ in said.values()] == [cny(650), cny(620), cny(600)]
