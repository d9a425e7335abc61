"""An installation with two partners' worth of everything, and the ids that must not be mixed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.notifications.domain.outgoing.endpoint import KINDS
from services.notifications.tests.postoffice import PostOffice
from shared.kernel.ports import Record
from shared.testing.platform import Bed, platform

MINE, THEIRS, MISSING = "mine-a", "canary-b", "nobody-c"
NO_UUID = "00000000-0000-5000-8000-000000000000"
REGION = {"region": "east", "currency": "CNY"}


@dataclass(slots=True)
class Ids:
    """By the name of a path's parameter: what is mine, what is theirs, and what never was."""

    mine: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def canaries(self) -> set[str]:
        return {THEIRS, *self.theirs.values()}


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def order(partner: str, order_id: str) -> dict[str, Any]:
    line = {"line": 1, "sku": f"sku-{partner}", "product_line": "A", "quantity": "1"}
    lines = [line | {"unit_price": cny("100000")}]
    return REGION | {"order_id": order_id, "partner_id": partner, "lines": lines}


def request(partner: str, request_id: str) -> dict[str, Any]:
    told = {"request_id": request_id, "fund_id": f"fund-{MINE}", "partner_id": partner}
    return told | {"amount": cny("100"), "template_id": "fair"}


@asynccontextmanager
async def seeded(folder: Path) -> AsyncIterator[tuple[Bed, Ids]]:
    carriers = dict.fromkeys(KINDS, PostOffice())
    async with platform(folder, carriers=carriers) as bed:
        ids = Ids()
        await _partners(bed)
        for partner, known in ((MINE, ids.mine), (THEIRS, ids.theirs)):
            await _endpoints(bed, partner, known)
            await _orders(bed, partner, known)
        await _earnings(bed)
        await _shipments(bed)
        await _leads(bed, ids)
        await _funds(bed, ids)
        for partner, known in ((MINE, ids.mine), (THEIRS, ids.theirs)):
            await _found(bed, partner, known)
            await _deals(bed, partner, known)
        never = {name: MISSING for name in ids.theirs}
        for name in ("payment_id", "notification_id", "account_id", "customer_id", "delivery_id"):
            never[name] = NO_UUID
        never["sha256"] = "0" * 64
        never["recipient"] = f"partner:{MISSING}"
        ids.missing = never
        yield bed, ids


async def _partners(bed: Bed) -> None:
    weights = {THEIRS: 1, MINE: 1}
    for partner in weights:
        body = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["east"]}
        await bed.post("/v1/partners", body)
        limit = {"limit": cny("150000")}
        await bed.post(f"/v1/partners/{partner}/credit-limit", limit, role="finance")
        target = {"partner_id": partner, "product_line": "A", "month": "2026-01"}
        await bed.post("/v1/forecast/targets", target | {"target": cny("500000")})
        week = {"since": "2026-01-05", "until": "2026-01-11", "sell_in": "9", "sell_through": "1"}
        shelf = {"partner_id": partner, "region": "east", "product_line": "A"}
        await bed.post("/v1/forecast/stock", shelf | week)
    await bed.settle()
    await bed.post("/v1/lead-rules", {"rule_id": "east", "regions": ["east"], "weights": weights})


async def _leads(bed: Bed, ids: Ids) -> None:
    """One for each; a third that the other declined, so that it was offered to both."""
    for number in range(1, 4):
        body = {"lead_id": f"lead-{number}", "source": "web", "region": "east", "industry": "i"}
        await bed.post("/v1/leads", body | {"company": f"示例客户第{number}号"}, role="sales")
        await bed.settle()
        lead = await bed.get(f"/v1/leads/lead-{number}", role="sales")
        if number == 3:
            assert lead["partner_id"] == THEIRS
            path = f"/v1/leads/lead-{number}/decline"
            await bed.post(path, {"offer": 1, "reason": "canary-b has no time"}, partner=THEIRS)
            await bed.settle()
            return
        known = ids.theirs if lead["partner_id"] == THEIRS else ids.mine
        known |= {"lead_id": f"lead-{number}", "customer_id": lead["customer_id"]}


async def _endpoints(bed: Bed, partner: str, known: dict[str, str]) -> None:
    known |= {"endpoint_id": f"hook-{partner}", "recipient": f"partner:{partner}"}
    hook = {"endpoint_id": known["endpoint_id"], "channel": "webhook"}
    address = {"address": f"https://{partner}.example/hook"}
    await bed.post("/v1/notifications/endpoints", hook | address, partner=partner)


