"""Deals that partners register: filed, completed, decided, extended, withdrawn."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from services.leads.api.shapes import MANAGERS, VOTING, Answer, Code, PathId, Short, company
from services.leads.domain.customer import known as known_customer
from services.leads.domain.deals.commands import (
    ApproveRegistration,
    CompleteRegistration,
    DecideExtension,
    OpenRegistration,
    RegistrationCommand,
    RejectRegistration,
    RequestExtension,
    WithdrawRegistration,
)
from services.leads.domain.deals.events import Details, Proof
from services.leads.domain.deals.filed import Filed, Registration
from services.leads.domain.deals.registration import known, lacking
from services.leads.domain.streams import REGISTRATION_RULE, customer, registration
from shared.contracts.calendar import Day
from shared.contracts.ids import Id, Label, named
from shared.contracts.money import Money
from shared.kernel.codec import document
from shared.kernel.delegations import lent
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Caller, Instant, Text, Who, allow, answered

FILING = allow("partner", "sales", "manager", "operations", "director", "finance")
DECIDING = ("manager", "operations", "director")


class Customer(Body):
    """By its id, or as the firm it is."""

    customer_id: Id | None = None
    name: Text | None = None
    uscc: Code | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> "Customer":
        if (self.customer_id is None) == (self.name is None):
            raise ValueError("name the customer_id or the firm's name")
        if self.uscc and self.name is None:
            raise ValueError("a uscc belongs to a firm's name")
        return self


class Pieces(Body):
    """Complete with customer, product line and region, unless it is still a draft."""

    customer: Customer | None = None
    industry: Text | None = None
    product_line: Text | None = None
    region: Text | None = None
    project: Text | None = None
    estimated_amount: Money | None = None
    expected_close: Day | None = None
    note: Annotated[Text, Field(max_length=200)] | None = None
    draft: bool = False

    def details(self) -> Details:
        named_ = self.customer or Customer.model_construct()
        firm = company(named_.name, named_.uscc) if named_.name else None
        return Details(
            customer_id=named_.customer_id,
            name=firm.name if firm else None,
            uscc=firm.uscc if firm else None,
            industry=self.industry,
            product_line=self.product_line,
            region=self.region,
            project=self.project,
            estimated_amount=self.estimated_amount,
            expected_close=self.expected_close,
            note=self.note,
        )


class Filing(Pieces):
    registration_id: Id | None = None
    partner_id: Id
    owner: Label | None = None


class Refusal(Body):
    reason: Text


class Withdrawal(Body):
    reason: Short = ""


class ProvedActivity(Body):
    kind: Text
    happened_at: Instant
    note: Short = ""


class Extension(Body):
    """`evidence`: at least one activity for the deal since its protection began."""

    evidence: Annotated[tuple[ProvedActivity, ...], Field(min_length=1, max_length=100)]

    def proofs(self) -> tuple[Proof, ...]:
        return tuple(Proof(**dict(one)) for one in self.evidence)


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/registrations", tags=["leads"])
    _filing(router, service)
    _deciding(router, service)
    _extending(router, service)
    return router


async def ask(
    service: Service,
    registration_id: str,
    command: RegistrationCommand,
    by: Cause,
    response: Response,
) -> Answer:
    done = await service.handle(registration(registration_id), command, by)
    filed = known(await service.read.fold(registration(registration_id)))
    return answered(response, "leads", done, **summary(filed))


def summary(filed: Filed) -> Answer:
    return {
        "registration_id": filed.registration_id,
        "partner_id": filed.partner_id,
        "status": filed.status,
        "lacking": lacking(filed.details),
        "waiting_for": waiting(filed),
        "protected_until": document(filed.until),
        "extension_pending": bool(filed.asked),
    }


def waiting(filed: Filed) -> list[str]:
    """The seats whose votes are asked for now."""
    in_review = filed.approval if filed.status == "review" else None
    return [*in_review.waiting] if in_review else []


async def visible(service: Service, registration_id: str, who: Caller) -> Filed:
    state: Registration = await service.read.fold(registration(registration_id))
    if not isinstance(state, Filed) or not who.sees(state.partner_id):
        raise NotFound("registration-not-found")
    return state


def _filing(router: APIRouter, service: Service) -> None:
    @router.post("", status_code=201, dependencies=[FILING])
    async def register(body: Filing, by: By, who: Who, response: Response) -> Answer:
        if not who.sees(body.partner_id):
            raise Forbidden("registration-foreign-partner", "a partner registers its own deals")
        registration_id = body.registration_id or str(named("registration", by.commandid))
        command = OpenRegistration(
            registration_id=registration_id,
            partner_id=body.partner_id,
            owner=body.owner,
            details=body.details(),
            draft=body.draft,
            found=await service.read.fold(REGISTRATION_RULE),
            at=service.clock(),
        )
        await there(body)
        return await ask(service, registration_id, command, by, response)

    @router.post("/{registration_id}/completion", dependencies=[FILING])
    async def complete(
        registration_id: PathId, body: Pieces, by: By, who: Who, response: Response
    ) -> Answer:
        """More pieces; the instant of the last required one is its priority."""
        await visible(service, registration_id, who)
        await there(body)
        command = CompleteRegistration(
            details=body.details(),
            draft=body.draft,
            found=await service.read.fold(REGISTRATION_RULE),
            at=service.clock(),
        )
        return await ask(service, registration_id, command, by, response)

    @router.post("/{registration_id}/withdrawal", dependencies=[FILING])
    async def withdraw(
        registration_id: PathId,
        by: By,
        who: Who,
        response: Response,
        body: Withdrawal | None = None,
    ) -> Answer:
        await visible(service, registration_id, who)
        command = WithdrawRegistration(reason=(body or Withdrawal()).reason, at=service.clock())
        return await ask(service, registration_id, command, by, response)

    async def there(body: Pieces) -> None:
        if body.customer and body.customer.customer_id:
            known_customer(await service.read.fold(customer(body.customer.customer_id)))


def _deciding(router: APIRouter, service: Service) -> None:
    @router.post("/{registration_id}/approval", dependencies=[VOTING])
    async def approve(
        registration_id: PathId,
        by: By,
        who: Who,
        response: Response,
        body: Withdrawal | None = None,
    ) -> Answer:
        """A vote of whom the rule asks. Approved, its scope decides: in force, held, or taken."""
        at = service.clock()
        command = ApproveRegistration(
            by=who.subject,
            roles=(who.role,),
            reason=(body or Withdrawal()).reason,
            found=await lent(service.read, "leads", who.subject, at),
            at=at,
        )
        return await ask(service, registration_id, command, by, response)

    @router.post("/{registration_id}/rejection", dependencies=[VOTING])
    async def reject(
        registration_id: PathId, body: Refusal, by: By, who: Who, response: Response
    ) -> Answer:
        """A vote, in review; before and afterwards a manager's decision."""
        at = service.clock()
        command = RejectRegistration(
            by=who.subject,
            roles=(who.role,),
            reason=body.reason,
            found=await lent(service.read, "leads", who.subject, at),
            at=at,
        )
        return await ask(service, registration_id, command, by, response)


def _extending(router: APIRouter, service: Service) -> None:
    @router.post("/{registration_id}/extension", dependencies=[FILING])
    async def extend(
        registration_id: PathId, body: Extension, by: By, who: Who, response: Response
    ) -> Answer:
        """Who may decide it does so in asking; a partner's or a salesperson's waits."""
        await visible(service, registration_id, who)
        command = RequestExtension(
            evidence=body.proofs(), granted=who.role in DECIDING, at=service.clock()
        )
        return await ask(service, registration_id, command, by, response)

    @router.post("/{registration_id}/extension/approval", dependencies=[MANAGERS])
    async def grant(registration_id: PathId, by: By, response: Response) -> Answer:
        command = DecideExtension(granted=True, at=service.clock())
        return await ask(service, registration_id, command, by, response)

    @router.post("/{registration_id}/extension/rejection", dependencies=[MANAGERS])
    async def refuse(registration_id: PathId, body: Refusal, by: By, response: Response) -> Answer:
        command = DecideExtension(granted=False, reason=body.reason, at=service.clock())
        return await ask(service, registration_id, command, by, response)
