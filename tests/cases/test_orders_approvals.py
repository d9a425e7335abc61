"""Approvals as data for orders, deals and market funds: rule, votes, delegates (ADR 0041)."""

from typing import Any

import pytest

from shared.testing.platform import Bed
from tests.cases.mdf import allocate, submit
from tests.cases.test_deals import file, seen

START = "2026-01-05T09:00:00+08:00"
UNTIL = "2026-01-20T00:00:00+08:00"


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


async def submitted(case: Bed, order_id: str, price: str, **more: Any) -> None:
    line = {"line": 1, "sku": "s", "product_line": "A", "quantity": 1, "unit_price": cny(price)}
    order = {"order_id": order_id, "partner_id": "p", "region": "east", "currency": "CNY"}
    await case.post("/v1/orders", order | {"lines": [line]} | more, partner="p", expect=201)
    await case.settle()


async def enrolled(case: Bed) -> None:
    head = {"partner_id": "p", "type": "agent", "level": "gold", "regions": ["east"]}
    await case.post("/v1/partners", head, expect=201)
    await case.post("/v1/partners/p/credit-limit", {"limit": cny("90000000")})
    await case.settle()


def rule(version: int, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"version": version, "steps": list(steps)}


BOTH = {
    "name": "both",
    "mode": "all",
    "seats": ["role:manager", "role:finance"],
    "bands": [{"op": ">", "amount": cny("100000")}],
    "hours": 24,
    "escalation": ["role:operations"],
}
DIRECTOR = {
    "name": "director",
    "mode": "any",
    "seats": ["role:director"],
    "bands": [{"op": ">", "amount": cny("500000")}],
    "conditions": [{"field": "region", "values": ["east"]}],
}


@pytest.mark.case("O-06b", at=START)
async def test_a_rule_of_the_makers_own(case: Bed) -> None:
    """Above 100,000 manager and finance, in the east above 500,000 the director after them."""
    await enrolled(case)
    await case.post("/v1/order-rule", rule(1, BOTH, DIRECTOR), role="director", expect=201)
    await submitted(case, "small", "100000.00")
    assert (await case.get("/v1/orders/small"))["status"] == "approved"
    await submitted(case, "large", "600000.00")
    waits = await case.get("/v1/orders/large")
    assert (waits["status"], waits["reasons"]) == ("held", ["director-approval"])
    assert waits["approval"]["rule"] == {"id": "order", "version": 1}
    assert waits["approval"]["waiting_for"] == ["role:manager", "role:finance"]
    await case.post("/v1/order-rule", rule(2), role="director", expect=201)  # nobody, from now on
    path = "/v1/orders/large/approval"
    await case.post(path, role="director", expect=403)
    await case.post(path, role="manager")
    await case.post(path, role="finance")
    waits = await case.get("/v1/orders/large")
    assert waits["approval"]["waiting_for"] == ["role:director"]
    await case.post(path, role="director")
    await case.settle()
    done = await case.get("/v1/orders/large")
    assert (done["status"], done["approved_by"]) == ("approved", "director")
    assert done["approval"]["rule"]["version"] == 1
    assert [one["step"] for one in done["approval"]["ballots"]] == [0, 0, 1]
    await submitted(case, "free", "900000.00")
    assert (await case.get("/v1/orders/free"))["status"] == "approved"
    await case.post("/v1/order-rule", rule(2), role="director", expect=409)
    await case.post("/v1/order-rule", rule(3), role="manager", expect=403)


@pytest.mark.case("O-06c", at=START)
async def test_who_does_not_answer_is_passed_over(case: Bed) -> None:
    """After 24 hours operations decide it, too; after 48 it has lapsed."""
    await enrolled(case)
    await case.post("/v1/order-rule", rule(1, BOTH), role="director", expect=201)
    await submitted(case, "one", "200000.00")
    await submitted(case, "two", "200000.00")
    await case.advance("2026-01-06T09:00:00+08:00")
    waits = await case.get("/v1/orders/one")
    seats = ["role:manager", "role:finance", "role:operations"]
    assert waits["approval"]["waiting_for"] == seats
    await case.post("/v1/orders/one/approval", role="operations")
    await case.settle()
    assert (await case.get("/v1/orders/one"))["status"] == "approved"
    await case.advance("2026-01-07T09:00:00+08:00")
    lapsed = await case.get("/v1/orders/two")
    assert (lapsed["status"], lapsed["reason"]) == ("rejected", "lapsed")


@pytest.mark.case("O-06d", at=START)
async def test_back_to_who_asked(case: Bed) -> None:
    """Recalled by the partner, or returned: cancelled; reopened, that day's rule asks anew."""
    await enrolled(case)
    await submitted(case, "o", "600000.00")
    recalled = await case.post("/v1/orders/o/recall", {"reason": "改数量"}, partner="p")
    assert (recalled["status"], recalled["reason"]) == ("cancelled", "recalled: 改数量")
    await case.post("/v1/orders/o/recall", partner="p", expect=409)
    await case.post("/v1/order-rule", rule(1, BOTH), role="director", expect=201)
    await case.post("/v1/orders/o/reopening")
    await case.settle()
    waits = await case.get("/v1/orders/o")
    assert (waits["status"], waits["approval"]["rule"]["version"]) == ("held", 1)
    returned = await case.post("/v1/orders/o/return", {"reason": "缺合同"}, role="finance")
    assert (returned["status"], returned["reason"]) == ("cancelled", "returned: 缺合同")


