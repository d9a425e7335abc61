"""Which funds are there? Balances are folded from the fund's stream when they are asked for."""

from collections.abc import Iterable

from services.mdf.domain.events import FundEnded
from shared.contracts.event import Envelope
from shared.contracts.mdf import MdfFundAllocated
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

FundFact = MdfFundAllocated | FundEnded


def accrues(partner_id: str, half: str) -> str:
    return f"{partner_id}/{half}"


def by_stream(_: FundFact, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def funds(key: str, row: Document | None, fact: FundFact, envelope: Envelope) -> Document:
    match fact:
        case MdfFundAllocated(terms=terms, partner_id=partner_id):
            accrual = terms.accrual
            row = (row or {"ended": None}) | document(fact)
            row["currency"] = fact.amount.currency
            row["accrues"] = accrues(partner_id or "", accrual.half) if accrual else None
        case FundEnded():
            row = (row or {}) | {"ended": fact.reason}
    return row | {"version": envelope.sequence}


FUNDS: Projection[FundFact] = Projection(
    name="mdf.funds",
    facts=(MdfFundAllocated, FundEnded),
    keys=by_stream,
    fold=funds,
    indexes=(Index("accrues"), Index("kind")),
    partner_field="partner_id",
)
