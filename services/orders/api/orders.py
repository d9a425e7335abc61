"""/v1/orders: what partners and staff do with orders."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response

from services.orders.api.answers import (
    ALIKE_WITHIN,
    Shown,
    account_of,
    ask,
    found,
    held_shown,
    order_shown,
    short_by,
)
from services.orders.api.bodies import History, OrderStatus, Reason, Submission
from services.orders.api.goods import goods_routes
from services.orders.domain.approval.approving import requester
from services.orders.domain.approval.commands import (
    RecallOrder,
    VoteOnOrder,
)
from services.orders.domain.commands import (
    ReleaseOrder,
    SubmitOrder,
)
from services.orders.domain.ledger import Account
from services.orders.domain.order import Placed
from services.orders.domain.pricing import likeness
from services.orders.domain.streams import order_stream
from shared.contracts.approvals import Verdict
from shared.contracts.ids import Id, named
from shared.contracts.money import Money
from shared.kernel.codec import document, restored
from shared.kernel.delegations import lent
from shared.kernel.errors import Forbidden, Refused
from shared.kernel.ports import Condition, Document, Query
from shared.runtime.context import Service
from shared.runtime.http import By, Caller, Cursor, Limit, Who, allow, listed

ORDERING = allow("partner", "sales", "manager", "finance", "director", "operations")
DECIDING = allow("manager", "finance", "director", "operations")
IMPORTING = allow("manager", "director", "operations")
VOTING = allow("sales", "manager", "marketing", "finance", "director", "operations")
OrderId = Annotated[Id, Path()]
Sort = Literal["submitted_at", "-submitted_at"]


def order_routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/orders", tags=["orders"])
    _submissions(router, service)
    _decisions(router, service)
    goods_routes(router, service)
    _reads(router, service)
    return router


def _submissions(router: APIRouter, service: Service) -> None:
    @router.post("", status_code=201, dependencies=[ORDERING])
    async def submit(body: Submission, by: By, who: Who, response: Response) -> Shown:
        """Answered at once as `submitted`; its account decides in the next step."""
        if not who.sees(body.partner_id):
            raise Forbidden("order-foreign-partner", "a partner orders for itself")
        order_id = body.order_id or str(named("order", by.commandid))
        command = body.command(order_id, service.clock())
        alike = await orders_alike(service, command)
        shown = await ask(service, order_id, command, by, response)
        return shown | {"warnings": [f"order-alike: {one}" for one in alike]}

    @router.post("/history", status_code=201, dependencies=[IMPORTING])
    async def history(body: History, by: By, response: Response) -> Shown:
        """An order of the past, recorded with what became of it and not decided again."""
        await in_currency(service, body)
        return await ask(service, body.order_id, body.recorded(), by, response)


def _decisions(router: APIRouter, service: Service) -> None:
    async def said(verdict: Verdict, body: Reason | None, who: Caller) -> VoteOnOrder:
        at = service.clock()
        return VoteOnOrder(
            by=who.subject,
            roles=(who.role,),
            verdict=verdict,
            reason=(body or Reason()).reason,
            found=await lent(service.read, "orders", who.subject, at),
            at=at,
        )

    @router.post("/{order_id}/approval", dependencies=[VOTING])
    async def approval(
        order_id: OrderId, by: By, who: Who, response: Response, body: Reason | None = None
    ) -> Shown:
        """The yes of one who is asked; after the last one credit is checked."""
        command = await said("approve", body, who)
        return await ask(service, order_id, command, by, response)

    @router.post("/{order_id}/rejection", dependencies=[VOTING])
    async def rejection(
        order_id: OrderId, by: By, who: Who, response: Response, body: Reason | None = None
    ) -> Shown:
        """By one who is asked; where nobody is, by whoever may decide."""
        command = await said("reject", body, who)
        return await ask(service, order_id, command, by, response)

    @router.post("/{order_id}/return", dependencies=[VOTING])
    async def returned(
        order_id: OrderId, by: By, who: Who, response: Response, body: Reason | None = None
    ) -> Shown:
        """Back to who asked: cancelled, and checked anew if it is reopened."""
        command = await said("return", body, who)
        return await ask(service, order_id, command, by, response)

    @router.post("/{order_id}/recall", dependencies=[ORDERING])
    async def recalled(
        order_id: OrderId, by: By, who: Who, response: Response, body: Reason | None = None
    ) -> Shown:
        """For the partner that asked, as long as it is not decided: cancelled, as if returned."""
        order, reason = await found(service, order_id, who), (body or Reason()).reason
        whom = requester(order.asked.partner_id)
        command = RecallOrder(by=whom, reason=reason, at=service.clock())
        return await ask(service, order_id, command, by, response)

    @router.post("/{order_id}/release", dependencies=[DECIDING])
    async def release(
        order_id: OrderId, by: By, who: Who, response: Response, body: Reason | None = None
    ) -> Shown:
        """Ends the hold of an imported order: from now on it is checked like any other."""
        command = ReleaseOrder(by=who.subject, at=service.clock())
        return await ask(service, order_id, command, by, response)


def _reads(router: APIRouter, service: Service) -> None:
    @router.get("")
    async def orders(
        who: Who,
        status: OrderStatus | None = None,
        partner: Id | None = None,
        sort: Sort | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Shown:
        """By id, or by the instant of their submission: `-submitted_at` shows the newest first."""
        wanted: list[Condition] = [("status", "eq", status)] if status else []
        wanted += [("partner_id", "eq", partner)] if partner else []
        query = Query((*who.scope(), *wanted), sort=sort or "", cursor=cursor, limit=limit)
        page = await service.read.find("orders.orders", query)
        owners = {row["partner_id"] for row in page.documents}
        accounts = {owner: await account_of(service, owner) for owner in owners}
        return listed(page, lambda row: listed_order(row, accounts[row["partner_id"]]))

    @router.get("/{order_id}")
    async def show(order_id: OrderId, who: Who, response: Response) -> Shown:
        order = await found(service, order_id, who)
        version = await service.handle.version(order_stream(order_id))
        response.headers["ETag"] = f'"{version}"'
        account = await account_of(service, order.asked.partner_id)
        return order_shown(order, account) | {"version": version}


def listed_order(row: Document, account: Account) -> Shown:
    shown = {name: value for name, value in row.items() if name not in {"likeness", "left"}}
    short = short_by(row["order_id"], restored(row["total"], Money), account)
    return shown | held_shown(tuple(row["reasons"])) | {"short_by": document(short)}


async def in_currency(service: Service, body: History) -> None:
    """What was approved elsewhere cannot be held here: its currency must be the account's."""
    account = await account_of(service, body.partner_id)
    known = isinstance(await service.read.fold(order_stream(body.order_id)), Placed)
    if not known and account.currency not in {None, body.currency}:
        raise Refused("order-currency", f"the account is in {account.currency}")


async def orders_alike(service: Service, command: SubmitOrder) -> list[str]:
    """Ruling o10: the same content less than 10 minutes ago is worth a warning."""
    alike = likeness(command.partner_id, command.customer_id, command.lines)
    query = Query((("likeness", "eq", alike),), sort="-submitted_at", limit=10)
    rows = (await service.read.find("orders.orders", query)).documents
    return [
        row["order_id"]
        for row in rows
        if row["order_id"] != command.order_id
        and command.at - datetime.fromisoformat(row["submitted_at"]) < ALIKE_WITHIN
    ]
