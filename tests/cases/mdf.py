"""What the cases of market funds ask for, in their order."""

from typing import Any

from shared.testing.platform import Bed

JPEG = b"\xff\xd8\xff\xe0"


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


async def allocate(bed: Bed, fund_id: str = "q1", amount: str = "100000", **more: Any) -> Any:
    window = {"starts_on": "2026-01-01", "ends_on": "2026-03-31"}
    body = {"fund_id": fund_id, "amount": cny(amount)} | window | more
    return await bed.post("/v1/mdf/funds", body, expect=201)


async def submit(
    bed: Bed, request_id: str, amount: str, expect: int = 201, **more: Any
) -> dict[str, Any]:
    """Asked for by the partner itself."""
    body = {"request_id": request_id, "fund_id": "q1", "partner_id": "p1", "amount": cny(amount)}
    body |= more
    who = body["partner_id"]
    return await bed.post("/v1/mdf/requests", body, partner=who, expect=expect)


async def approve(bed: Bed, request_id: str, **how: Any) -> dict[str, Any]:
    """Channel manager and marketing: 会签."""
    path = f"/v1/mdf/requests/{request_id}/approval"
    await bed.post(path, how)
    approved = await bed.post(path, how, role="marketing")
    assert approved["status"] == "approved"
    return approved


async def claim(bed: Bed, claim_id: str, request_id: str, *costs: str, **more: Any) -> Any:
    lines = [{"line": n, "amount": cny(cost)} for n, cost in enumerate(costs, start=1)]
    body = {"claim_id": claim_id, "request_id": request_id, "lines": lines} | more
    how = {"partner": how} if (how := body.pop("partner", "p1")) else {}
    filed = await bed.post("/v1/mdf/claims", body, **how, expect=body.pop("expect", 201))
    await bed.settle()
    return filed


async def check(bed: Bed, claim_id: str, *eligible: str, reason: str = "not in the plan") -> Any:
    lines = [
        {"line": n, "eligible": cny(amount), "reason": reason}
        for n, amount in enumerate(eligible, start=1)
    ]
    await bed.post(f"/v1/mdf/claims/{claim_id}/check", {"lines": lines}, role="marketing")
    return await bed.post(f"/v1/mdf/claims/{claim_id}/approval", role="marketing")


async def pay(bed: Bed, claim_id: str, **how: Any) -> dict[str, Any]:
    return await bed.post(f"/v1/mdf/claims/{claim_id}/payment", how, role="finance")


async def balance(bed: Bed, fund_id: str = "q1") -> tuple[str, ...]:
    """actual, available, committed, pending, paid."""
    fund = await bed.get(f"/v1/mdf/funds/{fund_id}")
    names = ("actual", "available", "committed", "pending", "paid")
    return tuple(fund[name]["amount"].removesuffix(".00") for name in names)


async def upload(bed: Bed, request_id: str, data: bytes, **how: Any) -> dict[str, Any]:
    kind = how.pop("kind", "photo")
    headers = {"Content-Type": "application/octet-stream"}
    path = f"/v1/mdf/requests/{request_id}/evidence?kind={kind}"
    told: dict[str, Any] = {"partner": "p1", "expect": 201} | how
    return await bed.call("POST", path, content=data, headers=headers, **told)
