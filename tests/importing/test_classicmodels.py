"""The real data: every account to the cent, as computed from the files without our code."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.importing.beds import imported, operated
from tests.importing.oracle import expected
from tests.importing.test_sample import accounts, earned

ROOT = Path(__file__).parents[2]
DATA = Path(
    os.environ.get("QUDAO_CLASSICMODELS") or ROOT.parent / "shared" / "data" / "classicmodels"
)
QUARTERS = {
    "2004Q1": (54, Decimal("745407.35"), Decimal("21589.99")),
    "2004Q2": (41, Decimal("567613.24"), Decimal("17305.63")),
    "2004Q3": (73, Decimal("1138731.31"), Decimal("39405.99")),
    "2004Q4": (137, Decimal("1861576.35"), Decimal("53609.04")),
}
STANDING = {
    "matched_exact": 250,
    "collected": {"amount": "8853839.23", "currency": "USD"},
    "unallocated": {"amount": "0.00", "currency": "USD"},
}


@pytest.fixture
def data() -> Path:
    if not DATA.is_dir():
        why = f"the real data is not there: {DATA} (set QUDAO_CLASSICMODELS)"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    return DATA


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_real_data_comes_to_the_published_figures(tmp_path: Path, data: Path) -> None:
    known = expected(data)
    async with operated(tmp_path) as there:
        first = (await imported(there, data)).shown()
        assert (first["read"], first["accepted"]) == (721, 721)
        assert first["by_kind"]["payments"]["accepted"] == 273
        assert first["payments"] == STANDING
        found = await accounts(there, "cm-whole")
        assert {quarter: sums(found, quarter) for quarter in QUARTERS} == QUARTERS
        assert found == earned(known, "whole")
        assert await accounts(there, "cm-marginal") == earned(known, "marginal")
        again = (await imported(there, data)).shown()
        assert (again["repeated"], again["facts"], again["payments"]) == (721, 0, STANDING)
        assert await accounts(there, "cm-whole") == found


def sums(
    found: dict[tuple[str, ...], tuple[Decimal, ...]], quarter: str
) -> tuple[int, Decimal, Decimal]:
    mine = [figures for (_, period, _), figures in found.items() if period == quarter]
    zero = Decimal(0)
    return len(mine), sum((m[0] for m in mine), zero), sum((m[1] for m in mine), zero)
