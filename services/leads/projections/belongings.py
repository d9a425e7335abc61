"""All that somebody looks after, out of the views that know it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

from services.leads.projections.customers import CUSTOMERS
from services.leads.projections.opportunities import OPPORTUNITIES
from services.leads.projections.pipeline import PIPELINE
from services.leads.projections.registrations import REGISTRATIONS
from shared.kernel.paging import every
from shared.kernel.policy import Read
from shared.kernel.ports import Condition, Document
from shared.kernel.projection import Projection

Kind = Literal["customer", "lead", "registration", "opportunity"]


@dataclass(frozen=True, slots=True)
class Belonging:
    kind: Kind
    id: str
    row: Document


Source = tuple[Kind, Projection[Any], tuple[Condition, ...]]
SOURCES: tuple[Source, ...] = (
    ("customer", CUSTOMERS, ()),
    ("lead", PIPELINE, (("status", "in", ["registered", "offered", "accepted", "overflow"]),)),
    (
        "registration",
        REGISTRATIONS,
        (("status", "in", ["draft", "review", "approved", "held", "protected"]),),
    ),
    ("opportunity", OPPORTUNITIES, (("status", "eq", "open"),)),
)
"""What is over stays with whom it was."""


async def belongings(read: Read, owner: str) -> AsyncIterator[Belonging]:
    for kind, view, live in SOURCES:
        async for row in every(read, view.name, ("owner", "eq", owner), *live):
            yield Belonging(kind, row[f"{kind}_id"], row)
