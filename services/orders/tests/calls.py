"""What the tests send, by HTTP and by topic."""

import json
from typing import Any

from shared.kernel.ports import Record
from shared.testing.platform import Bed

NAN, HUGE = float("nan"), "9" * 18


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def line(price: str = "100", **more: Any) -> dict[str, Any]:
    told = {"line": 1, "sku": "s1", "product_line": "A", "quantity": "1"}
    return told | {"unit_price": cny(price)} | more


def order(order_id: str = "o1", price: str = "100", **more: Any) -> dict[str, Any]:
    told = {"order_id": order_id, "partner_id": "p1", "region": "east", "currency": "CNY"}
    return told | {"lines": [line(price)]} | more


def payment(document_no: str = "d1", amount: str = "100", **more: Any) -> dict[str, Any]:
    told = {"source_system": "bank", "document_no": document_no, "partner_id": "p1"}
    return told | {"amount": cny(amount), "paid_on": "2026-01-05"} | more


async def enrol(bed: Bed, limit: str = "1000", partner_id: str = "p1") -> None:
    await bed.post("/v1/partners", {"partner_id": partner_id, "type": "agent", "level": "gold"})
    await bed.post(f"/v1/partners/{partner_id}/credit-limit", {"limit": cny(limit)})
    await bed.settle()


async def submit(bed: Bed, *args: Any, **more: Any) -> dict[str, Any]:
    order_id = (await bed.post("/v1/orders", order(*args, **more), expect=201))["order_id"]
    await bed.settle()
    return await bed.get(f"/v1/orders/{order_id}")


async def pay(bed: Bed, *args: Any, **more: Any) -> dict[str, Any]:
    paid = await bed.post("/v1/payments", payment(*args, **more), role="finance", expect=201)
    await bed.settle()
    return await bed.get(f"/v1/payments/{paid['payment_id']}")


async def report(bed: Bed, event_id: str, data: dict[str, Any]) -> None:
    event = {"specversion": "1.0", "id": event_id, "source": "/erp", "type": "PaymentReported"}
    raw = json.dumps(event | {"data": data}).encode()
    await bed.platform.bus.publish([Record("PaymentReported", "any", raw)])
    await bed.settle()


async def rejected(bed: Bed) -> list[str]:
    found = await bed.platform.bus.fetch(["PaymentReported.rejected"], after={}, limit=100)
    return [str(one.record.headers) for one in found]


async def post_raw(bed: Bed, path: str, body: object) -> dict[str, Any]:
    raw = json.dumps(body).encode()
    sent = {"Content-Type": "application/json"}
    return await bed.call("POST", path, content=raw, headers=sent, expect=422)
