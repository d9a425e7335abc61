"""Leads that become opportunities, two partners for one customer, and somebody who leaves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.runtime.demo.cast import rule
from shared.runtime.demo.steps import LINE_A, Ask, Look, on, yuan

WEIGHTS = {
    "华北": {"hb-jinghua": 2, "hb-jinmen": 1},
    "华中": {"hz-jiangcheng": 2, "hz-xiangjiang": 1},
    "东北": {"db-liaohai": 1},
    "西北": {"xb-qinling": 1},
}
LEAVER, SUCCESSOR, IDLE = "wang-lei", "li-na", "zhao-gang"
EXPO = "expo-2026"
STAGES = [("方案提交", "会议纪要"), ("价格谈判", "技术协议草稿"), ("合同审批", None)]
PACE = 11  # days from stage to stage
FIRST, SECOND = "hn-yuehai", "hn-pengcheng"
RIVALS: Mapping[str, Any] = {"customer": {"name": "广州珠江新城供水有限公司"}, "region": "华南"}


@dataclass(frozen=True, slots=True)
class Deal:
    """How far it comes: so many stages after the first, then won, lost, or still open."""

    number: int
    company: str
    region: str
    day: str
    amount: int
    stages: int
    end: str = ""
    campaign: str | None = None

    @property
    def name(self) -> str:
        return f"deal-{self.number}"


DEALS = [
    Deal(1, "石家庄滹沱河水务有限公司", "华北", "2024-11-12", 420_000, 3, "won"),
    Deal(2, "武汉东湖泵站工程有限公司", "华中", "2025-01-14", 650_000, 2, "lost"),
    Deal(3, "沈阳浑河化工有限公司", "东北", "2025-03-04", 380_000, 3, "won"),
    Deal(4, "西安浐灞给水有限公司", "西北", "2025-05-13", 290_000, 1, "lost"),
    Deal(5, "长沙湘江环保科技有限公司", "华中", "2025-07-08", 720_000, 3, "won"),
    Deal(6, "大连金普石化有限公司", "东北", "2025-09-02", 510_000, 3, "won"),
    Deal(7, "太原汾河供热有限公司", "华北", "2025-10-14", 340_000, 2, "lost"),
    Deal(8, "郑州黄河装备有限公司", "华中", "2025-12-02", 880_000, 3, "won"),
    Deal(9, "兰州黄河水处理有限公司", "西北", "2026-02-24", 460_000, 3),
    Deal(10, "天津滨海海水淡化有限公司", "华北", "2026-01-21", 560_000, 3, "won", EXPO),
    Deal(11, "北京永定河生态有限公司", "华北", "2026-01-21", 310_000, 2, "", EXPO),
    Deal(12, "唐山曹妃甸钢铁有限公司", "华北", "2026-01-22", 990_000, 2, "", EXPO),
    Deal(13, "保定白洋淀治理有限公司", "华北", "2026-01-22", 270_000, 1, "lost", EXPO),
    Deal(14, "长春净月制药有限公司", "东北", "2026-03-17", 350_000, 1),
    Deal(15, "南昌赣江泵业安装有限公司", "华中", "2026-03-24", 640_000, 1),
]


def rules() -> Iterator[Ask]:
    for number, (region, shares) in enumerate(WEIGHTS.items(), start=4):
        body = rule(number, region, shares)
        yield Ask(at=on("2024-10-09"), path="/v1/lead-rules", body=body)


def deals() -> Iterator[Ask]:
    for one in DEALS:
        yield from lead(one)
        yield from pursuit(one)
    less = {"amount": yuan(840_000), "category": "commit"}
    path = "/v1/opportunities/deal-12/estimate"
    yield Ask(at=on("2026-04-08"), path=path, body=less, role="sales")


def lead(one: Deal) -> Iterator[Ask]:
    """Whoever the rotation offers it to takes it within the hour."""
    lead_id, at = f"lead-{one.name}", on(one.day, "09:30")
    captured: dict[str, Any] = {"lead_id": lead_id, "company": one.company, "region": one.region}
    captured |= {"source": "campaign" if one.campaign else "referral", "industry": "水务"}
    captured |= {"product_line": LINE_A, "estimated_amount": yuan(one.amount)}
    captured |= {"campaign": one.campaign} if one.campaign else {}
    yield Ask(at=at, path="/v1/leads", body=captured)
    yield Ask(
        at=at + timedelta(hours=1),
        path=f"/v1/leads/{lead_id}/acceptance",
        body={"offer": 1},
        partner="{partner_id}",
        look=Look(f"/v1/leads/{lead_id}"),
    )


def pursuit(one: Deal) -> Iterator[Ask]:
    at, path = on(one.day, "14:00"), f"/v1/opportunities/{one.name}"
    close = (at + timedelta(days=PACE * (5 if one.end else 8))).date()
    opening: dict[str, Any] = {
        "opportunity_id": one.name,
        "lead_id": f"lead-{one.name}",
        "owner": "chen-jie",
    }
    opening |= {"amount": yuan(one.amount), "expected_close": str(close)}
    yield Ask(at=at, path="/v1/opportunities", body=opening, role="sales")
    for stage, evidence in STAGES[: one.stages]:
        at += timedelta(days=PACE)
        if evidence:
            yield Ask(at=at, path=f"{path}/evidence", body={"kind": evidence}, role="sales")
        yield Ask(at=at, path=f"{path}/stage", body={"stage": stage}, role="sales")
    at += timedelta(days=PACE)
    match one.end:
        case "won":
            won = {"reason": "方案更优", "margin": "0.30"}
            yield Ask(at=at, path=f"{path}/won", body=won, role="sales")
        case "lost":
            yield Ask(at=at, path=f"{path}/lost", body={"reason": "价格"}, role="sales")
        case _:
            later = {"next_action": "技术交流", "note": "客户在评估"}
            yield Ask(at=on("2026-04-13"), path=f"{path}/feedback", body=later, role="sales")


def conflict() -> Iterator[Ask]:
    """撞单: one is approved first; the other was complete four seconds earlier, and has it."""
    path, at = "/v1/registrations", on("2026-02-10", "09:00:00")
    one = {"registration_id": "reg-1", "partner_id": FIRST, **RIVALS}
    other = {"registration_id": "reg-2", "partner_id": SECOND, **RIVALS, "product_line": LINE_A}
    yield Ask(at=at, path=path, body=one, partner=FIRST)
    yield Ask(at=at, path=path, body={**other, "draft": True}, partner=SECOND)
    complete = on("2026-02-10", "10:00:01")
    yield Ask(at=complete, path=f"{path}/reg-2/completion", partner=SECOND)
    rest = {"product_line": LINE_A}
    late = complete + timedelta(seconds=4)
    yield Ask(at=late, path=f"{path}/reg-1/completion", body=rest, partner=FIRST)
    yield Ask(at=on("2026-02-11", "10:00"), path=f"{path}/reg-1/approval")  # held
    yield Ask(at=on("2026-02-11", "15:00"), path=f"{path}/reg-2/approval")


KEPT = {
    "水务": "苏州太湖供水有限公司",
    "化工": "南京扬子精细化工有限公司",
    "电力": "合肥巢湖热电有限公司",
    "制药": "泰州药城制药有限公司",
}


def leaver() -> Iterator[Ask]:
    """He looked after four customers and a deal; on his last day a colleague takes them over."""
    at = on("2026-01-19")
    for industry, name in KEPT.items():
        firm = {"name": name, "region": "华东", "industry": industry, "owner": LEAVER}
        yield Ask(at=at, path="/v1/customers", body=firm)
    idle = {"name": "无锡梁溪食品有限公司", "region": "华东", "industry": "食品", "owner": IDLE}
    yield Ask(at=at, path="/v1/customers", body=idle)  # silent: noticed, then released
    for day in ("2026-02-09", "2026-03-11"):
        for industry in KEPT:
            yield visit(day, industry)
    yield Ask(
        at=on("2026-02-12"),
        path="/v1/opportunities",
        body={
            "opportunity_id": "deal-20",
            "customer_id": "{customer_id}",
            "partner_id": "hd-qiantang",
            "region": "华东",
            "amount": yuan(480_000),
            "owner": LEAVER,
            "product_line": LINE_A,
            "expected_close": "2026-05-20",
        },
        role="sales",
        look=Look(f"/v1/customers?owner={LEAVER}", {"industry": "水务"}),
    )
    handing = {"hand_over_id": "ho-2026-1", "leaver": LEAVER, "successor": SUCCESSOR}
    yield Ask(at=on("2026-03-31", "17:00"), path="/v1/hand-over", body=handing)


def visit(day: str, industry: str) -> Ask:
    return Ask(
        at=on(day, "16:00"),
        path="/v1/customers/{customer_id}/activities",
        body={"kind": "visit", "note": "例行拜访", "next_action": "报价"},
        role="sales",
        sub=LEAVER,
        look=Look(f"/v1/customers?owner={LEAVER}", {"industry": industry}),
    )
