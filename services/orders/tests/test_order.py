"""The life of an order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.orders.domain.approval.events import (
    ApprovalGranted,
    OrderRouted,
    VoteKept,
)
from services.orders.domain.commands import (
    CancelOrder,
    ConfirmOrder,
    HoldOrder,
    LineWanted,
    OrderCommand,
    RecordHistory,
    ReleaseOrder,
    ReopenOrder,
    ShipOrder,
)
from services.orders.domain.events import (
    DisputeFlagged,
    OrderEvent,
    ReleaseRequested,
)
from services.orders.domain.order import ORDER
from services.orders.domain.statements import approved, cancelled, reopened, shipped, submitted
from services.orders.tests.ballots import ASK, DIRECTORS, WHO, ballot, vote
from services.orders.tests.samples import LATER, NOW, P1, cny, line, submission
from shared.contracts.orders import (
    OrderHeld,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
)
from shared.testing.given import Given

given = Given(ORDER)
SUBMIT = submission(line(2, "33.333", "B", "0.13"), line(1, "100.00", "A"))
SUBMITTED = submitted(SUBMIT)
HELD = OrderHeld(**WHO, reasons=("credit",))
FOR_DIRECTOR = OrderHeld(**WHO, reasons=("director-approval",))
IMPORTED = OrderHeld(**WHO, reasons=("imported",))
APPROVED = approved(SUBMITTED, "credit-check", 1)
CANCELLED = cancelled(SUBMITTED, "no more", 2)
REOPENED = reopened(SUBMITTED, 3)
SHIPPED = shipped(SUBMITTED, date(2026, 1, 6))
CONFIRM, HOLD = ConfirmOrder(round=0, at=NOW), HoldOrder(round=0, reasons=("credit",), at=NOW)
APPROVE, SHIP = vote("dora", "director"), ShipOrder(at=LATER)
VOTED = ballot("dora", "director")
CANCEL, REOPEN = CancelOrder(reason="no more", at=NOW), ReopenOrder(at=NOW)
RELEASE = ReleaseOrder(by="olga", at=NOW)


def test_g5_lines_are_rounded_each_and_taxed_on_the_rounded_net() -> None:
    first, second = SUBMITTED.lines
    assert (first.line, first.net, first.amount) == (1, cny("100.00"), cny("100.00"))
    assert (second.net, second.amount) == (cny("33.33"), cny("37.66"))
    assert (SUBMITTED.net, SUBMITTED.total) == (cny("133.33"), cny("137.66"))
    assert SUBMITTED.ordered_on == date(2026, 1, 5)


def test_an_order_is_submitted_once() -> None:
    given().when(SUBMIT).then(SUBMITTED)
    given(SUBMITTED).when(SUBMIT).refused("order-already-submitted")


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (line(1, "1"), line(1, "2")),
        (line(1, "-1"),),
        (line(1, "1", rate="-0.01"),),
        (line(1, "1", rate="1.01"),),
        (line(1, "999999999999999999"), line(2, "1")),
    ],
)
def test_what_is_no_order_is_refused(lines: tuple[LineWanted, ...]) -> None:
    command = submission(line(1, "1"))
    broken = submission(**{"lines": lines}) if lines else submission(at=NOW)
    if not lines:
        broken = type(command)(order_id="o1", partner_id=P1, region="e", lines=(), at=NOW)
    given().when(broken).refused("order-malformed")


def test_the_confirmation_of_a_submitted_order_is_its_approval() -> None:
    given(SUBMITTED).when(CONFIRM).then(APPROVED)


def test_the_confirmation_of_a_held_order_is_its_release_and_approval() -> None:
    released = OrderReleased(**WHO, reason="credit")
    given(SUBMITTED, HELD).when(CONFIRM).then(released, APPROVED)


def test_an_order_is_held_again_only_when_the_reasons_change() -> None:
    given(SUBMITTED).when(HOLD).then(HELD)
    given(SUBMITTED, HELD).when(HOLD).then()
    given(SUBMITTED, FOR_DIRECTOR).when(HOLD).then(HELD)


def test_the_directors_yes_names_him_in_the_approval() -> None:
    granted = ApprovalGranted(**WHO, by="dora")
    given(SUBMITTED, FOR_DIRECTOR).when(APPROVE).then(VOTED, granted)
    given(SUBMITTED, FOR_DIRECTOR, VOTED, granted).when(CONFIRM).then(
        OrderReleased(**WHO, reason="director-approval"), approved(SUBMITTED, "dora", 1)
    )
    given(SUBMITTED, FOR_DIRECTOR, VOTED, granted).when(APPROVE).refused("order-wrong-status")


def test_the_yes_of_an_order_of_old_stands() -> None:
    """Before routes were stored the grant followed the hold at once."""
    granted = ApprovalGranted(**WHO, by="dora")
    given(SUBMITTED, FOR_DIRECTOR, granted).when(CONFIRM).then(
        OrderReleased(**WHO, reason="director-approval"), approved(SUBMITTED, "dora", 1)
    )
    given(SUBMITTED, FOR_DIRECTOR, granted).when(APPROVE).refused("order-wrong-status")
    given(SUBMITTED, granted, HELD).when(APPROVE).refused("order-wrong-status")


def test_the_director_may_say_yes_before_he_was_asked() -> None:
    kept = VoteKept(**WHO, vote=APPROVE.vote)
    given(SUBMITTED).when(APPROVE).then(kept)
    given(SUBMITTED, kept).when(APPROVE).then()
    routed = OrderRouted(**WHO, route=DIRECTORS, due=None)
    granted = ApprovalGranted(**WHO, by="dora")
    asked = replace(FOR_DIRECTOR, route=DIRECTORS)
    given(SUBMITTED, kept).when(ASK).then(routed, asked, VOTED, granted)
    given(SUBMITTED, kept).when(CONFIRM).then(APPROVED)  # nobody had to be asked


def test_nobody_approves_what_is_held_for_credit() -> None:
    given(SUBMITTED, HELD).when(APPROVE).refused("order-wrong-status")


def test_only_the_director_rejects_what_waits_for_him() -> None:
    rejected = OrderRejected(**WHO, reason="no")
    by_manager = vote("mia", "manager", "reject", "no")
    by_director = vote("dora", "director", "reject", "no")
    given(SUBMITTED, FOR_DIRECTOR).when(by_manager).refused("order-needs-director")
    said = ballot("dora", "director", "reject", "no")
    given(SUBMITTED, FOR_DIRECTOR).when(by_director).then(said, rejected)
    given(SUBMITTED, HELD).when(by_manager).then(rejected)
    for story in ((SUBMITTED,), (SUBMITTED, HELD)):
        by_sales = vote("sam", "sales", "reject", "no")
        given(*story).when(by_sales).refused("role-insufficient")
    given(SUBMITTED, HELD, rejected).when(REOPEN).refused("order-wrong-status")


def test_above_the_band_only_the_director_rejects_also_before_the_account_asked() -> None:
    big = submitted(submission(line(1, "500000.01")))
    given(big).when(vote("mia", "manager", "reject", "no")).refused("order-needs-director")


def test_a_cancelled_order_is_reopened_and_decided_anew() -> None:
    again = ConfirmOrder(round=3, at=NOW)
    given(SUBMITTED, APPROVED).when(CANCEL).then(CANCELLED)
    given(SUBMITTED, APPROVED, CANCELLED).when(REOPEN).then(REOPENED)
    story = (SUBMITTED, APPROVED, CANCELLED, REOPENED)
    given(*story).when(again).then(approved(SUBMITTED, "credit-check", 4))


def test_an_answer_of_the_account_from_another_round_means_nothing() -> None:
    given(SUBMITTED, APPROVED, CANCELLED, REOPENED).when(CONFIRM).then()
    given(SUBMITTED, APPROVED, CANCELLED, REOPENED).when(HOLD).then()
    given(SUBMITTED, APPROVED, CANCELLED).when(CONFIRM).then()
    given().when(CONFIRM).then()


def test_an_approved_order_is_shipped_once_and_then_stands() -> None:
    given(SUBMITTED, APPROVED).when(SHIP).then(SHIPPED)
    for command in (SHIP, CANCEL, APPROVE, vote("dora", "director", "reject")):
        given(SUBMITTED, APPROVED, SHIPPED).when(command).refused("order-wrong-status")
    given(SUBMITTED, HELD).when(SHIP).refused("order-wrong-status")


def test_a_person_releases_only_what_a_person_holds() -> None:
    asked = submitted(SUBMIT, "held")
    requested = ReleaseRequested(**WHO, reason="imported", by="olga")
    given(asked, IMPORTED).when(RELEASE).then(requested)
    given(SUBMITTED, HELD).when(RELEASE).refused("order-wrong-status")


@pytest.mark.parametrize("command", [APPROVE, CANCEL, REOPEN, SHIP, RELEASE])
def test_nothing_happens_to_an_order_that_is_not_there(command: OrderCommand) -> None:
    given().when(command).refused("order-not-found")


def history(status: Any) -> tuple[OrderSubmitted, RecordHistory]:
    command = RecordHistory(
        order=SUBMIT, status=status, shipped_on=SHIPPED.shipped_on, reason="no more", at=NOW
    )
    return submitted(SUBMIT, status), command


@pytest.mark.parametrize(
    ("status", "follows"),
    [
        ("approved", []),
        ("shipped", [SHIPPED]),
        ("cancelled", [CANCELLED]),
        ("disputed", [SHIPPED, DisputeFlagged(**WHO, reason="no more")]),
    ],
)
def test_history_is_approved_on_its_date_with_what_became_of_it(
    status: str, follows: list[OrderEvent]
) -> None:
    asked, command = history(status)
    given().when(command).then(asked, approved(asked, "import", 1), *follows)


def test_a_hold_is_history_too() -> None:
    asked, command = history("held")
    given().when(command).then(asked, IMPORTED)


def test_a_quantity_is_above_zero() -> None:
    none = LineWanted(
        line=1,
        sku="s",
        product_line="A",
        quantity=Decimal(0),
        unit_price=cny(1),
        tax_rate=Decimal(0),
    )
    given().when(submission(none)).refused("order-malformed")
