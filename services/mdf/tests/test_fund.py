"""The budget: allocated, adjusted, accrued, carried in and over, expired (M-03, M-06; m5, m7)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.mdf.domain.commands import (
    CarryIn,
    CloseRequest,
    ConvertFund,
    EndFund,
    PassDeadline,
    TakeAccrual,
    WithdrawRequest,
)
from services.mdf.domain.events import AccrualTaken, CarryOverReceived, FundEnded
from services.mdf.domain.fund import FUND
from services.mdf.tests.books import (
    APPROVED,
    AT,
    LATER,
    accrual,
    after,
    allocate,
    claim,
    done,
    eligible,
    figures,
    pay,
    submit,
    terms,
    vote,
    yuan,
)
from shared.contracts.mdf import MdfCarriedOver, MdfExpired, MdfFundAllocated
from shared.contracts.money import Money
from shared.testing.given import Given

GIVEN = Given(FUND)
ALLOCATED = MdfFundAllocated(
    fund_id="f", kind="discretionary", amount=yuan(100_000), terms=terms(), revision=1
)
ENDED = FundEnded(fund_id="f", reason="fund-end")
ACCRUED: dict[str, Any] = {"partner_id": "p1", "terms": terms(accrual=accrual())}
CUT_OFF = datetime(2026, 1, 10, 16, tzinfo=UTC)


def test_is_allocated_and_adjusted_to_a_new_whole() -> None:
    GIVEN().when(allocate()).then(ALLOCATED)
    GIVEN(ALLOCATED).when(allocate()).then()
    more = MdfFundAllocated(
        fund_id="f",
        kind="discretionary",
        amount=yuan(120_000),
        terms=terms(),
        revision=2,
        reason="adjusted",
    )
    GIVEN(ALLOCATED).when(allocate(120_000)).then(more)


def test_is_never_adjusted_below_what_is_promised() -> None:
    GIVEN(*done(*APPROVED)).when(allocate(29_999)).refused("fund-insufficient")
    assert after(*APPROVED, allocate(30_000)).available == yuan(0)


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"terms": terms(ends_on=date(2026, 6, 30))}, "fund-exists"),
        ({"partner_id": "p1"}, "fund-exists"),
        ({"amount": Money(yuan(1).amount, "USD")}, "fund-exists"),
    ],
)
def test_keeps_its_terms(more: dict[str, Any], slug: str) -> None:
    GIVEN(ALLOCATED).when(allocate(**more)).refused(slug)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": yuan(-1)},
        {"terms": terms(ends_on=date(2025, 12, 31))},
        {"terms": terms(carry_over=2)},
        {"terms": terms(successor="f")},
        {"terms": terms(accrual=accrual())},
        {**ACCRUED, "amount": yuan(1)},
        {**ACCRUED, "amount": yuan(0), "terms": terms(accrual=accrual(rate=2))},
    ],
)
def test_what_is_no_fund_is_refused(wrong: dict[str, Any]) -> None:
    GIVEN().when(allocate(**wrong)).refused("fund-malformed")


def test_carries_a_part_over_and_lets_the_rest_expire() -> None:
    """M-03: min(available, 20 % of the own allocation)."""
    history = done(allocate(terms=terms(successor="g")))
    carried = MdfCarriedOver(fund_id="f", amount=yuan(20_000), to_fund_id="g")
    expired = MdfExpired(fund_id="f", amount=yuan(80_000), reason="fund-end")
    GIVEN(*history).when(EndFund(at=LATER)).then(ENDED, carried, expired)
    GIVEN(*history).when(EndFund(at=AT)).then()  # not yet
    GIVEN(*history, ENDED, carried, expired).when(EndFund(at=LATER)).then()


def test_what_was_carried_in_is_not_carried_again() -> None:
    came = CarryIn(fund_id="f", from_fund_id="e", amount=yuan(50_000), at=AT)
    told = CarryOverReceived(fund_id="f", from_fund_id="e", amount=yuan(50_000))
    GIVEN().when(came).then(told)  # before the fund itself
    GIVEN(told).when(came).then()
    fund = after(came, allocate(), EndFund(at=LATER))
    assert (int(fund.transferred), int(fund.expired)) == (20_000, 130_000)


def test_what_is_released_after_the_end_expires_at_once() -> None:
    ended = (*APPROVED, EndFund(at=LATER))
    assert figures(after(*ended)) == (30_000, 0, 30_000, 0, 0)
    closed = after(*ended, CloseRequest(request_id="r", reason="closed", at=LATER))
    assert figures(closed) == (0, 0, 0, 0, 0)
    waiting = (allocate(), submit(), EndFund(at=LATER))
    taken_back = after(*waiting, WithdrawRequest(request_id="r", at=LATER))
    assert figures(taken_back) == (0, 0, 0, 0, 0)


def test_what_was_asked_for_before_the_end_may_still_be_decided() -> None:
    ended = (allocate(), submit(), EndFund(at=LATER))
    decided = after(*ended, vote("manager"), vote("marketing"), claim(), eligible(), pay())
    assert figures(decided) == (5_000, 0, 5_000, 0, 25_000)
    GIVEN(*done(*ended)).when(submit("s")).refused("fund-ended")


def test_accrues_what_the_rate_makes_of_what_was_collected() -> None:
    """M-06; an older version of the accrual means nothing."""
    opened = done(allocate(0, **ACCRUED))
    took = TakeAccrual(net=yuan(1_250_000), accrual_version=4, at=AT)
    taken = AccrualTaken(fund_id="f", net=yuan(1_250_000), accrual_version=4, cut_off=CUT_OFF)
    told = opened[0]
    assert isinstance(told, MdfFundAllocated)
    more = MdfFundAllocated(
        fund_id="f",
        partner_id="p1",
        kind="accrued",
        amount=yuan(25_000),
        terms=told.terms,
        revision=2,
        reason="accrued",
    )
    GIVEN(*opened).when(took).then(taken, more)
    GIVEN(*opened, taken, more).when(took).then()
    later = TakeAccrual(net=yuan(1_250_000), accrual_version=5, at=AT)
    GIVEN(*opened, taken, more).when(later).then(replace(taken, accrual_version=5, cut_off=None))
    GIVEN(*opened).when(allocate(5, **ACCRUED)).refused("fund-accrued")
    GIVEN(ALLOCATED).when(took).then()


def test_below_zero_nothing_is_promised_and_what_is_approved_is_paid() -> None:
    """Ruling m7."""
    first = TakeAccrual(net=yuan(2_500_000), accrual_version=1, at=AT)
    asked = (allocate(0, **ACCRUED), first, submit(), submit("s", 20_000))
    history = (*asked, vote("manager"), vote("marketing"), claim(), eligible())
    less = TakeAccrual(net=yuan(1_000_000), accrual_version=2, at=AT)
    fund = after(*history, less)
    assert figures(fund) == (20_000, -30_000, 30_000, 20_000, 0)
    facts = done(*history, less)
    GIVEN(*facts).when(submit("t", 1)).refused("fund-insufficient")
    half = done(*history, less, vote("manager", "s"))
    GIVEN(*half).when(vote("marketing", "s")).refused("fund-insufficient")
    assert after(*history, less, pay()).paid == yuan(25_000)


def test_below_its_minimum_at_the_cut_off_it_is_a_rebate() -> None:
    some = TakeAccrual(net=yuan(49_999), accrual_version=1, at=AT)
    history = done(allocate(0, **ACCRUED), some)
    convert = ConvertFund(at=CUT_OFF)
    gone = MdfExpired(fund_id="f", partner_id="p1", amount=yuan("999.98"), reason="below-minimum")
    GIVEN(*history).when(ConvertFund(at=AT)).then()
    GIVEN(*done(allocate(0, **ACCRUED))).when(convert).then()  # it does not know its money yet
    GIVEN(*history).when(convert).then(FundEnded(fund_id="f", reason="below-minimum"), gone)
    enough = TakeAccrual(net=yuan(50_000), accrual_version=1, at=AT)
    GIVEN(*done(allocate(0, **ACCRUED), enough)).when(convert).then()


def test_nothing_is_known_of_a_fund_that_was_not_allocated() -> None:
    GIVEN().when(submit()).refused("fund-not-found")
    GIVEN().when(PassDeadline(request_id="r", at=AT)).then()
    GIVEN().when(EndFund(at=AT)).then()
