"""A folder with somebody's closed pipeline, and how well its months would have been forecast."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from services.forecast.domain.accuracy import ZERO, Accuracy, digits
from services.forecast.domain.deals import Deal
from services.forecast.domain.months import shifted
from services.forecast.domain.trial import Trial
from shared.contracts.money import Money
from shared.kernel.errors import Malformed
from shared.kernel.ports import Document

TESTED, AHEAD = 4, 3
PIPELINE = ("opportunity_id", "sales_agent", "product", "deal_stage", "engage_date", "close_date")
TEAMS = ("sales_agent", "regional_office")
WON = "Won"


def tried(folder: Path, until: date | None, currency: str) -> Document:
    """The last four months one month ahead, and the next three, by office.

    `sales_pipeline.csv` and `sales_teams.csv`, as CRM systems export them. `until` is the last day
    that the files name, unless said; nothing of a later day is looked at. Rows that nobody has
    engaged yet have no day and are left out, counted. `Malformed` names file, row and column.
    """
    offices = {row["sales_agent"]: row["regional_office"] for _, row in _rows(folder, "teams")}
    rows = [*_rows(folder, "pipeline")]
    deals = [_deal(number, row, offices) for number, row in rows if row["engage_date"]]
    days = [day for one in deals for day in (one.engaged, one.closed) if day]
    if not days:
        raise Malformed("pipeline-empty", f"{folder}: nobody has engaged anything")
    trial = Trial(deals, until or max(days))
    return {
        "known_until": trial.until.isoformat(),
        "deals": len(deals),
        "left_out": len(rows) - len(deals),
        "offices": [_office(trial, office, currency) for office in trial.offices],
    }


def _office(trial: Trial, office: str, currency: str) -> Document:
    months = [shifted(trial.last, -n) for n in reversed(range(TESTED))]
    ahead = [shifted(trial.last, n) for n in range(1, AHEAD + 1)]
    said = {month: trial.forecast(office, month, trial.until) for month in ahead}
    whole = sum((one["blend"] or ZERO for one in said.values()), ZERO)
    return {
        "office": office,
        "tested": months,
        "backtest": {name: _measures(one) for name, one in trial.tested(office, months).items()},
        "forecast": [{"month": m, **_amounts(one, currency)} for m, one in said.items()],
        "next_three_months": _money(whole, currency),
    }


def _measures(one: Accuracy | None) -> Document | None:
    return {"wape": digits(one.wape), "bias": digits(one.bias), "n": one.n} if one else None


def _amounts(said: Mapping[str, Decimal | None], currency: str) -> Document:
    return {name: None if v is None else _money(v, currency) for name, v in said.items()}


def _money(amount: Decimal, currency: str) -> Document:
    rounded = Money(amount, currency).rounded()
    return {"amount": str(rounded.amount), "currency": rounded.currency}


def _rows(folder: Path, kind: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row with where it stands."""
    path = folder / f"sales_{kind}.csv"
    wanted: Sequence[str] = PIPELINE if kind == "pipeline" else TEAMS
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            if missing := sorted({*wanted} - {*(reader.fieldnames or ())}):
                raise Malformed("column-missing", f"{path.name}: no column {', '.join(missing)}")
            for row in reader:
                yield f"{path.name}, line {reader.line_num}", row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Malformed("file-unreadable", f"{path}: {error}") from error


def _deal(at: str, row: Mapping[str, str], offices: Mapping[str, str]) -> Deal:
    agent = row["sales_agent"]
    if agent not in offices:
        raise Malformed("agent-unknown", f"{at}: {agent} is in no team")
    engaged, closed = _day(at, row["engage_date"]), row["close_date"]
    return Deal(
        deal_id=row["opportunity_id"],
        office=offices[agent],
        product=row["product"],
        engaged=engaged,
        closed=_day(at, closed) if closed else None,
        won=row["deal_stage"] == WON,
        amount=_amount(at, row.get("close_value", "")),
    )


def _day(at: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed("value-malformed", f"{at}: {text} is no day like 2017-09-30") from None


def _amount(at: str, text: str) -> Decimal:
    try:
        found = Decimal(text or "0")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Malformed("value-malformed", f"{at}: {text} is no amount")
    return found
