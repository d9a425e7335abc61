"""What surrounds the cases of rebates: scope, pages, versions, approvals, and nonsense."""

from shared.testing.platform import Bed
from tests.cases.rebates import (
    ACCOUNT,
    cny,
    entitlement,
    entries,
    paid,
    pay,
    programme,
    published,
    selling,
)


async def test_a_partner_sees_its_own_accounts_and_every_programme(case: Bed) -> None:
    await published(case)
    await selling(case, "600000", partners=("p1", "p2"))
    for partner in ("p1", "p2"):
        await paid(case, f"d-{partner}", "600000", "2026-01-05", partner=partner)
    mine = await case.get("/v1/rebates/accounts", partner="p1")
    assert [one["partner_id"] for one in mine["items"]] == ["p1"]
    then = await case.get("/v1/rebates/accounts", partner="p1", params={"as_at": "2026-12-31"})
    assert then["items"] == mine["items"]
    other = {"partner": "p1", "params": ACCOUNT | {"partner": "p2"}}
    assert (await case.get("/v1/rebates/accounts", **other))["items"] == []
    for what in ("explanation", "next-tier"):
        hidden = await case.get(f"/v1/rebates/accounts/{what}", **other, expect=404)
        missing = {"params": ACCOUNT | {"partner": "p9"}}
        absent = await case.get(f"/v1/rebates/accounts/{what}", **missing, expect=404)
        assert hidden == absent
        own = {"params": {k: v for k, v in ACCOUNT.items() if k != "partner"}}
        await case.get(f"/v1/rebates/accounts/{what}", partner="p1", **own)
    assert (await case.get("/v1/rebates/programmes", partner="p1"))["items"]
    await case.post("/v1/rebates/programmes", programme(version=2), partner="p1", expect=403)


