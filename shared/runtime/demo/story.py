"""The story as data: who asks what, when. Played through the API, like any client."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.runtime.http import Role

START = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
LINE_A, LINE_B = "A", "B"  # 离心泵, 阀门
STAR, TIGHT, WAITING = "hd-zhongji", "hn-yuehai", "xn-shudu"


@dataclass(frozen=True, slots=True)
class Ask:
    """One command. The Idempotency-Key is the step's number: told twice, done once."""

    path: str
    body: dict[str, Any] = field(default_factory=dict)
    role: Role = "manager"
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    to: str


Step = Ask | Turn


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


PARTNERS = [
    ("hd-zhongji", "distributor", "钻石", "华东", "1500000"),
    ("hd-hengtai", "agent", "金牌", "华东", "600000"),
    ("hd-lianchuang", "integrator", "银牌", "华东", "300000"),
    ("hn-yuehai", "distributor", "金牌", "华南", "200000"),
    ("hn-pengcheng", "agent", "银牌", "华南", "300000"),
    ("hn-minjiang", "integrator", "铜牌", "华南", "100000"),
    ("hb-jinghua", "distributor", "钻石", "华北", "1200000"),
    ("hb-jinmen", "agent", "银牌", "华北", "300000"),
    ("hb-design", "design-institute", "铜牌", "华北", "0"),
    ("xn-shudu", "distributor", "金牌", "西南", "100000"),
    ("xn-yunling", "agent", "铜牌", "西南", "100000"),
    ("xn-yuzhong", "integrator", "银牌", "西南", "300000"),
]
CUSTOMERS = [
    ("上海浦江重工设备有限公司", "华东", "张伟", "设备部经理"),
    ("杭州钱塘水务集团有限公司", "华东", "李娜", "采购总监"),
    ("苏州吴江化工股份有限公司", "华东", "王强", "总工程师"),
    ("宁波东海石化有限公司", "华东", "赵敏", "项目经理"),
    ("广州南粤建设集团有限公司", "华南", "陈杰", "采购经理"),
    ("成都天府给排水有限公司", "西南", "刘洋", "技术部长"),
]


def partners() -> Iterator[Step]:
    for partner_id, type_, level, region, limit in PARTNERS:
        enrolment = {
            "partner_id": partner_id,
            "type": type_,
            "level": level,
            "regions": [region],
            "industries": ["水务", "化工"],
            "product_lines": [LINE_A, LINE_B],
        }
        yield Ask("/v1/partners", enrolment)
        yield Ask(f"/v1/partners/{partner_id}/credit-limit", {"limit": yuan(limit)}, "finance")


def rules() -> Iterator[Step]:
    weights = {
        "华东": {"hd-zhongji": 5, "hd-hengtai": 3, "hd-lianchuang": 2},
        "华南": {"hn-yuehai": 2, "hn-pengcheng": 1},
        "西南": {"xn-shudu": 1, "xn-yuzhong": 1},
    }
    for number, (region, shares) in enumerate(weights.items(), start=1):
        rule = {
            "rule_id": f"rule-{number}",
            "priority": number,
            "regions": [region],
            "industries": [],
            "product_lines": [],
            "weights": shares,
            "capacity": 10,
            "sla_hours": 8,
            "working_hours": True,
        }
        yield Ask("/v1/lead-rules", rule)
    programme = {
        "programme_id": "a-line-quarter",
        "version": 1,
        "effective_from": "2026-01-01",
        "currency": "CNY",
        "filter": {"product_lines": [LINE_A]},
        "partition": ["product_line"],
        "basis": "collected",
        "method": "whole",
        "tiers": [{"from": "500000", "rate": "0.03"}, {"from": "1000000", "rate": "0.05"}],
        "period": "quarter",
        "grace_days": 10,
        "settle_after": "PT1H",
        "settlement": "automatic",
    }
    yield Ask("/v1/rebates/programmes", programme)
    target = {"partner_id": STAR, "product_line": LINE_A, "month": "2026-03"}
    yield Ask("/v1/forecast/targets", {**target, "target": yuan("1000000")})


