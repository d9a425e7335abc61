"""The views read whole, as the domain wants them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.forecast.domain.book import Book, Submission, Told
from services.forecast.domain.events import Level
from services.forecast.domain.standing import Version
from services.forecast.domain.statement import Said
from services.forecast.projections.pipeline import OPPORTUNITIES, STATEMENTS
from shared.kernel.paging import every
from shared.kernel.policy import Read
from shared.kernel.ports import Condition, Document


@dataclass(frozen=True, slots=True)
class Rows:
    """Opportunities and statements, in all currencies."""

    opportunities: Sequence[Document]
    statements: Sequence[Document]

    @property
    def currencies(self) -> list[str]:
        versions = (one for row in self.opportunities for one in row["versions"].values())
        told = {one["amount"]["currency"] for one in versions}
        return sorted({*told, *(row["currency"] for row in self.statements)})

    def book(self, currency: str) -> Book:
        return Book(
            [told(row, currency) for row in self.opportunities],
            {
                (row["partner_id"], row["period"]): own
                for row in self.statements
                if row["currency"] == currency and (own := [*_submissions(row)])
            },
        )


async def rows(read: Read) -> Rows:
    """Of the whole house: how likely a stage is won is never one partner's alone."""
    opportunities = await everything(read, OPPORTUNITIES.name, ())
    return Rows(opportunities, await everything(read, STATEMENTS.name, ()))


def told(row: Document, currency: str) -> Told:
    where = {name: row[name] for name in ("opportunity_id", "partner_id", "region")}
    return Told(**where, product_line=row["product_line"], versions=[*_versions(row, currency)])


def _versions(row: Document, currency: str) -> Iterable[Version]:
    for place, one in row["versions"].items():
        if one["amount"]["currency"] == currency:
            yield Version(
                occurred_at=datetime.fromisoformat(one["occurred_at"]),
                recorded_at=datetime.fromisoformat(one["recorded_at"]),
                sequence=int(place),
                category=one["category"],
                amount=Decimal(one["amount"]["amount"]),
                closes=date.fromisoformat(one["closes"]) if one["closes"] else None,
                stage=one["stage"],
                probability=None if one["probability"] is None else Decimal(one["probability"]),
            )


def _submissions(row: Document) -> Iterable[Submission]:
    for one in row["told"]:
        if one["level"] == "partner":
            yield Submission(datetime.fromisoformat(one["at"]), _said(one))


def said_by(row: Document, instant: datetime) -> dict[Level, Said]:
    """The last word of each level by then."""
    known = (one for one in row["told"] if datetime.fromisoformat(one["at"]) <= instant)
    return {one["level"]: _said(one) for one in known}


def _said(one: Document) -> Said:
    value, base = Decimal(one["value"]["amount"]), Decimal(one["base"]["amount"])
    return Said(one["mode"], value, base)


async def everything(read: Read, view: str, where: tuple[Condition, ...]) -> list[Document]:
    return [row async for row in every(read, view, *where)]
