"""What the tests of funds are made of."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.mdf.domain.commands import (
    AllocateFund,
    ApproveClaim,
    FundCommand,
    PayClaim,
    SubmitClaim,
    SubmitRequest,
    VoteOnRequest,
)
from services.mdf.domain.documents import Assessed
from services.mdf.domain.events import FundEvent
from services.mdf.domain.fund import FUND
from services.mdf.domain.ledger import Fund
from services.mdf.domain.published import DEFAULT_RULE
from shared.contracts.mdf import MdfAccrual, MdfFundTerms
from shared.contracts.money import Money
from shared.kernel.approvals import Rule, Subject, route

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 31, 16, tzinfo=UTC)  # 1 April, 00:00 in Shanghai
DAY = timedelta(days=1)


def yuan(amount: int | str | Money) -> Money:
    return amount if isinstance(amount, Money) else Money(Decimal(amount), "CNY").rounded()


def terms(**more: Any) -> MdfFundTerms:
    told: dict[str, Any] = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31)}
    told |= {"carry_over": Decimal("0.2"), "claim_days": 45}
    return MdfFundTerms(**told | more)


def accrual(**more: Any) -> MdfAccrual:
    told: dict[str, Any] = {"rate": Decimal("0.02"), "half": "2025H2", "minimum": yuan(1000)}
    return MdfAccrual(**told | {"grace_days": 10} | more)


def allocate(amount: int | Money = 100_000, **more: Any) -> AllocateFund:
    told: dict[str, Any] = {"fund_id": "f", "partner_id": None, "amount": yuan(amount)}
    return AllocateFund(**told | {"terms": terms(), "at": AT} | more)


def submit(
    request_id: str = "r", amount: int | Money = 30_000, rule: Rule = DEFAULT_RULE, **more: Any
) -> SubmitRequest:
    subject = Subject(requester="p1", amount=yuan(amount))
    told: dict[str, Any] = {
        "request_id": request_id,
        "partner_id": "p1",
        "activity": "fair",
        "amount": yuan(amount),
        "share": Decimal(1),
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 3, 31),
        "found": route(rule, subject, AT),
        "at": AT,
    }
    return SubmitRequest(**told | more)


def vote(role: str, request_id: str = "r", **more: Any) -> VoteOnRequest:
    told: dict[str, Any] = {"request_id": request_id, "by": f"the {role}", "roles": (role,)}
    return VoteOnRequest(**told | {"verdict": "approve", "at": AT} | more)


def claim(claim_id: str = "c", amount: int = 27_500, **more: Any) -> SubmitClaim:
    told: dict[str, Any] = {"claim_id": claim_id, "request_id": "r", "amount": yuan(amount)}
    return SubmitClaim(**told | {"at": AT} | more)


def eligible(amount: int = 25_000, claim_id: str = "c", **more: Any) -> ApproveClaim:
    found = Assessed(eligible=yuan(amount), ineligible=yuan(0))
    told: dict[str, Any] = {"claim_id": claim_id, "request_id": "r", "found": found}
    return ApproveClaim(**told | {"by": "x", "at": AT} | more)


def pay(claim_id: str = "c", **more: Any) -> PayClaim:
    told: dict[str, Any] = {"claim_id": claim_id, "request_id": "r", "method": "payment"}
    return PayClaim(**told | {"reference": "", "paid_on": AT.date(), "at": AT} | more)


APPROVED = (allocate(), submit(), vote("manager"), vote("marketing"))


def done(*commands: FundCommand) -> list[FundEvent]:
    """The facts that these commands decide, one after another."""
    facts: list[FundEvent] = []
    for command in commands:
        facts += FUND.decide(command, FUND.fold(facts))
    return facts


def after(*commands: FundCommand) -> Fund:
    return FUND.fold(done(*commands))


def figures(fund: Fund) -> tuple[int, ...]:
    """actual, available, committed, pending, paid."""
    amounts = (fund.actual, fund.available, fund.committed, fund.pending, fund.paid)
    return tuple(int(one.amount) for one in amounts)
