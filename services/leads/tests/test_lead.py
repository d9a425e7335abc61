"""The life of a lead: offers one after the other, each answered in time or not at all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.leads.domain.commands import (
    AcceptLead,
    CloseLead,
    DeclineLead,
    OfferLead,
    OverflowLead,
    PickPartner,
    RecallLead,
    ReconsiderLead,
    RegisterLead,
    RetryLead,
    TimeOutOffer,
)
from services.leads.domain.events import (
    CompanyIntroduced,
    LeadEvent,
    LeadOverflowed,
    LeadRetried,
    OfferDropped,
    PartnerPicked,
    Sla,
)
from services.leads.domain.lead import LEAD
from services.leads.domain.names import Company
from services.leads.domain.rule import BY_HAND
from shared.contracts.leads import (
    Candidate,
    LeadAccepted,
    LeadAssigned,
    LeadClosed,
    LeadDeclined,
    LeadRegistered,
    LeadReleased,
    RuleVersion,
)
from shared.testing.given import Given

given = Given(LEAD)
NINE = datetime(2026, 1, 5, 1, tzinfo=UTC)
FOUR_HOURS = timedelta(hours=4)
RULE, SLA = RuleVersion(id="east", version=1), Sla(hours=4, working_hours=False)
REGISTER = RegisterLead(
    lead_id="L1", customer_id="C1", source="web", region="east", industry="steel", at=NINE
)
REGISTERED = LeadRegistered(
    lead_id="L1",
    customer_id="C1",
    source="web",
    region="east",
    industry="steel",
    captured_at=NINE,
)


def candidates(partner: str) -> tuple[Candidate, ...]:
    return (Candidate(partner_id=partner, score=Decimal(5)),)


def offer(n: int, partner: str, at: datetime = NINE, rule: RuleVersion = RULE) -> OfferLead:
    return OfferLead(
        offer=n,
        partner_id=partner,
        rule=rule,
        candidates=candidates(partner),
        accept_by=at + FOUR_HOURS,
        calendar=None,
        at=at,
    )


def assigned(n: int, partner: str, at: datetime = NINE, rule: RuleVersion = RULE) -> LeadAssigned:
    return LeadAssigned(
        lead_id="L1",
        partner_id=partner,
        customer_id="C1",
        region="east",
        industry="steel",
        rule=rule,
        candidates=candidates(partner),
        offer=n,
        accept_by=at + FOUR_HOURS,
    )


def released(n: int, partner: str, reason: str, note: str = "") -> LeadReleased:
    return LeadReleased(lead_id="L1", partner_id=partner, offer=n, reason=reason, note=note)


def accept(n: int, at: datetime, partner: str | None = None) -> AcceptLead:
    return AcceptLead(offer=n, partner_id=partner, at=at)


def accepted(n: int, partner: str) -> LeadAccepted:
    return LeadAccepted(lead_id="L1", partner_id=partner, customer_id="C1", offer=n)


def declined(n: int, partner: str) -> LeadDeclined:
    return LeadDeclined(lead_id="L1", partner_id=partner, offer=n, reason="busy")


def recall(at: datetime, n: int | None = None) -> RecallLead:
    return RecallLead(offer=n, reason="", at=at)


def close(partner: str | None = None) -> CloseLead:
    return CloseLead(partner_id=partner, outcome="won", reason="", at=NINE)


CLOSED = LeadClosed(lead_id="L1", customer_id="C1", outcome="won")
OVERFLOWED = LeadOverflowed(lead_id="L1", offer=1, reason="no-rule")
ONE_O_CLOCK = NINE + FOUR_HOURS
FIVE_PAST = ONE_O_CLOCK + timedelta(minutes=5)
HALF_PAST = ONE_O_CLOCK + timedelta(minutes=30)


def test_a_lead_is_registered_once() -> None:
    given().when(REGISTER).then(REGISTERED)
    given(REGISTERED).when(REGISTER).refused("lead-exists")


def test_a_company_comes_along() -> None:
    command = RegisterLead(
        lead_id="L1",
        customer_id="C1",
        company=Company("Initech"),
        source="web",
        region="east",
        industry="steel",
        at=NINE,
    )
    introduced = CompanyIntroduced(
        customer_id="C1", name="Initech", region="east", industry="steel"
    )
    given().when(command).then(REGISTERED, introduced)


def test_a_stale_acceptance_is_superseded() -> None:
    """L-03."""
    before = REGISTERED, assigned(1, "A")
    given(*before).when(recall(ONE_O_CLOCK)).then(released(1, "A", "recalled"))
    now = *before, released(1, "A", "recalled"), assigned(2, "B", ONE_O_CLOCK)
    given(*now).when(accept(1, FIVE_PAST, "A")).refused("offer-superseded")
    given(*now).when(accept(2, HALF_PAST, "B")).then(accepted(2, "B"))


def test_recall_and_time_out_at_one_instant_make_one_next_offer() -> None:
    now = (
        REGISTERED,
        assigned(1, "A"),
        released(1, "A", "timed-out"),
        assigned(2, "B", ONE_O_CLOCK),
    )
    given(*now).when(recall(ONE_O_CLOCK)).then()
    given(*now).when(recall(ONE_O_CLOCK, 1)).then()
    given(*now).when(recall(ONE_O_CLOCK, 2)).then(released(2, "B", "recalled"))
    given(*now).when(recall(FIVE_PAST)).then(released(2, "B", "recalled"))
    given(*now).when(recall(FIVE_PAST, 1)).refused("offer-superseded")
    given(*now).when(recall(FIVE_PAST, 3)).refused("offer-unknown")


def test_an_answer_at_the_deadline_is_late_even_before_the_time_out() -> None:
    now = REGISTERED, assigned(1, "A")
    almost = ONE_O_CLOCK - timedelta(microseconds=1)
    given(*now).when(accept(1, almost, "A")).then(accepted(1, "A"))
    given(*now).when(accept(1, ONE_O_CLOCK, "A")).refused("offer-expired")
    decline = DeclineLead(offer=1, partner_id="A", reason="busy", at=ONE_O_CLOCK)
    given(*now).when(decline).refused("offer-expired")


@pytest.mark.parametrize(
    ("end", "slug"),
    [
        (released(1, "A", "timed-out"), "offer-expired"),
        (released(1, "A", "recalled"), "offer-superseded"),
        (declined(1, "A"), "offer-declined"),
        (accepted(1, "A"), "offer-accepted"),
    ],
)
def test_an_offer_is_answered_once(end: LeadEvent, slug: str) -> None:
    given(REGISTERED, assigned(1, "A"), end).when(accept(1, NINE, "A")).refused(slug)


def test_a_partner_answers_its_own_offer_only() -> None:
    now = REGISTERED, assigned(1, "A"), declined(1, "A"), assigned(2, "B")
    given(*now).when(accept(2, NINE, "A")).refused("offer-unknown")
    given(*now).when(accept(3, NINE, "B")).refused("offer-unknown")
    given(*now).when(accept(2, NINE, "C")).refused("lead-not-found")
    given(*now).when(accept(2, NINE)).then(accepted(2, "B"))  # staff, on its behalf


def test_a_declined_offer_is_followed_by_the_next() -> None:
    decline = DeclineLead(offer=1, partner_id="A", reason="busy", at=NINE)
    given(REGISTERED, assigned(1, "A")).when(decline).then(declined(1, "A"))
    given(REGISTERED, assigned(1, "A"), declined(1, "A")).when(offer(2, "B")).then(
        assigned(2, "B")
    )


def test_silence_ends_an_offer_when_its_time_is_over() -> None:
    now = REGISTERED, assigned(1, "A")
    given(*now).when(TimeOutOffer(at=ONE_O_CLOCK)).then(released(1, "A", "timed-out"))
    given(*now).when(TimeOutOffer(at=NINE)).then()
    given(*now, accepted(1, "A")).when(TimeOutOffer(at=ONE_O_CLOCK)).then()


def test_an_offer_out_of_date_is_dropped_so_that_its_place_is_freed() -> None:
    dropped = OfferDropped(lead_id="L1", offer=1, rule=RULE)
    given(REGISTERED, CLOSED).when(offer(1, "A")).then(dropped)
    given(REGISTERED, assigned(1, "A")).when(offer(1, "B")).then(dropped)
    given(REGISTERED, CLOSED).when(offer(1, "A", rule=BY_HAND)).then()


def test_nobody_left_is_a_persons_business() -> None:
    overflow = OverflowLead(offer=1, reason="no-rule", at=NINE)
    given(REGISTERED).when(overflow).then(OVERFLOWED)
    given(REGISTERED, assigned(1, "A")).when(overflow).then()
    pick = PickPartner(partner_id="C", sla=SLA, at=NINE)
    picked = PartnerPicked(lead_id="L1", offer=1, partner_id="C", sla=SLA)
    given(REGISTERED, OVERFLOWED).when(pick).then(picked)
    given(REGISTERED, OVERFLOWED, picked).when(offer(1, "C", rule=BY_HAND)).then(
        assigned(1, "C", rule=BY_HAND)
    )
    given(REGISTERED, assigned(1, "A")).when(pick).refused("lead-wrong-status")


def test_an_overflowed_lead_can_be_tried_again() -> None:
    again = LeadRetried(lead_id="L1")
    given(REGISTERED, OVERFLOWED).when(RetryLead(at=NINE)).then(again)
    given(REGISTERED, OVERFLOWED).when(ReconsiderLead(at=NINE)).then(again)
    given(REGISTERED).when(ReconsiderLead(at=NINE)).then()
    given(REGISTERED).when(RetryLead(at=NINE)).refused("lead-wrong-status")


def test_a_closed_lead_is_released_first() -> None:
    now = REGISTERED, assigned(1, "A"), accepted(1, "A")
    given(*now).when(close()).then(released(1, "A", "closed"), CLOSED)
    given(*now).when(close("A")).then(released(1, "A", "closed"), CLOSED)
    given(REGISTERED).when(close()).then(CLOSED)
    given(REGISTERED, CLOSED).when(close()).refused("lead-wrong-status")


def test_a_partner_closes_only_what_it_has_accepted() -> None:
    given(REGISTERED, assigned(1, "A")).when(close("A")).refused("lead-wrong-status")
    given(REGISTERED, assigned(1, "A")).when(close("B")).refused("lead-not-found")


def test_what_is_not_offered_is_not_recalled() -> None:
    given(REGISTERED, assigned(1, "A"), accepted(1, "A")).when(recall(NINE)).refused(
        "lead-wrong-status"
    )


def test_an_unknown_lead_is_not_found_and_our_own_processes_do_nothing() -> None:
    given().when(accept(1, NINE)).refused("lead-not-found")
    given().when(recall(NINE)).refused("lead-not-found")
    given().when(offer(1, "A")).then()
