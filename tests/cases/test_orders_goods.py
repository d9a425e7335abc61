"""O-05 and O-08 from outside: goods by parts, money that goes back, and where an order is."""

import json
from typing import Any

import pytest

from shared.testing.platform import Bed

FINANCE = {"role": "finance"}


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def line(number: int, quantity: str, price: str, **more: str) -> dict[str, Any]:
    told = {"line": number, "sku": f"sku-{number}", "product_line": "A", "quantity": quantity}
    return told | {"unit_price": cny(price)} | more


async def ordered(bed: Bed, order_id: str, *lines: dict[str, Any], limit: str = "100000") -> None:
    """Of partner p, who is enrolled with the first order."""
    if order_id == "o":
        enrolled = {"partner_id": "p", "type": "agent", "level": "gold", "regions": ["east"]}
        await bed.post("/v1/partners", enrolled)
        await bed.post("/v1/partners/p/credit-limit", {"limit": cny(limit)}, **FINANCE)
        await bed.settle()
    body = {"order_id": order_id, "partner_id": "p", "region": "east", "currency": "CNY"}
    await bed.post("/v1/orders", body | {"lines": list(lines)}, expect=201)
    await bed.settle()


async def tell(bed: Bed, what: str, *parts: tuple[int, str], **more: Any) -> dict[str, Any]:
    """Something about order o: parts are (line, quantity)."""
    lines = [{"line": number, "quantity": quantity} for number, quantity in parts]
    expect = more.pop("expect", None)
    answer = await bed.post(f"/v1/orders/o/{what}", {"lines": lines} | more, expect=expect)
    await bed.settle()
    return answer


async def paid(bed: Bed, document_no: str, amount: str, **more: str) -> str:
    body = {"source_system": "bank", "document_no": document_no, "partner_id": "p"}
    body |= {"paid_on": "2026-01-05"}
    asked = body | {"amount": cny(amount)} | more
    answer = await bed.post("/v1/payments", asked, expect=201, **FINANCE)
    await bed.settle()
    return str(answer["payment_id"])


async def refund(bed: Bed, payment_id: str, amount: str, **how: Any) -> dict[str, Any]:
    body = {"amount": cny(amount), "refunded_on": "2026-01-05", "reason": "returned"}
    answer = await bed.post(f"/v1/payments/{payment_id}/refund", body, **(FINANCE | how))
    await bed.settle()
    return answer


async def shown(bed: Bed, *names: str) -> list[Any]:
    order = await bed.get("/v1/orders/o")
    found = [order["goods"].get(name, order.get(name)) for name in names]
    return [one["amount"] if isinstance(one, dict) else one for one in found]


async def available(bed: Bed) -> str:
    return str((await bed.get("/v1/accounts/p"))["available"]["amount"])


async def track(bed: Bed, **how: Any) -> tuple[str, bool]:
    found = await bed.get("/v1/orders/o/track", **how)
    return found["zh"], found["complete"]


async def told(bed: Bed, topic: str) -> list[dict[str, Any]]:
    found = await bed.platform.bus.fetch([topic], after={}, limit=100)
    return [json.loads(one.record.value)["data"] for one in found]


@pytest.mark.case("O-05")
async def test_o_05_ship_in_parts_cancel_the_rest_return_some(case: Bed) -> None:
    """Ship 60 and 25 of 100, cancel 15, return 5; 5,000 paid: 2,040 outstanding"""
    await ordered(case, "o", line(1, "100", "88"))
    first = await tell(case, "shipments", (1, "60"), document="dn-1")
    assert (first["status"], first["goods"]["shipped"]["amount"]) == ("approved", "5280.00")
    await tell(case, "shipments", (1, "25"), document="dn-2")
    assert await available(case) == "91200.00"
    rest = await tell(case, "cancellation", (1, "15"), reason="no longer needed")
    assert (rest["status"], rest["goods"]["cancelled"]["amount"]) == ("shipped", "1320.00")
    await tell(case, "returns", (1, "5"), reason="damaged")
    await paid(case, "d1", "5000")
    asked = ("shipped", "cancelled", "returned", "invoiced", "paid", "outstanding")
    assert await shown(case, *asked) == [
        *("7480.00", "1320.00", "440.00", "7040.00", "5000.00", "2040.00")
    ]
    assert await available(case) == "97960.00"  # 100,000 − (7,040 − 5,000)
    shipments = await told(case, "OrderShipped")
    assert [(one["number"], one["lines"][0]["amount"]["amount"]) for one in shipments] == [
        (1, "5280.00"),
        (2, "2200.00"),
    ]
    (cancelled,), (returned,) = (
        await told(case, "OrderCancelled"),
        await told(case, "GoodsReturned"),
    )
    assert (cancelled["whole"], cancelled["lines"][0]["quantity"]) == (False, "15")
    assert (returned["lines"][0]["net"]["amount"], returned["reason"]) == ("440.00", "damaged")
