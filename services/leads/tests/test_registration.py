"""L-05: the life of a registration."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.leads.domain.deals import protection
from services.leads.domain.deals.commands import (
    AnnounceExpiry,
    ApproveRegistration,
    CompleteRegistration,
    DecideExtension,
    DropDeal,
    EndProtection,
    HoldDeal,
    MatchCustomer,
    OpenRegistration,
    ProtectDeal,
    RejectRegistration,
    RequestExtension,
    WithdrawRegistration,
)
from services.leads.domain.deals.events import (
    Details,
    ExtensionRefused,
    ExtensionRequested,
    Proof,
    RegistrationApproved,
    RegistrationCompleted,
    RegistrationDetailed,
    RegistrationEvent,
    RegistrationHeld,
    RegistrationMatched,
    RegistrationOpened,
    RegistrationVoted,
    RegistrationWithdrawn,
)
from services.leads.domain.deals.registration import REGISTRATION
from services.leads.domain.deals.reviewing import DEFAULT_RULE
from shared.contracts.approvals import ApprovalRuleVersion, Ballot, Route, RouteStep
from shared.contracts.leads import (
    DealExpiryAnnounced,
    DealExtended,
    DealProtectionEnded,
    DealRegistered,
    RegistrationRejected,
)
from shared.testing.given import Given

given = Given(REGISTRATION)
JANUARY = datetime(2025, 1, 10, 2, tzinfo=UTC)
APPROVED_AT = datetime(2025, 1, 12, 7, tzinfo=UTC)
APRIL = datetime(2025, 4, 11, 16, tzinfo=UTC)  # 12 April 00:00 in Shanghai
MAY = datetime(2025, 5, 11, 16, tzinfo=UTC)
DETAILS = Details(name="示例", product_line="pumps", region="east")
WHO = {"registration_id": "r-1", "partner_id": "P1"}
SEATS = ("role:manager", "role:director", "role:operations")
ROUTE = Route(
    rule=ApprovalRuleVersion(id="registration", version=0),
    requester="P1",
    began_at=JANUARY,
    steps=(RouteStep(name="channel-manager", mode="any", seats=SEATS),),
)
OPENED = RegistrationOpened(registration_id="r-1", partner_id="P1", details=DETAILS)
COMPLETED = RegistrationCompleted(
    registration_id="r-1", partner_id="P1", completed_at=JANUARY, route=ROUTE
)
MATCHED = RegistrationMatched(
    registration_id="r-1", partner_id="P1", customer_id="c-1", score=Decimal(1), matching=1
)
BALLOT = Ballot(step=0, by="mia", verdict="approve", seats=("role:manager",), at=APPROVED_AT)
VOTED = RegistrationVoted(registration_id="r-1", partner_id="P1", ballot=BALLOT)
APPROVED = RegistrationApproved(registration_id="r-1", partner_id="P1", approved_by="mia")
HELD = RegistrationHeld(registration_id="r-1", partner_id="P1")
DEAL = DealRegistered(
    registration_id="r-1",
    partner_id="P1",
    customer_id="c-1",
    product_line="pumps",
    region="east",
    protected_from=APPROVED_AT,
    protected_until=APRIL,
)
REVIEW: tuple[RegistrationEvent, ...] = (OPENED, COMPLETED, MATCHED)
PROTECTED: tuple[RegistrationEvent, ...] = (*REVIEW, VOTED, APPROVED, DEAL)
VISIT = Proof(kind="visit", happened_at=APPROVED_AT + timedelta(days=9))
ASKED = ExtensionRequested(registration_id="r-1", partner_id="P1", evidence=(VISIT,))


def open_(details: Details = DETAILS, draft: bool = False) -> OpenRegistration:
    return OpenRegistration(
        registration_id="r-1",
        partner_id="P1",
        details=details,
        draft=draft,
        found=DEFAULT_RULE,
        at=JANUARY,
    )


def approve(role: str = "manager") -> ApproveRegistration:
    return ApproveRegistration(by="mia", roles=(role,), at=APPROVED_AT)


def reject(role: str = "manager") -> RejectRegistration:
    return RejectRegistration(by="mia", roles=(role,), reason="no budget", at=APPROVED_AT)


def rejected(reason: str, customer_id: str | None = "c-1") -> RegistrationRejected:
    return RegistrationRejected(
        registration_id="r-1",
        partner_id="P1",
        customer_id=customer_id,
        product_line="pumps",
        region="east",
        reason=reason,
    )


def ended(reason: str, at: datetime) -> DealProtectionEnded:
    return DealProtectionEnded(
        registration_id="r-1",
        partner_id="P1",
        customer_id="c-1",
        product_line="pumps",
        region="east",
        ended_at=at,
        free_from=at + timedelta(days=30),
        reason=reason,
    )


def extended(number: int, until: datetime) -> DealExtended:
    return DealExtended(
        registration_id="r-1",
        partner_id="P1",
        customer_id="c-1",
        number=number,
        protected_until=until,
    )


def extend(at: datetime, *, granted: bool = False, proof: Proof = VISIT) -> RequestExtension:
    return RequestExtension(evidence=(proof,), granted=granted, at=at)


def test_the_last_required_piece_completes_it() -> None:
    given().when(open_()).then(OPENED, COMPLETED)
    less = Details(name="示例", product_line="pumps")
    opened = RegistrationOpened(registration_id="r-1", partner_id="P1", details=less)
    given().when(open_(less)).then(opened)
    more = CompleteRegistration(details=Details(region="east"), found=DEFAULT_RULE, at=JANUARY)
    whole = RegistrationDetailed(registration_id="r-1", partner_id="P1", details=DETAILS)
    given(opened).when(more).then(whole, COMPLETED)
    given(opened).when(approve()).refused("registration-incomplete")
    given(*REVIEW).when(more).refused("registration-wrong-status")
    given(OPENED).when(open_()).refused("registration-exists")


def test_a_draft_is_complete_when_somebody_says_so() -> None:
    given().when(open_(draft=True)).then(OPENED)
    nothing = CompleteRegistration(details=Details(), found=DEFAULT_RULE, at=JANUARY)
    whole = RegistrationDetailed(registration_id="r-1", partner_id="P1", details=DETAILS)
    given(OPENED).when(nothing).then(whole, COMPLETED)


def test_a_customer_named_anew_is_another_one() -> None:
    other = CompleteRegistration(
        details=Details(customer_id="c-7"), draft=True, found=DEFAULT_RULE, at=JANUARY
    )
    details = Details(customer_id="c-7", product_line="pumps", region="east")
    whole = RegistrationDetailed(registration_id="r-1", partner_id="P1", details=details)
    given(OPENED).when(other).then(whole)


def test_it_is_approved_by_whom_the_rule_asks() -> None:
    given(*REVIEW).when(approve()).then(VOTED, APPROVED)
    given(*REVIEW).when(approve("sales")).refused("approval-not-asked")
    no = Ballot(
        step=0,
        by="mia",
        verdict="reject",
        seats=("role:manager",),
        reason="no budget",
        at=APPROVED_AT,
    )
    voted = RegistrationVoted(registration_id="r-1", partner_id="P1", ballot=no)
    given(*REVIEW).when(reject()).then(voted, rejected("no budget"))
    given(OPENED).when(reject()).then(rejected("no budget", None))
    given(OPENED).when(reject("sales")).refused("role-insufficient")


def test_its_scope_holds_it_refuses_it_or_lets_it_come_into_force() -> None:
    approved = (*REVIEW, VOTED, APPROVED)
    given(*approved).when(HoldDeal(at=APPROVED_AT)).then(HELD)
    given(*approved).when(ProtectDeal(at=APPROVED_AT)).then(DEAL)
    given(*approved, HELD).when(ProtectDeal(at=APPROVED_AT)).then(DEAL)
    drop = DropDeal(reason="scope-taken", at=APPROVED_AT)
    given(*approved, HELD).when(drop).then(rejected("scope-taken"))
    given(*REVIEW).when(drop).then(rejected("scope-taken"))


def test_what_its_scope_says_too_late_comes_to_nothing() -> None:
    gone = RegistrationWithdrawn(registration_id="r-1", partner_id="P1")
    history = (*REVIEW, VOTED, APPROVED, gone)
    for command in (
        HoldDeal(at=APPROVED_AT),
        ProtectDeal(at=APPROVED_AT),
        DropDeal(reason="scope-taken", at=APPROVED_AT),
        EndProtection(at=APRIL),
        AnnounceExpiry(days=7, at=APRIL),
    ):
        given(*history).when(command).then()
    match_ = MatchCustomer(customer_id="c-2", score=Decimal(1), at=APPROVED_AT)
    given(*REVIEW).when(match_).then()


def test_it_ends_when_its_days_are_over() -> None:
    given(*PROTECTED).when(EndProtection(at=APRIL)).then(ended("expired", APRIL))
    given(*PROTECTED).when(EndProtection(at=APRIL - timedelta(microseconds=1))).then()
    gone = WithdrawRegistration(at=APPROVED_AT)
    given(*PROTECTED).when(gone).then(ended("withdrawn", APPROVED_AT))


def test_an_extension_waits_for_its_decision_and_keeps_the_protection() -> None:
    last = APRIL - timedelta(microseconds=1)
    given(*PROTECTED).when(extend(last)).then(ASKED)
    given(*PROTECTED).when(extend(last, granted=True)).then(ASKED, extended(1, MAY))
    waiting = (*PROTECTED, ASKED)
    given(*waiting).when(EndProtection(at=APRIL)).then()
    given(*waiting).when(extend(last)).refused("extension-pending")
    late = APRIL + timedelta(days=3)
    given(*waiting).when(DecideExtension(granted=True, at=late)).then(extended(1, MAY))
    no = ExtensionRefused(
        registration_id="r-1", partner_id="P1", reason="no", protected_until=APRIL
    )
    refuse = DecideExtension(granted=False, reason="no", at=late)
    given(*waiting).when(refuse).then(no, ended("expired", late))
    early = DecideExtension(granted=False, reason="no", at=last)
    given(*waiting).when(early).then(no)
    given(*PROTECTED).when(early).refused("extension-unasked")


def test_an_extension_is_refused_late_unproved_and_a_third_time() -> None:
    given(*PROTECTED).when(extend(APRIL)).refused("extension-late")
    before = Proof(kind="visit", happened_at=APPROVED_AT - timedelta(microseconds=1))
    given(*PROTECTED).when(extend(APRIL - timedelta(days=1), proof=before)).refused(
        "extension-unproved"
    )
    ahead = Proof(kind="visit", happened_at=APRIL)
    given(*PROTECTED).when(extend(APRIL - timedelta(days=1), proof=ahead)).refused(
        "extension-unproved"
    )
    twice = (*PROTECTED, ASKED, extended(1, MAY), ASKED, extended(2, MAY + timedelta(days=30)))
    given(*twice).when(extend(MAY)).refused("extension-exhausted")


@pytest.mark.parametrize("days", [14, 7, 1])
def test_its_end_is_announced_once(days: int) -> None:
    due = APRIL - timedelta(days=days)
    told = DealExpiryAnnounced(
        registration_id="r-1",
        partner_id="P1",
        customer_id="c-1",
        days=days,
        protected_until=APRIL,
    )
    command = AnnounceExpiry(days=days, at=due)
    given(*PROTECTED).when(command).then(told)
    given(*PROTECTED, told).when(command).then()
    given(*PROTECTED, extended(1, MAY)).when(command).then()


def test_days_are_those_of_the_business() -> None:
    late = datetime(2025, 1, 12, 15, 59, tzinfo=UTC)
    assert protection.until(late) == APRIL
    assert protection.until(late + timedelta(minutes=1)) == APRIL + timedelta(days=1)
    assert protection.extended(APRIL) == MAY
