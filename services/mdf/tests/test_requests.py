"""Requests: held softly, decided along their route, committed, released (M-01, M-08; m2)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.mdf.domain.commands import (
    CloseRequest,
    EscalateRequest,
    FundCommand,
    RecallRequest,
    WithdrawRequest,
)
from services.mdf.domain.fund import FUND
from services.mdf.tests.books import (
    APPROVED,
    AT,
    after,
    allocate,
    claim,
    done,
    eligible,
    figures,
    pay,
    submit,
    vote,
    yuan,
)
from shared.contracts.mdf import MdfApproved, MdfRejected
from shared.kernel.approvals import Rule, Step
from shared.testing.given import Given

GIVEN = Given(FUND)
WITHDRAW = WithdrawRequest(request_id="r", at=AT)


def test_the_ledger_of_the_case() -> None:
    """M-01, row by row."""
    rows: list[tuple[FundCommand, tuple[int, ...]]] = [
        (allocate(), (100_000, 100_000, 0, 0, 0)),
        (submit(), (100_000, 70_000, 0, 30_000, 0)),
        (vote("manager"), (100_000, 70_000, 0, 30_000, 0)),
        (vote("marketing"), (100_000, 70_000, 30_000, 0, 0)),
        (submit("b", 20_000), (100_000, 50_000, 30_000, 20_000, 0)),
        (claim(), (100_000, 50_000, 30_000, 20_000, 0)),
        (eligible(), (100_000, 50_000, 30_000, 20_000, 0)),
        (pay(), (75_000, 50_000, 5_000, 20_000, 25_000)),
        (
            CloseRequest(request_id="r", reason="closed", at=AT),
            (75_000, 55_000, 0, 20_000, 25_000),
        ),
    ]
    for n, (_, expected) in enumerate(rows, start=1):
        assert figures(after(*(command for command, _ in rows[:n]))) == expected


def test_a_request_over_what_is_available_hears_how_much_that_is() -> None:
    """M-08."""
    facts = done(allocate(50_000), submit())
    GIVEN(*facts).when(submit("s")).refused("fund-insufficient")
    GIVEN(*facts).when(submit("s", 20_000)).then(*done(allocate(50_000), submit("s", 20_000))[1:])


def test_the_approval_says_by_which_rule_by_whom_and_until_when() -> None:
    approved = done(*APPROVED)[-1]
    assert isinstance(approved, MdfApproved)
    assert (approved.rule.id, approved.rule.version) == ("mdf", 1)
    assert approved.approved_by == ("the manager", "the marketing")
    assert approved.claim_until == date(2026, 5, 15)


def test_less_may_be_approved_and_the_difference_comes_back() -> None:
    """Ruling m2."""
    half = done(allocate(), submit(), vote("manager"))
    less = vote("marketing", amount=yuan(10_000))
    assert figures(after(allocate(), submit(), vote("manager"), less)) == (
        *(100_000, 90_000, 10_000),
        *(0, 0),
    )
    GIVEN(*half).when(vote("marketing", amount=yuan(30_001))).refused("request-approved-more")
    GIVEN(*half).when(vote("marketing", amount=yuan(0))).refused("request-approved-more")


@pytest.mark.parametrize("verdict", ["reject", "return"])
def test_a_no_gives_the_hold_back(verdict: str) -> None:
    fund = after(allocate(), submit(), vote("manager", verdict=verdict, reason="why"))
    assert figures(fund) == (100_000, 100_000, 0, 0, 0)


def test_what_was_returned_or_taken_back_may_be_asked_for_again() -> None:
    returned = done(allocate(), submit(), vote("manager", verdict="return"))
    assert (
        figures(FUND.fold([*returned, *FUND.decide(submit(), FUND.fold(returned))]))[3] == 30_000
    )
    rejected = done(allocate(), submit(), vote("manager", verdict="reject"))
    GIVEN(*rejected).when(submit()).refused("request-exists")
    GIVEN(*returned).when(submit(partner_id="p2")).refused("request-exists")


def test_it_is_withdrawn_or_recalled_as_long_as_it_is_not_decided() -> None:
    asked = done(allocate(), submit(), vote("manager"))
    gone = MdfRejected(request_id="r", fund_id="f", partner_id="p1", outcome="withdrawn")
    GIVEN(*asked).when(WITHDRAW).then(gone)
    recall = RecallRequest(request_id="r", by="p1", at=AT)
    back = MdfRejected(request_id="r", fund_id="f", partner_id="p1", outcome="recalled")
    GIVEN(*asked).when(recall).then(back)
    GIVEN(*asked).when(RecallRequest(request_id="r", by="x", at=AT)).refused("approval-not-yours")
    GIVEN(*done(*APPROVED)).when(WITHDRAW).refused("request-wrong-status")
    GIVEN(*done(*APPROVED)).when(recall).refused("request-wrong-status")


def test_nobody_votes_on_what_was_taken_back() -> None:
    gone = done(allocate(), submit(), vote("manager"), WITHDRAW)
    GIVEN(*gone).when(vote("marketing")).refused("request-wrong-status")


def test_nobody_approves_what_he_asked_for() -> None:
    """E12."""
    asked = done(allocate(), submit())
    GIVEN(*asked).when(vote("manager", by="p1")).refused("approval-self")


def test_a_rule_without_steps_approves_at_once() -> None:
    free = Rule(id="mdf", version=2, steps=())
    assert figures(after(allocate(), submit(rule=free))) == (100_000, 70_000, 30_000, 0, 0)


def test_a_step_that_times_out_goes_up_and_lapses_at_last() -> None:
    slow = Step(name="slow", seats=("role:manager",), hours=8, escalation=("role:director",))
    rule = Rule(id="mdf", version=2, steps=(slow,))
    eight, sixteen = AT + timedelta(hours=8), AT + timedelta(hours=16)
    first = EscalateRequest(request_id="r", step=0, rung=0, at=eight)
    asked = (allocate(), submit(rule=rule))
    GIVEN(*done(*asked)).when(EscalateRequest(request_id="r", step=0, rung=0, at=AT)).then()
    assert after(*asked, first, vote("director")).committed == yuan(30_000)
    GIVEN(*done(*asked, first)).when(first).then()
    last = EscalateRequest(request_id="r", step=0, rung=1, at=sixteen)
    lapsed = after(*asked, first, last)
    assert (lapsed.requests["r"].status, figures(lapsed)[1]) == ("lapsed", 100_000)


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"amount": yuan(0)}, "request-malformed"),
        ({"share": Decimal("1.01")}, "request-malformed"),
        ({"ends_on": date(2025, 12, 31)}, "request-malformed"),
        ({"ends_on": date(2026, 4, 1)}, "request-outside-fund"),
        ({"starts_on": date(2025, 12, 31)}, "request-outside-fund"),
    ],
)
def test_what_is_no_request_is_refused(more: dict[str, object], slug: str) -> None:
    GIVEN(*done(allocate())).when(submit(**more)).refused(slug)  # type: ignore[arg-type]


def test_a_fund_of_one_partner_is_no_other_ones() -> None:
    GIVEN(*done(allocate(partner_id="p2"))).when(submit()).refused("fund-not-found")


def test_it_is_not_closed_over_an_open_claim_and_not_cancelled_after_it_was_paid() -> None:
    close = CloseRequest(request_id="r", reason="closed", at=AT)
    cancel = CloseRequest(request_id="r", reason="cancelled", at=AT)
    claimed = (*APPROVED, claim())
    GIVEN(*done(*claimed)).when(close).refused("request-claim-open")
    GIVEN(*done(*claimed, eligible(), pay())).when(cancel).refused("request-paid")
    GIVEN(*done(*claimed, eligible(), pay(), close)).when(close).refused("request-wrong-status")
