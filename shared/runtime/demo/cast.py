"""Who plays: twenty-four partners, and what the maker promises them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.runtime.demo.steps import CURRENCY, LINE_A, LINE_B, START, Ask, on, yuan

STAR, TIGHT, WAITING = "hd-zhongji", "hn-yuehai", "xn-shudu"
RETURNING, SHOWING = "hz-jiangcheng", "hb-jinghua"
BASE = "2024-10-08"


@dataclass(frozen=True, slots=True)
class Partner:
    partner_id: str
    type: str
    level: str
    region: str
    limit: int
    joined: str = BASE


PARTNERS = [
    Partner("hd-zhongji", "distributor", "钻石", "华东", 1_500_000),
    Partner("hd-hengtai", "agent", "金牌", "华东", 600_000),
    Partner("hd-lianchuang", "integrator", "银牌", "华东", 300_000),
    Partner("hn-yuehai", "distributor", "金牌", "华南", 200_000),
    Partner("hn-pengcheng", "agent", "银牌", "华南", 300_000),
    Partner("hn-minjiang", "integrator", "铜牌", "华南", 100_000),
    Partner("hb-jinghua", "distributor", "钻石", "华北", 1_200_000),
    Partner("hb-jinmen", "agent", "银牌", "华北", 300_000),
    Partner("hb-design", "design-institute", "铜牌", "华北", 0),
    Partner("xn-shudu", "distributor", "金牌", "西南", 100_000),
    Partner("xn-yunling", "agent", "铜牌", "西南", 100_000),
    Partner("xn-yuzhong", "integrator", "银牌", "西南", 300_000),
    Partner("hz-jiangcheng", "distributor", "金牌", "华中", 800_000),
    Partner("hz-xiangjiang", "agent", "银牌", "华中", 300_000),
    Partner("hz-zhongyuan", "integrator", "银牌", "华中", 400_000, "2025-02-17"),
    Partner("hz-design", "design-institute", "铜牌", "华中", 0, "2025-02-17"),
    Partner("db-liaohai", "distributor", "金牌", "东北", 600_000),
    Partner("db-songhua", "agent", "铜牌", "东北", 150_000, "2025-03-10"),
    Partner("db-changbai", "integrator", "铜牌", "东北", 150_000, "2025-06-03"),
    Partner("xb-qinling", "distributor", "银牌", "西北", 500_000),
    Partner("xb-tianshan", "agent", "铜牌", "西北", 150_000, "2025-04-14"),
    Partner("xb-helan", "integrator", "铜牌", "西北", 150_000, "2025-09-01"),
    Partner("hd-qiantang", "integrator", "银牌", "华东", 400_000, "2025-05-12"),
    Partner("hn-beibu", "agent", "铜牌", "华南", 150_000, "2025-08-04"),
]
REGION = {one.partner_id: one.region for one in PARTNERS}
TIERS_A = [("500000", "0.03"), ("1000000", "0.05")]
TIERS_B = [("200000", "0.01"), ("500000", "0.02"), ("1000000", "0.03")]


def partners() -> Iterator[Ask]:
    for one in PARTNERS:
        at = max(START, on(one.joined, "09:00"))
        enrolment = {
            "partner_id": one.partner_id,
            "type": one.type,
            "level": one.level,
            "regions": [one.region],
            "industries": ["水务", "化工"],
            "product_lines": [LINE_A, LINE_B],
        }
        limit = {"limit": yuan(one.limit)}
        yield Ask(at=at, path="/v1/partners", body=enrolment)
        path = f"/v1/partners/{one.partner_id}/credit-limit"
        yield Ask(at=at, path=path, body=limit, role="finance")


def programmes() -> Iterator[Ask]:
    """Whole on the quarter's collections of line A; marginal on the year's of line B."""
    path, at = "/v1/rebates/programmes", on("2024-12-20")
    quarterly = programme("a-line-quarter", LINE_A, "whole", "quarter", TIERS_A)
    yearly = programme("b-line-year", LINE_B, "marginal", "year", TIERS_B)
    yield Ask(at=at, path=path, body=quarterly)
    yield Ask(at=at, path=path, body=yearly | {"effective_to": "2025-12-31"})


def programme(
    name: str, line: str, method: str, period: str, tiers: list[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "programme_id": name,
        "version": 1,
        "effective_from": "2025-01-01",
        "currency": CURRENCY,
        "filter": {"product_lines": [line]},
        "partition": ["product_line"],
        "basis": "collected",
        "method": method,
        "tiers": [{"from": start, "rate": rate} for start, rate in tiers],
        "period": period,
        "grace_days": 10,
        "settle_after": "PT1H",
        "settlement": "automatic",
    }


def rule(number: int, region: str, weights: dict[str, int]) -> dict[str, Any]:
    return {
        "rule_id": f"rule-{number}",
        "priority": number,
        "regions": [region],
        "industries": [],
        "product_lines": [],
        "weights": weights,
        "capacity": 10,
        "sla_hours": 8,
        "working_hours": True,
    }
