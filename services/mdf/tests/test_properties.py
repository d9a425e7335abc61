"""Whatever is asked in whatever order: the budget is never promised twice, and nothing is lost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.mdf.domain.commands import (
    CloseRequest,
    EndFund,
    FundCommand,
    PassDeadline,
    RejectClaim,
    TakeAccrual,
    WithdrawRequest,
)
from services.mdf.domain.events import FundEvent
from services.mdf.domain.fund import FUND
from services.mdf.domain.ledger import Fund
from services.mdf.tests.books import (
    APPROVED,
    AT,
    accrual,
    allocate,
    claim,
    eligible,
    pay,
    submit,
    terms,
    vote,
    yuan,
)
from shared.contracts.mdf import (
    MdfApproved,
    MdfCarriedOver,
    MdfClaimApproved,
    MdfExpired,
    MdfFundAllocated,
    MdfPaid,
    MdfRejected,
    MdfReleased,
    MdfRequested,
)
from shared.contracts.money import Money
from shared.kernel.errors import Refused

IDS = st.sampled_from(["r", "r", "r", "s", "t"])
CLAIMS = st.sampled_from(["c", "d"])
AMOUNTS = st.sampled_from([1, 3_333, 30_000, 49_999, 50_000, 100_000])
TIMES = st.sampled_from([0, 0, 0, 30, 100, 140]).map(lambda days: AT + timedelta(days=days))
SHARES = st.sampled_from(["1", "0.5", "0.333333"]).map(Decimal)
ROLES = st.sampled_from(["manager", "marketing"])


def on(build: Any, **more: Any) -> st.SearchStrategy[FundCommand]:
    return st.builds(build, at=TIMES, **more)


ASKED: st.SearchStrategy[FundCommand] = st.one_of(
    on(submit, request_id=IDS, amount=AMOUNTS, share=SHARES),
    on(vote, role=ROLES, request_id=IDS),
    on(vote, role=ROLES, request_id=IDS, amount=AMOUNTS.map(yuan)),
    on(vote, role=ROLES, request_id=IDS, verdict=st.sampled_from(["reject", "return"])),
    on(WithdrawRequest, request_id=IDS),
)
CLAIMED: st.SearchStrategy[FundCommand] = st.one_of(
    on(claim, claim_id=CLAIMS, amount=AMOUNTS),
    on(eligible, claim_id=CLAIMS, amount=AMOUNTS),
    on(RejectClaim, claim_id=CLAIMS, request_id=st.just("r"), reason=st.just("no")),
    on(pay, claim_id=CLAIMS),
)
ENDED: st.SearchStrategy[FundCommand] = st.one_of(
    on(CloseRequest, request_id=IDS, reason=st.sampled_from(["closed", "cancelled"])),
    on(PassDeadline, request_id=IDS),
    on(EndFund),
)
COMMANDS = ASKED | CLAIMED | ENDED
ADJUSTED = on(allocate, amount=AMOUNTS)
ACCRUALS = st.builds(
    TakeAccrual,
    net=st.integers(0, 5_000_000).map(yuan),
    accrual_version=st.integers(1, 50),
    at=st.just(AT),
)


def told(facts: list[FundEvent]) -> dict[str, Decimal]:
    """The balances from the published facts alone, as somebody who only reads topics sums them."""
    sums = dict.fromkeys(("allocated", "firm", "paid", "gone"), Decimal(0))
    pending: dict[str, Decimal] = {}
    for fact in facts:
        match fact:
            case MdfFundAllocated():
                sums["allocated"] = fact.amount.amount
            case MdfExpired() | MdfCarriedOver():
                sums["gone"] += fact.amount.amount
            case MdfReleased():
                sums["firm"] -= fact.amount.amount
            case MdfPaid():
                sums["firm"] -= fact.amount.amount
                sums["paid"] += fact.amount.amount
            case _:
                sums["firm"] += _asked(pending, fact)
    return sums | {"held": sum(pending.values(), Decimal(0))}


def _asked(pending: dict[str, Decimal], fact: FundEvent) -> Decimal:
    """What was held and is now committed."""
    match fact:
        case MdfRequested():
            pending[fact.request_id] = fact.amount.amount
        case MdfApproved():
            pending.pop(fact.request_id)
            return fact.amount.amount
        case MdfRejected(claim_id=None):
            pending.pop(fact.request_id)
    return Decimal(0)


def hold(fund: Fund, facts: list[FundEvent]) -> None:
    sums = told(facts)
    assert sums["allocated"] == fund.allocated.amount
    assert sums["firm"] == fund.committed.amount >= 0
    assert sums["held"] == fund.pending.amount >= 0
    assert sums["paid"] == fund.paid.amount
    assert sums["gone"] == fund.expired + fund.transferred
    kept = sum((sums[name] for name in ("held", "firm", "paid", "gone")), Decimal(0))
    assert fund.available.amount == sums["allocated"] - kept
    _claims_fit(fund, facts)


def _claims_fit(fund: Fund, facts: list[FundEvent]) -> None:
    """paid ≤ approved claims ≤ approved request."""
    for request in fund.requests.values():
        mine = request.asked.request_id
        claimed = _sum(
            f.amount for f in facts if isinstance(f, MdfClaimApproved) and f.request_id == mine
        )
        approved = _sum(
            f.amount for f in facts if isinstance(f, MdfApproved) and f.request_id == mine
        )
        paid = _sum(f.amount for f in facts if isinstance(f, MdfPaid) and f.request_id == mine)
        rejected = request.sum("rejected").amount
        assert paid <= claimed
        assert request.sum("paid").amount + request.sum("approved").amount <= approved
        assert rejected >= 0


def _sum(amounts: Any) -> Decimal:
    return sum((one.amount for one in amounts), Decimal(0))


def decided(command: FundCommand, facts: list[FundEvent]) -> list[FundEvent]:
    try:
        return list(FUND.decide(command, FUND.fold(facts)))
    except Refused:
        return []


BEGUN = st.sampled_from([(allocate(),), APPROVED, (*APPROVED, claim(), eligible())])


@settings(max_examples=300, deadline=None)
@given(BEGUN, st.lists(COMMANDS | ADJUSTED, max_size=30) | st.lists(CLAIMED, max_size=20))
def test_a_fund_is_never_over_budget_at_any_prefix(
    begun: tuple[FundCommand, ...], commands: list[FundCommand]
) -> None:
    facts: list[FundEvent] = []
    for command in (*begun, *commands):
        for fact in decided(command, facts):
            facts.append(fact)
            fund = FUND.fold(facts)
            assert fund.available >= Money.zero("CNY"), fact
            hold(fund, facts)
        if fund_of(facts).ended:
            assert fund_of(facts).available == yuan(0)


FULL = TakeAccrual(net=yuan(5_000_000), accrual_version=1, at=AT)


@settings(max_examples=200, deadline=None)
@given(st.lists(COMMANDS | ACCRUALS, max_size=30) | st.lists(ASKED | ACCRUALS, max_size=20))
def test_below_zero_an_accrued_fund_promises_nothing_more(commands: list[FundCommand]) -> None:
    facts = decided(allocate(0, partner_id="p1", terms=terms(accrual=accrual())), [])
    for first in (FULL, submit(), vote("manager")):
        facts += decided(first, facts)
    for command in commands:
        before = fund_of(facts)
        news = decided(command, facts)
        facts += news
        hold(fund_of(facts), facts)
        if any(isinstance(one, MdfRequested | MdfApproved) for one in news):
            assert fund_of(facts).available >= Money.zero("CNY")
        if any(isinstance(one, MdfPaid) for one in news):
            assert fund_of(facts).available >= min(before.available, yuan(0))


def fund_of(facts: list[FundEvent]) -> Fund:
    return FUND.fold(facts)