async def test_pages_of_now_and_then_are_the_same(case: Bed) -> None:
    await published(case, filter={})
    await selling(case, "1000", "2000", "3000", partners=("p1", "p1-x", "p2"))
    for partner in ("p1", "p1-x", "p2"):
        await paid(case, f"d-{partner}", "3000", "2026-01-05", partner=partner)
    whole = (await case.get("/v1/rebates/accounts"))["items"]
    assert [(one["partner_id"], one["partition"]) for one in whole] == [
        (partner, line) for partner in ("p1", "p1-x", "p2") for line in "ABC"
    ]
    for more in ({}, {"as_at": "2026-12-31"}):
        found, cursor = [], None
        while True:
            asked = more | {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = await case.get("/v1/rebates/accounts", params=asked)
            found += page["items"]
            cursor = page["cursor"]
            if cursor is None:
                break
        assert found == whole


async def test_a_programme_published_later_reads_what_was_paid_before(case: Bed) -> None:
    await selling(case, "600000")
    await paid(case, "d1", "600000", "2026-01-05")
    assert (await case.get("/v1/rebates/accounts"))["items"] == []
    await published(case)
    assert await entitlement(case) == "18000.00"


async def test_a_version_is_published_once_and_never_changes(case: Bed) -> None:
    await published(case)
    await published(case)
    path = "/v1/rebates/programmes"
    changed = await case.post(path, programme(method="marginal"), expect=409)
    assert changed["slug"] == "programme-version-exists"
    await published(case, version=2, method="marginal")
    found = await case.get(f"{path}/q-a")
    assert [one["method"] for one in found["versions"]] == ["whole", "marginal"]
    assert (await case.get(f"{path}/q-b", expect=404))["slug"] == "programme-not-found"
    assert "tiers" in (await case.get(f"{path}/schema"))["properties"]


async def test_a_new_version_after_settlement_waits_for_approval(case: Bed) -> None:
    await published(case)
    await selling(case, "600000")
    await paid(case, "d1", "600000", "2026-01-05")
    await case.advance("2026-04-12T00:00:00+08:00")
    await published(case, version=2, tiers=[{"from": "500000", "rate": "0.04"}])
    assert await entries(case) == [("settled", 1, "18000.00")]
    (proposed,) = (await case.get("/v1/rebates/accounts/proposals"))["items"]
    assert (proposed["amount"], proposed["reason"]) == (cny("6000.00"), "new version")
    path = f"/v1/rebates/accounts/{proposed['account_id']}/proposals/1/approval"
    await case.post(path, role="finance")
    assert await entries(case) == [("settled", 1, "18000.00"), ("adjusted", 2, "6000.00")]
    assert (await case.get("/v1/rebates/accounts/proposals"))["items"] == []
    again = await case.post(path, role="finance", expect=409)
    assert again["slug"] == "adjustment-not-proposed"


NONSENSE: list[tuple[str, dict[str, str]]] = [
    ("accounts", {"as_of": "yesterday"}),
    ("accounts", {"as_at": "2026-01-01T00:00:01"}),
    ("accounts", {"as_at": "0001-01-01"}),
    ("accounts", {"as_at": "9999-12-31T23:59:59-14:00"}),
    ("accounts", {"as_of": "0001-01-01T00:00:00+14:00"}),
    ("accounts", {"period": "2026Q5"}),
    ("accounts", {"period": "2026Q5", "as_at": "2026-01-01"}),
    ("accounts", {"as_at": "2026-01-01", "cursor": "ÿ"}),
    ("accounts", {"cursor": "nonsense"}),
    ("accounts/explanation", {"programme": "q-a"}),
    ("accounts/next-tier", {}),
    ("accounts", {"as_at": "1e400"}),
    ("accounts", {"as_at": "20260410"}),
    ("accounts/entries", {"period": "2026-1"}),
]


async def test_nonsense_is_a_typed_problem(case: Bed) -> None:
    for path, params in NONSENSE:
        problem = await case.get(f"/v1/rebates/{path}", params=params, expect=422)
        assert problem["slug"]


async def test_each_late_payment_is_an_adjustment_of_its_own(case: Bed) -> None:
    """However many of them are read at once."""
    await published(case)
    await selling(case, "600000")
    await paid(case, "d1", "500000", "2026-01-05")
    await case.advance("2026-04-12T00:00:00+08:00")
    for number in range(4):
        await pay(case, f"late-{number}", "1000", "2026-03-01")
    await case.settle()
    late = [("adjusted", number, "30.00") for number in range(2, 6)]
    assert await entries(case) == [("settled", 1, "15000.00"), *late]


async def test_money_that_is_known_before_its_settlement_ran_is_an_adjustment(case: Bed) -> None:
    """It was recorded after the cut-off, but before the hour in which everything is read."""
    await published(case)
    await selling(case, "600000")
    await paid(case, "d1", "500000", "2026-01-05")
    await case.advance("2026-04-11T00:30:00+08:00")
    await paid(case, "d2", "1000", "2026-03-01")
    assert await entries(case) == []
    await case.advance("2026-04-11T01:00:00+08:00")
    assert await entries(case) == [("settled", 1, "15000.00"), ("adjusted", 2, "30.00")]


async def test_money_that_moves_away_after_settlement_waits_for_approval(case: Bed) -> None:
    """A cancelled order frees its payment: the account loses it, by a proposal."""
    await published(case)
    await selling(case, "600000")
    await paid(case, "d1", "600000", "2026-01-05")
    await case.advance("2026-04-12T00:00:00+08:00")
    await case.post("/v1/orders/o-p1/cancellation", {"reason": "lost"})
    await case.settle()
    assert await entitlement(case) == "0.00"
    assert await entitlement(case, as_at="2026-04-11") == "18000.00"
    assert await entries(case) == [("settled", 1, "18000.00")]
    (proposed,) = (await case.get("/v1/rebates/accounts/proposals"))["items"]
    assert proposed["amount"] == cny("-18000.00")


async def test_a_partner_earns_at_the_level_it_had_on_the_day(case: Bed) -> None:
    await published(case, filter={"levels": ["platinum"]})
    await selling(case, "600000")
    await paid(case, "d1", "600000", "2026-01-05")
    assert (await case.get("/v1/rebates/accounts"))["items"] == []
    await case.post("/v1/partners/p1/level", {"level": "platinum"})
    await case.settle()
    assert await entitlement(case) == "18000.00"


async def test_an_account_of_nothing_is_settled_with_its_reason(case: Bed) -> None:
    await published(case)
    await selling(case, "600")
    await paid(case, "d1", "600", "2026-01-05")
    await case.advance("2026-04-12T00:00:00+08:00")
    (entry,) = (await case.get("/v1/rebates/accounts/entries", params=ACCOUNT))["items"]
    assert (entry["amount"], entry["reason"]) == (cny("0.00"), "no tier reached")
    assert len(entry["counted"]) == 1


async def test_a_past_period_is_settled_by_command_with_what_is_recorded_by_then(
    case: Bed,
) -> None:
    await selling(case, "600000")
    await paid(case, "d1", "500000", "2025-03-01")
    await published(case, effective_from="2025-01-01")
    assert await entries(case, period="2025Q1") == []
    settle = "/v1/rebates/programmes/q-a/settlements"
    await case.post(settle, {"period": "2025Q1"}, role="finance")
    await case.settle()
    assert await entries(case, period="2025Q1") == [("settled", 1, "15000.00")]
    await paid(case, "d2", "1000", "2025-03-01")
    assert (await entries(case, period="2025Q1"))[1:] == [("adjusted", 2, "30.00")]
