"""The tour: spring 2026 in figures that anybody can work out on paper."""

from collections.abc import Iterator

from shared.runtime.demo.cast import RETURNING, STAR, TIGHT, WAITING, rule
from shared.runtime.demo.steps import LINE_A, LINE_B, Ask, Look, on, yuan
from shared.runtime.demo.trade import goods, order, paid

CUSTOMERS = [
    ("上海浦江重工设备有限公司", "华东", "张伟", "设备部经理"),
    ("杭州钱塘水务集团有限公司", "华东", "李娜", "采购总监"),
    ("苏州吴江化工股份有限公司", "华东", "王强", "总工程师"),
    ("宁波东海石化有限公司", "华东", "赵敏", "项目经理"),
    ("广州南粤建设集团有限公司", "华南", "陈杰", "采购经理"),
    ("成都天府给排水有限公司", "西南", "刘洋", "技术部长"),
]
WEIGHTS = {
    "华东": {"hd-zhongji": 5, "hd-hengtai": 3, "hd-lianchuang": 2},
    "华南": {"hn-yuehai": 2, "hn-pengcheng": 1},
    "西南": {"xn-shudu": 1, "xn-yuzhong": 1},
}
MORNING = on("2026-03-02", "09:00")


def rules() -> Iterator[Ask]:
    for number, (region, shares) in enumerate(WEIGHTS.items(), start=1):
        yield Ask(at=MORNING, path="/v1/lead-rules", body=rule(number, region, shares))
    target = {"partner_id": STAR, "product_line": LINE_A, "month": "2026-03"}
    path = "/v1/forecast/targets"
    yield Ask(at=MORNING, path=path, body={**target, "target": yuan(1_000_000)})


def leads() -> Iterator[Ask]:
    for number, (company, region, name, title) in enumerate(CUSTOMERS, start=1):
        lead = {
            "lead_id": f"lead-{number}",
            "source": "campaign",
            "company": company,
            "contact": {"name": name, "title": title},
            "region": region,
            "industry": "水务",
            "product_line": LINE_A,
            "estimated_amount": yuan(300_000),
        }
        yield Ask(at=MORNING, path="/v1/leads", body=lead)
    answered = on("2026-03-02", "11:00")
    no = {"offer": 1, "reason": "人手不足"}
    yield Ask(at=answered, path="/v1/leads/lead-1/acceptance", body={"offer": 1}, partner=STAR)
    yield Ask(at=answered, path="/v1/leads/lead-2/decline", body=no, partner="hd-hengtai")
    later = on("2026-03-02", "14:00")
    yield Ask(at=later, path="/v1/leads/lead-2/acceptance", body={"offer": 2}, partner=STAR)
    # lead-3 runs out of time and goes on


def orders() -> Iterator[Ask]:
    at = on("2026-03-04")
    yield order(at, "SO-1001", STAR, (400, LINE_A))
    yield order(at, "SO-1002", STAR, (610, LINE_A))  # above 500,000: the director decides
    yield order(at, "SO-2001", TIGHT, (300, LINE_B))
    yield order(at, "SO-2002", TIGHT, (160, LINE_B))  # 30,000 short of its credit
    yield order(at, "SO-3001", WAITING, (240, LINE_B))  # held until today
    yield Ask(at=on("2026-03-05"), path="/v1/orders/SO-1002/approval", role="director")
    yield from goods("SO-1001", STAR, on("2026-03-06"))
    at = on("2026-03-10", "15:00")
    yield paid(at, "B-0001", STAR, (400_000, "2026-03-10", "SO-1001"))
    yield paid(at, "B-0002", TIGHT, (30_000, "2026-03-10", "SO-2001"))  # releases SO-2002
    yield paid(on("2026-03-30", "16:00"), "B-0003", STAR, (530_000, "2026-03-28", "SO-1002"))
    yield paid(on("2026-04-08"), "B-0004", STAR, (60_000, "2026-03-29", "SO-1002"))
    at = on("2026-04-15")  # settled on 11 April, 01:00
    yield paid(at, "B-0005", STAR, (20_000, "2026-03-30", "SO-1002"))  # late; crosses a tier
    yield order(at, "SO-1003", STAR, (300, LINE_A))
    yield paid(on("2026-04-15", "15:00"), "B-0006", STAR, (300_000, "2026-04-15", "SO-1003"))


def correction() -> Iterator[Ask]:
    """Summer 2025: 520,000 settled at 3 %; 40,000 go back, and with them the whole rebate."""
    yield order(on("2025-07-07"), "SO-8001", RETURNING, (480, LINE_A))
    yield order(on("2025-07-08"), "SO-8002", RETURNING, (40, LINE_A))
    yield from goods("SO-8002", RETURNING, on("2025-07-11"))
    yield paid(on("2025-07-29"), "B-8001", RETURNING, (480_000, "2025-07-29", "SO-8001"))
    yield paid(on("2025-08-12"), "B-8002", RETURNING, (40_000, "2025-08-12", "SO-8002"))
    back = {"reason": "型号不符"}
    path = "/v1/orders/SO-8002/returns"
    yield Ask(at=on("2025-11-18"), path=path, body=back, role="operations")
    yield Ask(
        at=on("2025-11-20"),
        path="/v1/payments/{payment_id}/refund",
        body={"amount": yuan(40_000), "refunded_on": "2025-11-20", "reason": "型号不符"},
        role="finance",
        look=Look(
            f"/v1/payments?partner={RETURNING}&limit=200",
            {"source_system": "bank", "document_no": "B-8002"},
        ),
    )
    yield Ask(
        at=on("2025-11-21"),
        path="/v1/rebates/accounts/{account_id}/proposals/{proposal}/approval",
        role="finance",
        look=Look(f"/v1/rebates/accounts/proposals?partner={RETURNING}&programme=a-line-quarter"),
    )
