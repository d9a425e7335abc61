"""What the cases of rebates have in common: a programme, partners with orders, payments."""

from collections.abc import Iterable
from typing import Any

from shared.testing.platform import Bed

ACCOUNT = {"programme": "q-a", "partner": "p1", "period": "2026Q1", "partition": "A"}


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def programme(**changed: Any) -> dict[str, Any]:
    """The seed rule Q-A."""
    return {
        "programme_id": "q-a",
        "version": 1,
        "effective_from": "2026-01-01",
        "currency": "CNY",
        "filter": {"product_lines": ["A"]},
        "partition": ["product_line"],
        "basis": "collected",
        "method": "whole",
        "tiers": [{"from": "500000", "rate": "0.03"}, {"from": "1000000", "rate": "0.05"}],
        "period": "quarter",
        "grace_days": 10,
        "settle_after": "PT1H",
        "settlement": "automatic",
    } | changed


async def published(bed: Bed, **changed: Any) -> None:
    await bed.post("/v1/rebates/programmes", programme(**changed), expect=201)
    await bed.settle()


async def selling(bed: Bed, *prices: str, partners: Iterable[str] = ("p1",)) -> None:
    """Partners with one big order each, approved: there is something to pay."""
    for partner in partners:
        enrolled = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["east"]}
        await bed.post("/v1/partners", enrolled)
        limit = {"limit": cny("9000000")}
        await bed.post(f"/v1/partners/{partner}/credit-limit", limit, role="finance")
    await bed.settle()
    for partner in partners:
        await bed.post("/v1/orders", order(partner, prices), expect=201)
    await bed.settle()
    for partner in partners:
        if (await bed.get(f"/v1/orders/o-{partner}"))["status"] != "approved":
            await bed.post(f"/v1/orders/o-{partner}/approval", role="director")
    await bed.settle()


def order(partner: str, prices: Iterable[str]) -> dict[str, Any]:
    """One piece of product line A, of B, … at these prices."""
    lines = [
        {
            "line": number,
            "sku": f"sku-{line}",
            "product_line": line,
            "quantity": "1",
            "unit_price": cny(price),
        }
        for number, (line, price) in enumerate(zip("ABC", prices, strict=False), start=1)
    ]
    head = {"order_id": f"o-{partner}", "partner_id": partner}
    return head | {"region": "east", "currency": "CNY", "lines": lines}


async def pay(bed: Bed, document_no: str, amount: str, paid_on: str, partner: str = "p1") -> None:
    body = {
        "source_system": f"bank-of-{partner}",
        "document_no": document_no,
        "partner_id": partner,
        "order_id": f"o-{partner}",
        "amount": cny(amount),
        "paid_on": paid_on,
    }
    await bed.post("/v1/payments", body, role="finance", key=f"{partner}-{document_no}")


async def paid(bed: Bed, document_no: str, amount: str, paid_on: str, partner: str = "p1") -> None:
    await pay(bed, document_no, amount, paid_on, partner)
    await bed.settle()


async def account(bed: Bed, **params: str) -> dict[str, Any]:
    found = await bed.get("/v1/rebates/accounts", params=ACCOUNT | params)
    (item,) = found["items"]
    return dict(item)


async def entitlement(bed: Bed, **params: str) -> str:
    amount: str = (await account(bed, **params))["entitlement"]["amount"]
    return amount


async def explanation(bed: Bed, **params: str) -> dict[str, Any]:
    return await bed.get("/v1/rebates/accounts/explanation", params=ACCOUNT | params)


async def entries(bed: Bed, **params: str) -> list[tuple[str, int, str]]:
    found = await bed.get("/v1/rebates/accounts/entries", params=ACCOUNT | params)
    return [(one["kind"], one["number"], one["amount"]["amount"]) for one in found["items"]]
