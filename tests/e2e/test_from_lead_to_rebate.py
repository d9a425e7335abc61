"""From a captured lead to a settled rebate, across every context, as other systems see it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.process import Qudao, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
RULE = {
    "rule_id": "east",
    "priority": 1,
    "regions": ["east"],
    "industries": [],
    "product_lines": [],
    "weights": {"p1": 1},
    "capacity": 5,
    "sla_hours": 8,
    "working_hours": True,
}
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
ACCOUNT = "programme=q-a&partner=p1&period=2026Q1&partition=A"


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def claim(type_: str, id_: str, data: dict[str, Any]) -> str:
    event = {"specversion": "1.0", "id": id_, "source": "erp", "type": type_, "data": data}
    return json.dumps(event, ensure_ascii=False) + "\n"


def paid(number: str, amount: str) -> str:
    data = {
        "source_system": "bank",
        "document_no": number,
        "partner_id": "p1",
        "order_id": "o1",
        "amount": yuan(amount),
        "paid_on": "2026-03-30",
    }
    return claim("PaymentReported", number, data)


def sold(qudao: Qudao) -> None:
    coverage = {"regions": ["east"], "industries": [], "product_lines": ["A"]}
    partner = {"partner_id": "p1", "type": "agent", "level": "gold", **coverage}
    qudao.post("/v1/partners", partner)
    qudao.post("/v1/partners/p1/credit-limit", {"limit": yuan("300000")}, who="finance")
    qudao.post("/v1/lead-rules", RULE)
    qudao.post("/v1/rebates/programmes", PROGRAMME)
    qudao.get("/v1/settled")
    lead = {
        "capture_id": "c1",
        "source": "web",
        "company": "上海浦江重工设备有限公司",
        "contact": {"name": "张伟", "phone": "13800000000"},
        "region": "east",
        "industry": "水务",
        "captured_at": "2026-01-05T09:00:00+08:00",
    }
    qudao.run("topics", "publish", "LeadCaptured", stdin=claim("LeadCaptured", "l1", lead))
    qudao.run("wait")
    qudao.post("/v1/leads/c1/acceptance", {"offer": 1}, who="partner:p1")
    line = {
        "line": 1,
        "sku": "a",
        "product_line": "A",
        "quantity": 210,
        "unit_price": yuan("1000"),
    }
    order = {"order_id": "o1", "partner_id": "p1", "region": "east", "currency": "CNY"}
    qudao.post("/v1/orders", {**order, "lines": [line]}, who="partner:p1")
    qudao.get("/v1/settled")


def test_a_captured_lead_becomes_a_settled_and_adjusted_rebate(tmp_path: Path) -> None:
    with started(tmp_path) as qudao:
        sold(qudao)
        assert qudao.get("/v1/leads/c1")["status"] == "accepted"
        assert qudao.get("/v1/orders/o1")["status"] == "approved"
        qudao.advance("2026-04-01T09:00:00+08:00")
        twice = paid("b1", "150000") * 2
        qudao.run("topics", "publish", "PaymentReported", "--key", "p1", stdin=twice)
        qudao.run("wait")
        qudao.advance("2026-04-11T09:00:00+08:00")
        qudao.run("topics", "publish", "PaymentReported", stdin=paid("b2", "60000") + "{broken\n")
        qudao.run("wait")
        entries = qudao.get(f"/v1/rebates/accounts/entries?{ACCOUNT}", who="partner:p1")["items"]
        told = [(e["kind"], e["amount"]["amount"]) for e in entries]
        assert told == [("settled", "4500.00"), ("adjusted", "6000.00")]
        explained = qudao.get(f"/v1/rebates/accounts/explanation?{ACCOUNT}", who="partner:p1")
        assert explained["sum"] == yuan("10500.00")
        month = "partner=p1&product_line=A&month=2026-03"
        assert qudao.get(f"/v1/forecast?{month}")["actual"] == yuan("210000.00")
        inbox = qudao.get("/v1/notifications?recipient=partner:p1", who="partner:p1")["items"]
        assert {"lead-assigned", "payment-received", "rebate-settled"} <= {
            n["rule"] for n in inbox
        }
        assert "{broken" in qudao.run("topics", "read", "PaymentReported.rejected")
        assert qudao.stop() == 0
        assert "张伟" not in qudao.run("events", "export", "leads")


def test_a_restart_knows_everything_and_repeats_nothing(tmp_path: Path) -> None:
    with started(tmp_path) as qudao:
        sold(qudao)
        before = qudao.get("/v1/facts")
        qudao.process.kill()
    with started(tmp_path) as qudao:
        qudao.get("/v1/settled")
        assert qudao.get("/v1/facts") == before
        assert qudao.get("/v1/orders/o1")["status"] == "approved"
        assert qudao.get("/v1/clock")["now"] == "2026-01-05T01:00:00+00:00"


def test_a_backup_comes_back_elsewhere_with_the_same_accounts(tmp_path: Path) -> None:
    with started(tmp_path / "here") as qudao:
        sold(qudao)
        qudao.run("topics", "publish", "PaymentReported", stdin=paid("b1", "150000"))
        qudao.run("wait")
        account = qudao.get(f"/v1/rebates/accounts?{ACCOUNT}")["items"]
        qudao.run("backup", str(tmp_path / "copy"))
        there = replace(qudao, folder=tmp_path / "there")
        there.run("restore", str(tmp_path / "copy"))
    with started(tmp_path / "there") as qudao:
        qudao.get("/v1/settled")
        assert qudao.get(f"/v1/rebates/accounts?{ACCOUNT}")["items"] == account
        assert qudao.get("/v1/notifications?recipient=partner:p1")["items"] != []
        assert account[0]["entitlement"] == yuan("4500.00")
