"""What is foreseen of a period, and what was published of it: F-04, F-06, F-07."""

from typing import Any

import pytest

from shared.testing.platform import Bed
from tests.cases.test_forecast_pipeline import cny, estimated, opened, won

START = "2026-01-05T09:00:00+08:00"
STAGES = [("意向", "0.9"), ("方案", "0.5"), ("初访", "0.2")]
NOTHING = {"amount": "0.00", "currency": "CNY"}
AUTHORS = {"submitted", "weighted", "model"}


async def staged(case: Bed, *stages: tuple[str, str]) -> None:
    """One model for each stage, so that an opportunity begins where it is wanted."""
    for n, (stage, chance) in enumerate(stages):
        model = {"model_id": f"m{n}", "stages": [{"stage": stage, "probability": chance}]}
        await case.post("/v1/stage-models", model, expect=201)


@pytest.mark.case("F-04", at=START)
async def test_the_open_pipeline_by_its_chances(case: Bed) -> None:
    """100 at 0.9, 250 at 0.5, 400 at 0.2: mean 295, σ 205.2; then from what was won."""
    await staged(case, *STAGES)
    for n, thousands in enumerate((100, 250, 400)):
        await opened(case, f"o{n}", thousands, model_id=f"m{n}")
    await case.settle()
    asked = "/v1/forecast/weighted?period=2026Q1"
    told = await case.get(asked)
    assert (told["mean"], told["won"], told["opportunities"]) == (cny(295), NOTHING, 3)
    assert told["deviation"] == {"amount": "205243.76", "currency": "CNY"}
    chances = {one["stage"]: (one["chance"], one["source"]) for one in told["stages"]}
    assert chances == {stage: (chance, "model") for stage, chance in STAGES}
    for n in range(20):
        await opened(case, f"c{n}", 10, model_id="m2", close="2026-06-01")
        if n < 8:
            await won(case, f"c{n}")
        else:
            await case.post(f"/v1/opportunities/c{n}/lost", {"reason": "价格"})
    await case.settle()
    told = await case.get(asked)
    (first,) = [one for one in told["stages"] if one["stage"] == "初访"]
    assert first == {
        "stage": "初访",
        "chance": "0.4",
        "source": "history",
        "closed": 20,
        "won": 8,
    }
    assert (told["mean"], told["won"]) == (cny(375), cny(80))  # 90 + 125 + 160


@pytest.mark.case("F-06", at=START)
async def test_several_forecasts_as_one(case: Bed) -> None:
    """120 (25 %) and 100 (10 %): weights 16 to 100, 102.76; unknown ones take no part."""
    partner, model = {"value": "120", "wape": "0.25"}, {"value": "100", "wape": "0.10"}
    told = await case.post("/v1/forecast/blend", {"opinions": [partner, model]}, role="auditor")
    assert told["blended"] == "102.758620689655"
    assert [round(float(one), 4) for one in told["weights"]] == [0.1379, 0.8621]
    unknown = {"opinions": [model, {"value": "900"}]}
    told = await case.post("/v1/forecast/blend", unknown, role="auditor")
    assert (told["blended"], told["weights"]) == ("100", ["1", "0"])
    none = {"opinions": [{"value": "100"}, {"value": "200", "wape": None}]}
    assert (await case.post("/v1/forecast/blend", none, role="auditor"))["blended"] == "150"


async def trade(case: Bed) -> None:
    """A partner that wins 100 every month and submits 80 before each."""
    partner = {"partner_id": "A", "type": "agent", "level": "gold", "regions": ["east"]}
    await case.post("/v1/partners", partner, expect=201)
    await staged(case, ("方案", "0.5"))
    for month in range(1, 7):
        await case.advance(f"2026-{month:02}-05T09:00:00+08:00")
        period = {"partner_id": "A", "period": f"2026-{month + 1:02}", "value": cny(80)}
        await case.post("/v1/forecast/submissions", period, partner="A", expect=201)
        close = f"2026-{month + 1:02}-20"
        await opened(case, f"o{month}", 100, close=close, partner_id="A", model_id="m0")
        if month > 1:
            await case.advance(f"2026-{month:02}-20T09:00:00+08:00")
            await won(case, f"o{month - 1}")
    await case.advance("2026-07-06T09:00:00+08:00")


@pytest.mark.case("F-06b", at=START)
async def test_authors_are_weighed_by_their_past(case: Bed) -> None:
    """The months were never wrong, the partner by 20 %, half chances by half."""
    await trade(case)
    told = await case.get("/v1/forecast/blend?period=2026-08&partner=A")
    by = {one["author"]: one for one in told["opinions"]}
    assert "submitted" not in by  # August: nobody has said anything yet
    assert (by["model"]["wape"], by["weighted"]["wape"]) == ("0", "0.5")
    july = await case.get("/v1/forecast/blend?period=2026-07&partner=A")
    by = {one["author"]: one for one in july["opinions"]}
    assert {author: one["wape"] for author, one in by.items()} == {
        "submitted": "0.2",
        "weighted": "0.5",
        "model": "0",
    }
    assert by["submitted"]["value"] == cny(80)
    inverse = {author: 1 / max(float(one["wape"]), 0.01) ** 2 for author, one in by.items()}
    values = {author: float(one["value"]["amount"]) for author, one in by.items()}
    expected = sum(values[a] * w for a, w in inverse.items()) / sum(inverse.values())
    assert float(july["blended"]["amount"]) == pytest.approx(expected, abs=0.01)
    own = await case.get("/v1/forecast/blend?period=2026-07", partner="A")
    assert own["blended"] == july["blended"]
    await case.get("/v1/forecast/blend?period=2026-07&partner=A", partner="B", expect=404)


