"""Shapes that several routes of leads share."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import StringConstraints
from stdnum.cn import uscc

from services.leads.domain.codes import compact
from services.leads.domain.names import Company, squeezed
from services.leads.projections.customers import alike
from shared.contracts.ids import Id
from shared.kernel.errors import Malformed
from shared.kernel.policy import Read
from shared.runtime.context import Service
from shared.runtime.http import Body, Text, allow

DESK = allow("sales", "manager", "operations", "director", "finance")
VOTING = allow("sales", "manager", "marketing", "finance", "operations", "director")
MANAGERS = allow("manager", "operations", "director")
STAFF = allow("sales", "manager", "finance", "director", "operations", "auditor")

Answer = dict[str, Any]
PathId = Annotated[Id, Path()]
Code = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True, to_upper=True)]
Short = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class Contact(Body):
    """A person: kept apart from the facts, and forgotten on demand."""

    name: Text
    title: Short | None = None
    phone: Short | None = None
    email: Short | None = None

    def fields(self) -> Mapping[str, str]:
        return {name: value for name, value in dict(self).items() if value}


def company(name: str, code: str | None) -> Company:
    if not squeezed(name):
        raise Malformed("company-nameless", "a company has a name with letters")
    return Company(name, compact(code))


def sound(code: str | None) -> bool | None:
    """Whether a code's check digit is right; None when there is no code."""
    return bool(uscc.is_valid(code)) if code else None


async def candidates(
    read: Read, wanted: Company, but: str | None = None, *, passing: bool = False
) -> list[Answer]:
    """Possible duplicates; `passing`: also the nearest that are none, and their score."""
    return [
        {
            "customer_id": customer_id,
            "score": float(found.shown),
            "decision": found.decision,
        }
        for customer_id, found in await alike(read, wanted, but, passing=passing)
    ]


async def remember(service: Service, person_id: UUID | None, contact: Contact | None) -> None:
    """After the fact that names the person; a repeat makes up for a crash in between."""
    if person_id and contact and not await service.people.get_many([person_id]):
        await service.people.put(person_id, contact.fields())
