"""Market money, shelves and quotas: an exhibition with its evidence, stock that runs low."""

from collections.abc import Iterator

from shared.runtime.demo.cast import RETURNING, SHOWING, STAR
from shared.runtime.demo.deals import EXPO
from shared.runtime.demo.steps import LINE_A, LINE_B, Ask, on, yuan

FUND, OWN_FUND, CLAIM = "mdf-2026h1", "mdf-zhongji-2026h1", "expo-2026-claim"
REQUEST = f"/v1/mdf/requests/{EXPO}"
EVIDENCE = [
    ("photo", b"\xff\xd8\xff\xe0 the stand on the first morning"),
    ("photo", b"\xff\xd8\xff\xe0 the talk on variable-speed pumps"),
    ("attendance-list", b"%PDF-1.7 who signed in"),
]
LOW, STUFFED = "xn-yuzhong", "hd-lianchuang"
WEEKS = [("02", "08", "480"), ("09", "15", "420"), ("16", "22", "360"), ("23", "29", "239")]
"""Days of March 2026, and what is left: 60 go out a week, and four weeks of them are safe."""

QUOTAS = [
    (STAR, "2026-04", 400_000),
    (SHOWING, "2026-04", 300_000),
    (RETURNING, "2026-05", 500_000),
]


def fund() -> Iterator[Ask]:
    """200,000 for the half; an exhibition for 30,000, of which 25,000 were eligible and paid."""
    at = on("2026-01-05")
    money = {"fund_id": FUND, "amount": yuan(200_000)}
    window = {"starts_on": "2026-01-01", "ends_on": "2026-06-30"}
    yield Ask(at=at, path="/v1/mdf/funds", body=money | window, role="marketing")
    needed = [{"kind": "photo", "count": 2}, {"kind": "attendance-list"}]
    template = {"template_id": "exhibition", "version": 1, "requirements": needed}
    yield Ask(at=at, path="/v1/mdf/templates", body=template, role="marketing")
    wish = {
        "request_id": EXPO,
        "fund_id": FUND,
        "partner_id": SHOWING,
        "amount": yuan(30_000),
        "activity": "华北水处理展",
        "template_id": "exhibition",
        "starts_on": "2026-01-20",
        "ends_on": "2026-01-23",
    }
    yield Ask(at=on("2026-01-06"), path="/v1/mdf/requests", body=wish, partner=SHOWING)
    yield Ask(at=on("2026-01-07"), path=f"{REQUEST}/approval")
    yield Ask(at=on("2026-01-08"), path=f"{REQUEST}/approval", role="marketing")
    yield from claim()


def claim() -> Iterator[Ask]:
    for kind, file in EVIDENCE:
        path = f"{REQUEST}/evidence?kind={kind}"
        yield Ask(at=on("2026-01-26"), path=path, partner=SHOWING, file=file)
    lines = [("展位与搭建", 25_000), ("招待餐", 2_500)]
    costs = [
        {"line": n, "what": what, "amount": yuan(amount)}
        for n, (what, amount) in enumerate(lines, start=1)
    ]
    shown = {"number": "23117000001", "seller_tax_id": "91110105MA00EXPO0X"}
    body = {"claim_id": CLAIM, "request_id": EXPO, "lines": costs, "invoices": [shown]}
    yield Ask(at=on("2026-01-27"), path="/v1/mdf/claims", body=body, partner=SHOWING)
    checked = [
        {"line": 1, "eligible": yuan(25_000)},
        {"line": 2, "eligible": yuan(0), "reason": "招待不在范围内"},
    ]
    path, looked = f"/v1/mdf/claims/{CLAIM}", {"lines": checked}
    yield Ask(at=on("2026-02-02"), path=f"{path}/check", body=looked, role="marketing")
    yield Ask(at=on("2026-02-03"), path=f"{path}/approval")
    yield Ask(at=on("2026-02-09"), path=f"{path}/payment", role="finance")
    yield Ask(at=on("2026-02-10"), path=f"{REQUEST}/closing", role="finance")


def accrued() -> Iterator[Ask]:
    """A hundredth of what the diamond partner pays in a half is its own to spend in the next."""
    accrual = {"rate": "0.01", "half": "2025H2"}
    body = {"fund_id": OWN_FUND, "partner_id": STAR, "accrual": accrual}
    yield Ask(at=on("2025-06-30"), path="/v1/mdf/funds", body=body, role="marketing")


def shelves() -> Iterator[Ask]:
    """One falls below its safety in the last week of March; another took in too much."""
    path = "/v1/forecast/stock"
    for since, until, left in WEEKS:
        body = {"partner_id": LOW, "region": "西南", "product_line": LINE_B}
        body |= {"since": f"2026-03-{since}", "until": f"2026-03-{until}", "on_hand": left}
        at = on(f"2026-03-{until}", "20:00")
        sold = {"sell_in": "0", "sell_through": "60"}
        yield Ask(at=at, path=path, body=body | sold, partner=LOW)
    quarter = {"since": "2025-10-01", "until": "2025-12-31", "opening": "300"}
    body = {"partner_id": STUFFED, "region": "华东", "product_line": LINE_A, **quarter}
    sold = {"sell_in": "900", "sell_through": "520"}
    yield Ask(at=on("2026-01-09"), path=path, body=body | sold, partner=STUFFED)


def quotas() -> Iterator[Ask]:
    """Quotas of the spring; what partners say of it, and what the manager puts above one."""
    for partner, month, amount in QUOTAS:
        body = {"partner_id": partner, "product_line": LINE_A, "month": month}
        target = {"target": yuan(amount)}
        yield Ask(at=on("2026-03-26"), path="/v1/forecast/targets", body=body | target)
    for partner, amount in ((SHOWING, 900_000), (RETURNING, 600_000)):
        word = {"partner_id": partner, "period": "2026Q2", "value": yuan(amount)}
        path = "/v1/forecast/submissions"
        yield Ask(at=on("2026-03-26"), path=path, body=word, partner=partner)
    above = {"partner_id": SHOWING, "period": "2026Q2", "value": yuan(800_000), "reason": "淡季"}
    yield Ask(at=on("2026-03-30"), path="/v1/forecast/adjustments", body=above)
