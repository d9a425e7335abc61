"""`qudao forecast backtest`: a folder of somebody's pipeline, and its errors by file and line."""

import csv
import os
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import mean

import pytest

from services.forecast.trials import tried
from shared.kernel.errors import Malformed

TEAMS = "sales_agent,manager,regional_office\nann,li,East\nbob,li,West\n"
HEAD = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
REAL = Path(os.environ.get("QUDAO_CRM", "nowhere"))
OFFICES = ("Central", "East", "West")


def folder(at: Path, *rows: str, head: str = HEAD, teams: str = TEAMS) -> Path:
    (at / "sales_teams.csv").write_text(teams)
    (at / "sales_pipeline.csv").write_text(head + "".join(f"{row}\n" for row in rows))
    return at


def won(number: int, month: int, amount: int, agent: str = "ann") -> str:
    return f"{number},{agent},a,acme,Won,2025-{month:02}-01,2025-{month:02}-20,{amount}"


def test_months_by_office_with_money_and_ratios(tmp_path: Path) -> None:
    rows = [won(n, n, 100 * n) for n in range(1, 10)] + [won(99, 9, 5, "bob")]
    told = tried(folder(tmp_path, *rows, "p1,ann,a,,Prospecting,,,"), date(2025, 9, 30), "CNY")
    east, west = told["offices"]
    assert (told["known_until"], told["deals"], told["left_out"]) == ("2025-09-30", 10, 1)
    assert east["tested"] == ["2025-06", "2025-07", "2025-08", "2025-09"]
    run_rate = sum(abs(100 * m - 100 * (m - 2)) for m in (6, 7, 8, 9))
    assert Decimal(east["backtest"]["run_rate"]["wape"]) == pytest.approx(Decimal(run_rate) / 3000)
    october = east["forecast"][0]
    assert october["run_rate"] == {"amount": "800.00", "currency": "CNY"}
    assert october["quarter_naive"] == {"amount": "700.00", "currency": "CNY"}
    assert west["backtest"]["run_rate"] is None  # it had nothing to say in June


@pytest.mark.parametrize(
    ("row", "slug", "said"),
    [
        ("1,eve,a,,Won,2025-01-01,2025-01-02,1", "agent-unknown", "line 2: eve"),
        ("1,ann,a,,Won,2025-13-01,2025-01-02,1", "value-malformed", "line 2: 2025-13-01"),
        ("1,ann,a,,Won,2025-01-01,soon,1", "value-malformed", "line 2: soon"),
        ("1,ann,a,,Won,2025-01-01,2025-01-02,1e", "value-malformed", "line 2: 1e"),
        ("1,ann,a,,Won,2025-01-01,2025-01-02,inf", "value-malformed", "line 2: inf"),
        ("1,ann,a,,Prospecting,,,", "pipeline-empty", "nobody"),
    ],
)
def test_what_cannot_be_read_is_told_by_file_and_line(
    tmp_path: Path, row: str, slug: str, said: str
) -> None:
    with pytest.raises(Malformed, match=said) as refusal:
        tried(folder(tmp_path, row), None, "CNY")
    assert refusal.value.slug == slug


def test_a_missing_file_and_a_missing_column_too(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"sales_teams\.csv"):
        tried(tmp_path, None, "CNY")
    with pytest.raises(Malformed, match="no column engage_date"):
        tried(folder(tmp_path, head=HEAD.replace("engage_date", "begun")), None, "CNY")


@pytest.mark.skipif(not REAL.is_dir(), reason="QUDAO_CRM names no folder")
def test_on_real_data_the_blend_is_nearer_than_either_peer_in_every_office() -> None:
    """The peers' errors are worked out here once more, in floats, from the file itself."""
    told = tried(REAL, date(2017, 9, 30), "USD")
    assert [one["office"] for one in told["offices"]] == [*OFFICES]
    months = _won_by_month()
    for one in told["offices"]:
        sums, found = months[one["office"]], one["backtest"]
        size = sum(sums[m] for m in range(6, 10))
        run_rate = sum(abs(sums[m] - mean(sums[m - k] for k in (1, 2, 3))) for m in range(6, 10))
        naive = sum(abs(sums[m] - sums[m - 1]) for m in range(6, 10))
        assert float(found["run_rate"]["wape"]) == pytest.approx(run_rate / size)
        assert float(found["seasonal_naive"]["wape"]) == pytest.approx(naive / size)
        peers = (Decimal(found[name]["wape"]) for name in ("run_rate", "seasonal_naive"))
        assert Decimal(found["blend"]["wape"]) < min(peers)


def _won_by_month() -> dict[str, dict[int, float]]:
    with (REAL / "sales_teams.csv").open() as file:
        offices = {row["sales_agent"]: row["regional_office"] for row in csv.DictReader(file)}
    found: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    with (REAL / "sales_pipeline.csv").open() as file:
        for row in csv.DictReader(file):
            if row["deal_stage"] == "Won":
                month = int(row["close_date"][5:7])
                found[offices[row["sales_agent"]]][month] += float(row["close_value"])
    return found
