"""Claims against the budget: in time, up to the share and the rest, paid once (M-02, M-04)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.mdf.domain.commands import FundCommand, PassDeadline, RejectClaim
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
from shared.contracts.mdf import MdfReleased
from shared.testing.given import Given

GIVEN = Given(FUND)
DEADLINE = datetime(2026, 5, 15, 16, tzinfo=UTC)  # 16 May, 00:00 in Shanghai
PASSED = PassDeadline(request_id="r", at=DEADLINE)


@pytest.mark.parametrize(("cost", "approved"), [(48_000, 20_000), (36_000, 18_000)])
def test_the_share_of_what_is_eligible_up_to_what_was_approved(cost: int, approved: int) -> None:
    """M-02."""
    half = submit(amount=20_000, share=Decimal("0.5"))
    history = (allocate(), half, vote("manager"), vote("marketing"))
    fund = after(*history, claim(amount=54_000), eligible(cost))
    assert fund.requests["r"].claims["c"].amount == yuan(approved)


def test_a_second_claim_takes_what_the_first_one_left() -> None:
    history = (*APPROVED, claim("c", 20_000), claim("d", 20_000), eligible(20_000, "c"))
    fund = after(*history, eligible(20_000, "d"))
    assert fund.requests["r"].claims["d"].amount == yuan(10_000)
    third = (*history, eligible(20_000, "d"), claim("e", 1), eligible(1, "e"))
    assert after(*third).requests["r"].claims["e"].status == "rejected"


def test_nothing_eligible_is_a_rejection_with_its_reason() -> None:
    rejected = done(*APPROVED, claim(), eligible(0))[-1]
    assert getattr(rejected, "reason", None) == "nothing-eligible"


def test_it_is_paid_once_and_only_when_it_was_approved() -> None:
    GIVEN(*done(*APPROVED, claim())).when(pay()).refused("claim-wrong-status")
    paid = done(*APPROVED, claim(), eligible(), pay())
    GIVEN(*paid).when(pay()).refused("claim-wrong-status")
    GIVEN(*paid).when(eligible()).refused("claim-wrong-status")
    reject = RejectClaim(claim_id="c", request_id="r", reason="", at=AT)
    GIVEN(*paid).when(reject).refused("claim-wrong-status")


def test_it_is_paid_on_the_day_it_is_asked_for_unless_one_is_named() -> None:
    """Midnight of 8 January in Shanghai; the day is no part of what was asked."""
    late = datetime(2026, 1, 7, 16, 0, tzinfo=UTC)
    paid = done(*APPROVED, claim(), eligible(), pay(paid_on=None, at=late))[-1]
    assert getattr(paid, "paid_on", None) == date(2026, 1, 8)


def test_no_more_is_eligible_than_was_claimed() -> None:
    GIVEN(*done(*APPROVED, claim())).when(eligible(27_501)).refused("claim-eligible-more")


def test_only_what_is_approved_is_claimed_and_every_claim_once() -> None:
    GIVEN(*done(allocate(), submit())).when(claim()).refused("request-wrong-status")
    GIVEN(*done(*APPROVED, claim())).when(claim()).refused("claim-exists")
    GIVEN(*done(*APPROVED)).when(claim(amount=0)).refused("claim-malformed")


def test_the_last_day_counts_and_the_next_one_does_not() -> None:
    """M-04."""
    in_time = claim(at=DEADLINE - timedelta(microseconds=1))
    assert after(*APPROVED, in_time).requests["r"].claims
    GIVEN(*done(*APPROVED)).when(claim(at=DEADLINE)).refused("claim-late")


def test_after_the_deadline_the_unclaimed_rest_is_released() -> None:
    """Ruling m6: claims received in time stay, and what they leave comes back at once."""
    release: dict[str, Any] = {
        "request_id": "r",
        "fund_id": "f",
        "partner_id": "p1",
        "reason": "claim-deadline",
    }
    rest = MdfReleased(**release, amount=yuan(2_500), closes=False)
    whole = MdfReleased(**release, amount=yuan(30_000), closes=True)
    GIVEN(*done(*APPROVED)).when(PASSED).then(whole)
    GIVEN(*done(*APPROVED, claim())).when(PASSED).then(rest)
    late = (*APPROVED, claim(), PASSED)
    GIVEN(*done(*late)).when(PASSED).then()
    approved = after(*late, eligible(25_000, at=DEADLINE))
    assert figures(approved) == (100_000, 75_000, 25_000, 0, 0)
    paid = after(*late, eligible(25_000, at=DEADLINE), pay(at=DEADLINE))
    assert (paid.requests["r"].status, figures(paid)) == (
        "closed",
        (75_000, 75_000, 0, 0, 25_000),
    )
    GIVEN(*done(*APPROVED)).when(PassDeadline(request_id="r", at=AT)).then()


def test_what_ends_together_is_released_in_one_order_in_every_process() -> None:
    """A map's own order changes with the seed of the hashes, and so would the facts' ids."""
    names = [f"r{number}" for number in range(8)]
    history: list[FundCommand] = [allocate(1_000_000)]
    for name in names:
        history += [submit(name), vote("manager", name), vote("marketing", name)]
    released = FUND.decide(PASSED, after(*history))
    assert [getattr(one, "request_id", "") for one in released] == names
