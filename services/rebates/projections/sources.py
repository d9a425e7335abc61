"""Which programmes are there, and who has a ledger?"""

from collections.abc import Iterable
from datetime import timedelta

from pydantic import TypeAdapter

from services.rebates.domain.events import BasisRecorded, ProgrammePublished
from services.rebates.domain.terms import Terms
from shared.contracts.event import Envelope
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

DURATION = TypeAdapter(timedelta)


def shape(terms: Terms) -> Document:
    """A programme in the one shape in which it is published."""
    told: Document = document(terms)
    told["tiers"] = [{"from": tier["threshold"], "rate": tier["rate"]} for tier in told["tiers"]]
    told["settle_after"] = DURATION.dump_python(terms.settle_after, mode="json")
    told["filter"] = {name: names for name, names in told["filter"].items() if names}
    return told


def by_stream(_: ProgrammePublished | BasisRecorded, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def programme(_: str, row: Document | None, fact: ProgrammePublished, __: Envelope) -> Document:
    """The last version, and the numbers of all."""
    before = row["versions"] if row else []
    told = shape(fact.terms) | {"published_at": fact.published_at.isoformat()}
    return told | {"versions": [*before, fact.terms.version]}


def ledger(_: str, __: Document | None, fact: BasisRecorded, ___: Envelope) -> Document:
    return {"partner_id": fact.partner_id, "year": f"{fact.paid_on.year:04}"}


PROGRAMMES = Projection(
    name="rebates.programmes",
    version=2,
    facts=(ProgrammePublished,),
    keys=by_stream,
    fold=programme,
    indexes=(Index("programme_id"),),
)
LEDGERS = Projection(
    name="rebates.ledgers",
    facts=(BasisRecorded,),
    keys=by_stream,
    fold=ledger,
    indexes=(Index("partner_id"), Index("year")),
    partner_field="partner_id",
)