async def lent(case: Bed, role: str, to: str, **more: Any) -> dict[str, Any]:
    wanted = {"to": to, "until": UNTIL, "reason": "休假"}
    told = await case.post("/v1/delegations", wanted | more, role=role, expect=201)
    await case.settle()
    return told


@pytest.mark.case("A-01", at=START)
async def test_who_decides_for_me(case: Bed) -> None:
    """A director away until the 20th: sales decides in his place, for orders, deals and funds."""
    await enrolled(case)
    await submitted(case, "o", "600000.00")
    await case.post("/v1/orders/o/approval", role="sales", expect=403)
    told = await lent(case, "director", "sales")
    assert told["seats"] == ["user:director", "role:director"]
    await case.post("/v1/orders/o/approval", role="sales")
    await case.settle()
    done = await case.get("/v1/orders/o")
    assert (done["status"], done["approved_by"]) == ("approved", "sales")
    (ballot,) = done["approval"]["ballots"]
    assert ballot["delegated"] == ["role:director"]
    (listed,) = (await case.get("/v1/delegations?to=sales"))["items"]
    assert (listed["by"], listed["reason"]) == ("director", "休假")
    path = f"/v1/delegations/{told['delegation_id']}/revocation"
    await case.post(path, role="manager", expect=403)
    await case.post(path, role="director")
    await case.settle()
    await submitted(case, "later", "600000.00")
    await case.post("/v1/orders/later/approval", role="sales", expect=403)
    await case.post("/v1/delegations", {"to": "x", "until": UNTIL}, partner="p", expect=403)
    over = {"to": "x", "until": "2026-01-01T00:00:00+08:00"}
    wrong = await case.post("/v1/delegations", over, role="manager", expect=422)
    assert wrong["slug"] == "delegation-malformed"


@pytest.mark.case("A-02", at=START)
async def test_a_delegate_counts_in_every_context(case: Bed) -> None:
    """A manager's seat in a deal and in a request for market funds, filled by finance."""
    await lent(case, "manager", "finance")
    await file(case, "r-1", "P1")
    await case.post("/v1/registrations/r-1/approval", role="finance")
    assert (await seen(case, "r-1"))["status"] == "protected"
    await allocate(case)
    await submit(case, "a", "30000")
    path = "/v1/mdf/requests/a/approval"
    first = await case.post(path, role="finance")
    assert first["status"] == "submitted"
    assert (await case.post(path, role="marketing"))["status"] == "approved"
    await submit(case, "b", "30000")
    await case.advance(UNTIL)
    over = await case.post("/v1/mdf/requests/b/approval", role="finance", expect=403)
    assert over["slug"] == "approval-not-asked"


@pytest.mark.case("A-03", at=START)
async def test_a_vote_that_is_sent_again_is_one_vote(case: Bed) -> None:
    """Whatever was lent to the voter in between (ADR 0035), and at whatever time."""
    await enrolled(case)
    await submitted(case, "o", "600000.00")
    path = "/v1/orders/o/approval"
    first = await case.post(path, role="director", key="vote-1")
    await lent(case, "manager", "director")
    await case.advance("2026-01-05T10:00:00+08:00")
    again = await case.post(path, role="director", key="vote-1")
    assert again["version"] == first["version"]


@pytest.mark.case("A-04", at=START)
async def test_what_waits_for_me(case: Bed) -> None:
    """Orders, deals and market funds in one list: what I could decide now, or somebody else.

    As a delegate, too; with a seat, what waits for that one: of somebody who leaves (L-09).
    """
    await enrolled(case)
    await submitted(case, "o", "600000.00")
    await file(case, "r-1", "P1")
    await allocate(case)
    await submit(case, "a", "30000")
    await case.settle()

    async def waiting(role: str, **seat: str) -> list[str]:
        found = await case.get("/v1/approvals", role=role, params=seat)
        assert found["missing"] == {}
        return [one["path"].removeprefix("/v1/") for one in found["items"]]

    assert sorted(await waiting("director")) == ["orders/o", "registrations/r-1"]
    assert sorted(await waiting("manager")) == ["mdf/requests/a", "registrations/r-1"]
    assert await waiting("marketing") == ["mdf/requests/a"]
    assert await waiting("finance") == []
    await case.post("/v1/mdf/requests/a/approval", role="manager")
    assert await waiting("manager") == ["registrations/r-1"]
    await lent(case, "director", "finance")
    assert sorted(await waiting("finance")) == ["orders/o", "registrations/r-1"]
    assert await waiting("auditor", seat="role:marketing") == ["mdf/requests/a"]
    assert await waiting("auditor", seat="user:ann") == []
    order, _ = (await case.get("/v1/approvals", role="director"))["items"]
    assert (order["kind"], order["waiting_for"]) == ("order", ["role:director"])
    assert order["amount"] == {"amount": "600000.00", "currency": "CNY"}
    await case.get("/v1/approvals", partner="p", expect=403)