async def _orders(bed: Bed, partner: str, known: dict[str, str]) -> None:
    """One approved and paid, one held for credit."""
    for number in (1, 2):
        body = order(partner, f"order-{number}-{partner}")
        await bed.post("/v1/orders", body, partner=partner)
        await bed.settle()
    payment = {"source_system": f"bank-{partner}", "document_no": f"doc-{partner}"}
    paid = payment | {"partner_id": partner, "amount": cny("60000"), "paid_on": "2026-01-05"}
    answer = await bed.post("/v1/payments", paid, role="finance")
    await bed.settle()
    known |= {"partner_id": partner, "order_id": f"order-1-{partner}"}
    known |= {"payment_id": answer["payment_id"], "document_no": f"doc-{partner}"}


async def _earnings(bed: Bed) -> None:
    """Settled, and then proposed to be lower."""
    programme = {
        "programme_id": "growth",
        "version": 1,
        "effective_from": "2026-01-01",
        "currency": "CNY",
        "partition": ["product_line"],
        "method": "whole",
        "tiers": [{"from": "10000", "rate": "0.03"}],
        "period": "month",
        "grace_days": 1,
        "settle_after": "PT1H",
        "settlement": "automatic",
    }
    await bed.post("/v1/rebates/programmes", programme)
    await bed.settle()
    await bed.advance("2026-02-10T09:00:00+08:00")
    lower = {"version": 2, "tiers": [{"from": "10000", "rate": "0.01"}]}
    await bed.post("/v1/rebates/programmes", programme | lower)
    await bed.settle()


async def _shipments(bed: Bed) -> None:
    """One for each, of an order that nobody knows yet: it waits."""
    for partner in (MINE, THEIRS):
        told = {"source_system": "wms", "document_no": f"ship-{partner}", "partner_id": partner}
        told |= {"order_id": f"later-{partner}", "shipped_on": "2026-02-09"}
        event = {"specversion": "1.0", "id": f"wms-{partner}", "source": "/wms"}
        raw = json.dumps(event | {"type": "ShipmentReported", "data": told}).encode()
        await bed.platform.bus.publish([Record("ShipmentReported", partner, raw)])
    await bed.settle()


async def _deals(bed: Bed, partner: str, known: dict[str, str]) -> None:
    """A registration each, of one and the same deal; and an opportunity."""
    deal = {"registration_id": f"deal-{partner}", "partner_id": partner, "region": "east"}
    firm = {"customer": {"name": "共同客户"}, "product_line": "A"}
    await bed.post("/v1/registrations", deal | firm, partner=partner)
    chance = {"opportunity_id": f"chance-{partner}", "partner_id": partner, "region": "east"}
    more = {"customer_id": known["customer_id"], "amount": cny("1000")}
    await bed.post("/v1/opportunities", chance | more, partner=partner)
    await bed.settle()
    known |= {"registration_id": f"deal-{partner}", "opportunity_id": f"chance-{partner}"}


async def _found(bed: Bed, partner: str, known: dict[str, str]) -> None:
    page = await bed.get("/v1/notifications?limit=200", partner=partner)
    known["notification_id"] = page["items"][0]["notification_id"]
    log = await bed.get("/v1/notifications/deliveries", partner=partner)
    known["delivery_id"] = log["items"][0]["delivery_id"]
    where = {"programme": "growth", "partner": partner, "period": "2026-01", "partition": "A"}
    told = await bed.get("/v1/rebates/accounts/explanation", params=where, role="finance")
    known["account_id"] = told["account_id"]


async def _funds(bed: Bed, ids: Ids) -> None:
    """A fund, an approved request with a file, and a claim of each."""
    template = {"template_id": "fair", "version": 1, "requirements": [{"kind": "photo"}]}
    await bed.post("/v1/mdf/templates", template)
    for partner, known in ((MINE, ids.mine), (THEIRS, ids.theirs)):
        known["fund_id"] = f"fund-{partner}"
        window = {"starts_on": "2026-02-01", "ends_on": "2026-03-31"}
        fund = {"fund_id": known["fund_id"], "partner_id": partner, "amount": cny("9000")}
        await bed.post("/v1/mdf/funds", fund | window)
        known |= {"request_id": f"request-{partner}", "claim_id": f"claim-{partner}"}
        asked = request(partner, known["request_id"]) | {"fund_id": known["fund_id"]}
        await bed.post("/v1/mdf/requests", asked, partner=partner)
        path = f"/v1/mdf/requests/{known['request_id']}"
        await bed.post(f"{path}/approval")
        await bed.post(f"{path}/approval", role="marketing")
        photo = b"\xff\xd8\xff " + partner.encode()
        shown = await bed.call("POST", f"{path}/evidence", content=photo, partner=partner)
        known["sha256"] = shown["sha256"]
        claim = {name: known[name] for name in ("claim_id", "request_id")}
        lines = [{"line": 1, "amount": cny("10")}]
        await bed.post("/v1/mdf/claims", claim | {"lines": lines}, partner=partner)
    await bed.settle()
