"""The shape of a programme: what people may write, and the schema that says so."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.rebates.api.shape import ProgrammeShape, schema
from services.rebates.projections.sources import shape

EXAMPLES = Path(__file__).parents[3] / "examples"
PROGRAMMES = sorted(
    [*EXAMPLES.glob("classicmodels/cm-*.json"), *EXAMPLES.glob("programmes/*.json")]
)
SCHEMA = EXAMPLES / "programmes" / "programme.schema.json"
WRITTEN = {
    "programme_id": "q-a",
    "version": 1,
    "effective_from": "2026-01-01",
    "currency": "CNY",
    "partition": ["product_line"],
    "tiers": [{"from": "500000", "rate": "0.03"}],
    "period": "quarter",
}


@pytest.mark.parametrize("path", [path for path in PROGRAMMES if path != SCHEMA], ids=str)
def test_an_example_has_the_shape_and_keeps_it(path: Path) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))
    terms = ProgrammeShape.model_validate(written).terms()
    told = json.loads(json.dumps(shape(terms)))
    assert {name: told[name] for name in written} == written


def test_the_committed_schema_is_the_served_one() -> None:
    """To refresh it: `qudao` serves it at /v1/rebates/programmes/schema."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema()


def test_what_is_not_written_has_a_default() -> None:
    terms = ProgrammeShape.model_validate(WRITTEN).terms()
    assert (terms.method, terms.grace_days, terms.settlement) == ("whole", 10, "automatic")
    assert terms.settle_after == timedelta(hours=1)


def test_a_tier_may_start_at_an_amount_of_money() -> None:
    money = {"amount": "500000", "currency": "CNY"}
    told = ProgrammeShape.model_validate({**WRITTEN, "tiers": [{"from": money, "rate": "0.03"}]})
    assert told.terms() == ProgrammeShape.model_validate(WRITTEN).terms()


@pytest.mark.parametrize(
    "wrong",
    [
        {"currency": "XXY"},
        {"tiers": []},
        {"tiers": [{"from": "10", "rate": "0.03"}, {"from": "10", "rate": "0.05"}]},
        {"tiers": [{"from": "-1", "rate": "0.03"}]},
        {"tiers": [{"from": "NaN", "rate": "0.03"}]},
        {"tiers": [{"from": "1e3", "rate": "0.03"}]},
        {"tiers": [{"from": 10000, "rate": "0.03"}]},
        {"tiers": [{"from": "10", "rate": 0.03}]},
        {"tiers": [{"from": "10", "rate": "3"}]},
        {"tiers": [{"from": {"amount": "10", "currency": "USD"}, "rate": "0.03"}]},
        {"effective_to": "2025-12-31"},
        {"effective_from": "0001-01-01"},
        {"partition": ["customer"]},
        {"partition": ["region", "region"]},
        {"period": "week"},
        {"basis": "invoiced"},
        {"settle_after": "P1M"},
        {"settle_after": "-PT1H"},
        {"settle_after": 3600},
        {"grace_days": -1},
        {"version": 0},
        {"programme_id": "no spaces"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProgrammeShape.model_validate({**WRITTEN, **wrong})