def figures(told: dict[str, Any]) -> dict[str, Any]:
    """What a replay and what was published have in common."""
    names = ("closed", "commit", "best_case", "pipeline", "deviation", "method", "blended")
    opinions = told.get("opinions") or [
        {"author": a, "value": told[a]} for a in AUTHORS if told[a]
    ]
    values = {one["author"]: one["value"] for one in opinions}
    return {**{name: told[name] for name in names}, "values": values}


@pytest.mark.case("F-07b", at=START)
async def test_what_was_published_is_what_a_replay_gives(case: Bed) -> None:
    """Each Monday publishes the house and each partner; later nothing can change what was said."""
    await trade(case)
    scopes = {"": "", "&partner=A": "A"}
    compared = 0
    for asked in scopes:
        published = (await case.get(f"/v1/forecast/publications?limit=200{asked}"))["items"]
        weeks = {one["week"] for one in published}
        assert len(weeks) == 26  # every Monday from 12 January on
        assert len(published) == 26 * 4  # month, quarter, and the next ones
        for one in published[::5]:
            at = one["as_at"].replace("+", "%2B")
            period = one["period"]
            told = await case.get(f"/v1/forecast/blend?period={period}&as_at={at}{asked}")
            assert figures(told) == figures(one), (one["week"], period)
            compared += 1
    assert compared == 42
    week = "&period=2026-07&week=2026-06-29"
    (june,) = (await case.get(f"/v1/forecast/publications?partner=A{week}"))["items"]
    await estimated(case, "o6", amount=cny(900))
    await case.settle()
    at = june["as_at"].replace("+", "%2B")
    told = await case.get(f"/v1/forecast/blend?period=2026-07&partner=A&as_at={at}")
    assert figures(told) == figures(june)
    now = await case.get("/v1/forecast/blend?period=2026-07&partner=A")
    assert figures(now) != figures(june)


@pytest.mark.case("F-07c", at=START)
async def test_a_forecast_published_by_hand_is_the_one_of_its_week(case: Bed) -> None:
    """Asked on any day, as of the week's Monday; once."""
    await opened(case, "a", 100, "commit")
    await case.advance("2026-01-14T09:00:00+08:00")
    await estimated(case, "a", amount=cny(500))
    await case.settle()
    wanted = {"region": "east", "period": "2026Q1"}
    url = "/v1/forecast/publications"
    told = await case.post(url, wanted, role="manager", expect=201)
    assert (told["week"], told["commit"], told["version"]) == ("2026-01-12", cny(100), 1)
    again = await case.post(url, wanted, role="manager", expect=201)
    assert again["version"] == 1
    await case.settle()
    items = (await case.get(f"{url}?region=east"))["items"]
    assert [(one["week"], one["commit"]) for one in items] == [("2026-01-12", cny(100))]
    house = (await case.get(f"{url}?period=2026Q1"))["items"]
    assert [one["commit"] for one in house] == [cny(100)]  # by the clock
    early = wanted | {"week": "2026-01-19"}
    assert (await case.post(url, early, role="manager", expect=409))["slug"] == "publication-early"
    sunday = wanted | {"week": "2026-01-11"}
    wrong = await case.post(url, sunday, role="manager", expect=422)
    assert wrong["slug"] == "publication-week-malformed"
    await case.post(url, wanted, partner="A", expect=403)


@pytest.mark.case("F-07d", at=START)
async def test_how_good_was_what_was_published(case: Bed) -> None:
    """Each month's last publication before it began against what was won in it."""
    await trade(case)
    asked = "/v1/forecast/publications/accuracy?kind=month"
    told = await case.get(f"{asked}&partner=A")
    months = [(one["period"], one["week"]) for one in told["periods"]]
    assert months[0] == ("2026-02", "2026-01-26")
    assert [month for month, _ in months] == [f"2026-0{n}" for n in range(2, 7)]
    submitted = told["authors"]["submitted"]
    assert (submitted["n"], submitted["wape"], submitted["bias"]) == (5, "0.2", "-0.2")
    quarter = await case.get("/v1/forecast/publications/accuracy?kind=quarter&partner=A")
    (second,) = quarter["periods"]
    assert (second["period"], second["week"]) == ("2026Q2", "2026-03-30")
    assert second["actual"] == cny(300)
    ahead = await case.get("/v1/forecast/publications/accuracy?kind=quarter&partner=A&ahead=4")
    assert ahead["periods"][0]["week"] == "2026-03-02"
    model = quarter["authors"]["model"]
    assert (model["n"], model["wape"], model["bias"]) == (1, "0", "0")
