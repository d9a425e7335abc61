"""Partners through the front door."""

from shared.testing.platform import Bed

ENROL = {
    "partner_id": "p1",
    "type": "agent",
    "level": "gold",
    "regions": ["east"],
    "industries": ["pumps"],
    "product_lines": ["A"],
}


async def test_a_partner_is_enrolled_once_and_has_a_credit_limit(case: Bed) -> None:
    """A partner is enrolled once, and has a credit limit."""
    first = await case.post("/v1/partners", ENROL, key="enrol-p1", expect=201)
    again = await case.post("/v1/partners", ENROL, key="enrol-p1", expect=201)
    assert (first["version"], again["version"]) == (1, 1)
    other = await case.post("/v1/partners", ENROL | {"level": "x"}, key="enrol-p1", expect=422)
    assert other["slug"] == "idempotency-key-reused"
    twice = await case.post("/v1/partners", ENROL, key="another-key", expect=409)
    assert twice["slug"] == "partner-exists"
    limit = {"limit": {"amount": "500000.00", "currency": "CNY"}}
    await case.post("/v1/partners/p1/credit-limit", limit, role="finance")
    stale = {"If-Match": '"1"'}
    changed = await case.post("/v1/partners/p1/level", {"level": "x"}, headers=stale, expect=412)
    assert changed["slug"] == "version-mismatch"
    partner = await case.get("/v1/partners/p1", partner="p1")
    assert (partner["limit"], partner["version"]) == (limit["limit"], 2)
    foreign = await case.get("/v1/partners/p1", partner="p2", expect=404)
    missing = await case.get("/v1/partners/p9", partner="p2", expect=404)
    assert foreign["slug"] == missing["slug"]
