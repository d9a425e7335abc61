"""A small business: what other systems and people do with it, one deed a function.

The programme's quarter is over and so is its grace, so what is paid for it settles at once.
"""

import json
from typing import Any

from shared.testing.servers.foreign import java, kcat
from tests.e2e.users import Users

QUARTER, PAID_ON = "2026Q2", "2026-05-20"
ACCOUNT = f"programme=q-a&partner=p1&period={QUARTER}&partition=A"
PROGRAMME = {
    "programme_id": "q-a",
    "version": 1,
    "effective_from": "2026-01-01",
    "currency": "CNY",
    "filter": {"product_lines": ["A"]},
    "partition": ["product_line"],
    "basis": "collected",
    "method": "whole",
    "tiers": [{"from": "100000", "rate": "0.03"}, {"from": "200000", "rate": "0.05"}],
    "period": "quarter",
    "grace_days": 10,
    "settle_after": "PT1H",
    "settlement": "automatic",
}
RULE = {
    "rule_id": "east",
    "priority": 1,
    "regions": ["east"],
    "industries": [],
    "product_lines": [],
    "weights": {"p1": 1},
    "capacity": 500,
    "sla_hours": 8,
    "working_hours": False,
}


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def claim(type_: str, id_: str, data: dict[str, Any], **more: str) -> str:
    """As a foreign system writes it: with attributes of its own."""
    event = {"specversion": "1.0", "id": id_, "source": "erp", "type": type_, **more}
    return json.dumps({**event, "data": data}, ensure_ascii=False)


def paid(number: str, order: str, amount: str) -> str:
    data = {
        "source_system": "bank",
        "document_no": number,
        "partner_id": "p1",
        "order_id": order,
        "amount": yuan(amount),
        "paid_on": PAID_ON,
    }
    return claim("PaymentReported", number, data, erpversion="7")


def captured(number: str) -> str:
    lead = {
        "capture_id": number,
        "source": "web",
        "company": f"上海浦江重工设备有限公司{number}",
        "contact": {"name": "张伟", "phone": "13800000000"},
        "region": "east",
        "industry": "水务",
        "captured_at": "2026-11-20T09:00:00+08:00",
    }
    return claim("LeadCaptured", number, lead)


def stocked(number: str, on_hand: str) -> str:
    days = {"since": "2026-11-16", "until": "2026-11-22"}
    shelf = {"source_system": "pos", "partner_id": "p1", "region": "east", "product_line": "A"}
    moved = {"sell_in": "60", "sell_through": "60", "on_hand": on_hand}
    return claim("StockReported", number, {**shelf, **days, **moved})


def partner(name: str) -> dict[str, Any]:
    coverage = {"regions": ["east"], "industries": [], "product_lines": ["A"]}
    return {"partner_id": name, "type": "agent", "level": "gold", **coverage}


def opened(users: Users) -> None:
    users.post("/v1/partners", partner("p1"))
    users.post("/v1/partners/p1/credit-limit", {"limit": yuan("3000000")}, who="finance")
    users.post("/v1/lead-rules", RULE)
    users.post("/v1/rebates/programmes", PROGRAMME)
    users.get("/v1/settled?timeout=60")


def ordered(users: Users, order: str, thousands: int) -> dict[str, Any]:
    line = {"line": 1, "sku": "a", "product_line": "A", "quantity": thousands}
    lines = [{**line, "unit_price": yuan("1000")}]
    body = {"order_id": order, "partner_id": "p1", "region": "east", "currency": "CNY"}
    return users.post("/v1/orders", {**body, "lines": lines}, who="partner:p1")


def bank(servers: str, *claims: str, key: str = "") -> None:
    """kcat, with a key of the bank's own or none."""
    kcat.produce(servers, "PaymentReported", claims, key)


def shop(servers: str, *claims: str) -> None:
    """A program in another language."""
    java.produce(servers, "LeadCaptured", claims, "web-shop")


def till(servers: str, *claims: str) -> None:
    """kcat, with the shop's number as the key."""
    kcat.produce(servers, "StockReported", claims, "shop 7")


def account(users: Users) -> dict[str, Any]:
    found = users.get(f"/v1/rebates/accounts?{ACCOUNT}", who="partner:p1")["items"]
    one: dict[str, Any] = found[0] if found else {}
    return one


def entries(users: Users) -> list[str]:
    """What was settled and adjusted, in its order."""
    found = users.get(f"/v1/rebates/accounts/entries?{ACCOUNT}", who="partner:p1")["items"]
    return [entry["amount"]["amount"] for entry in found]
