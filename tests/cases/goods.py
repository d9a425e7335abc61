"""What the cases of goods and refunds have in common: partner p with order o, and what is told."""

import json
from typing import Any

from shared.kernel.ports import Record
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


async def reported(bed: Bed, event_id: str, **data: Any) -> None:
    told = {"source_system": "wms", "document_no": "dn-1", "partner_id": "p", "order_id": "o"}
    event = {"specversion": "1.0", "id": event_id, "source": "/wms", "type": "ShipmentReported"}
    raw = json.dumps(event | {"data": told | {"shipped_on": "2026-01-05"} | data}).encode()
    await bed.platform.bus.publish([Record("ShipmentReported", "any", raw)])
    await bed.settle()


async def rejections(bed: Bed) -> list[str]:
    found = await bed.platform.bus.fetch(["ShipmentReported.rejected"], after={}, limit=100)
    return [str(one.record.headers) for one in found]