def leads() -> Iterator[Step]:
    for number, (company, region, name, title) in enumerate(CUSTOMERS, start=1):
        lead = {
            "lead_id": f"lead-{number}",
            "source": "campaign",
            "company": company,
            "contact": {"name": name, "title": title},
            "region": region,
            "industry": "水务",
            "product_line": LINE_A,
            "estimated_amount": yuan("300000"),
        }
        yield Ask("/v1/leads", lead)
    yield Turn("2026-03-02T11:00:00+08:00")
    yield Ask("/v1/leads/lead-1/acceptance", {"offer": 1}, partner=STAR)
    yield Ask("/v1/leads/lead-2/decline", {"offer": 1, "reason": "人手不足"}, partner="hd-hengtai")
    yield Turn("2026-03-02T14:00:00+08:00")
    yield Ask("/v1/leads/lead-2/acceptance", {"offer": 2}, partner=STAR)
    yield Turn("2026-03-04T10:00:00+08:00")  # lead-3 ran out of time and went on


def order(order_id: str, partner_id: str, quantity: int, price: str, line: str = LINE_A) -> Ask:
    lines = [
        {
            "line": 1,
            "sku": f"{line}-100",
            "product_line": line,
            "quantity": str(quantity),
            "unit_price": yuan(price),
        }
    ]
    region = next(region for one, _, _, region, _ in PARTNERS if one == partner_id)
    body = {"order_id": order_id, "partner_id": partner_id, "region": region, "currency": "CNY"}
    return Ask("/v1/orders", {**body, "lines": lines}, partner=partner_id)


def payment(number: str, partner_id: str, amount: str, paid_on: str, order_id: str) -> Ask:
    body = {
        "source_system": "bank",
        "document_no": number,
        "partner_id": partner_id,
        "order_id": order_id,
        "amount": yuan(amount),
        "paid_on": paid_on,
    }
    return Ask("/v1/payments", body, "finance")


def orders() -> Iterator[Step]:
    yield order("SO-1001", STAR, 400, "1000")
    yield order("SO-1002", STAR, 610, "1000")  # above 500,000: the director decides
    yield order("SO-2001", TIGHT, 150, "1000", LINE_B)
    yield order("SO-2002", TIGHT, 80, "1000", LINE_B)  # 30,000 short of its credit
    yield order("SO-3001", WAITING, 120, "1000", LINE_B)  # held until today
    yield Turn("2026-03-05T10:00:00+08:00")
    yield Ask("/v1/orders/SO-1002/approval", {}, "director")
    yield Turn("2026-03-10T15:00:00+08:00")
    yield payment("B-0001", STAR, "400000", "2026-03-10", "SO-1001")
    yield payment("B-0002", TIGHT, "30000", "2026-03-10", "SO-2001")  # releases SO-2002
    yield Turn("2026-03-30T16:00:00+08:00")
    yield payment("B-0003", STAR, "530000", "2026-03-28", "SO-1002")
    yield Turn("2026-04-08T10:00:00+08:00")
    yield payment("B-0004", STAR, "60000", "2026-03-29", "SO-1002")
    yield Turn("2026-04-15T10:00:00+08:00")  # settled on 11 April, 01:00
    yield payment("B-0005", STAR, "20000", "2026-03-30", "SO-1002")  # late, and crosses a tier
    yield order("SO-1003", STAR, 300, "1000")
    yield Turn("2026-04-15T15:00:00+08:00")
    yield payment("B-0006", STAR, "300000", "2026-04-15", "SO-1003")
    yield Turn("2026-04-15T18:00:00+08:00")


def story() -> list[Step]:
    return [*partners(), *rules(), *leads(), *orders()]
