"""Approvals as data: the rule makes a route, people vote along it, and it always ends."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.approvals import Escalation, Route
from shared.contracts.money import Money
from shared.kernel.approvals import (
    Approval,
    Band,
    CallBack,
    Condition,
    Delegation,
    Rule,
    Step,
    Subject,
    TimeOut,
    Vote,
    begin,
    checked,
    decide,
    evolve,
    route,
)
from shared.kernel.errors import Refused

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
HALF_A_MILLION = Money(Decimal(500_000), "CNY")
BOTH = Step(name="both", seats=("role:manager", "role:marketing"))
DIRECTOR = Step(
    name="director", seats=("role:director",), bands=(Band(op=">", amount=HALF_A_MILLION),)
)
ROLES = ("manager", "marketing", "finance", "director")


def asked(amount: str = "1", requester: str = "asker", **fields: str) -> Subject:
    return Subject(requester=requester, amount=Money(Decimal(amount), "CNY"), fields=fields)


def way(*steps: Step, subject: Subject | None = None) -> Route:
    rule = checked(Rule(id="r", version=3, steps=steps))
    return route(rule, subject or asked(), AT)


def vote(by: str, *roles: str, verdict: str = "approve", **more: object) -> Vote:
    told = {"by": by, "roles": roles, "verdict": verdict, "at": AT, **more}
    return Vote(**told)  # type: ignore[arg-type]


def after(approval: Approval, *told: Vote | TimeOut | CallBack) -> Approval:
    for one in told:
        if entry := decide(approval, one):
            approval = evolve(approval, entry)
    return approval


def refused(approval: Approval, told: Vote | CallBack) -> str:
    with pytest.raises(Refused) as refusal:
        decide(approval, told)
    return refusal.value.slug


def test_the_route_keeps_the_version_of_the_rule_that_made_it() -> None:
    assert (way(BOTH).rule.id, way(BOTH).rule.version) == ("r", 3)


@pytest.mark.parametrize(("amount", "steps"), [("500000.00", 1), ("500000.01", 2)])
def test_a_band_is_strict_where_the_rule_says_more_than(amount: str, steps: int) -> None:
    """Ruling o10, O-06."""
    assert len(way(BOTH, DIRECTOR, subject=asked(amount)).steps) == steps


def test_bands_in_another_currency_are_never_guessed() -> None:
    dollars = Subject(requester="asker", amount=Money(Decimal(1), "USD"))
    with pytest.raises(Refused, match="CNY"):
        way(DIRECTOR, subject=dollars)


def test_a_condition_on_a_field_chooses_the_step() -> None:
    fair = Step(
        name="fair", seats=("role:x",), conditions=(Condition(field="kind", values=("fair",)),)
    )
    assert way(fair, subject=asked(kind="fair")).steps
    assert not way(fair, subject=asked(kind="other")).steps
    assert not way(fair).steps


def test_nothing_to_ask_is_approved() -> None:
    assert begin(way()).outcome == "approved"


def test_all_of_waits_for_everybody_and_any_of_for_the_first() -> None:
    both = begin(way(BOTH))
    half = after(both, vote("m", "manager"))
    assert (half.outcome, half.waiting) == ("open", ("role:marketing",))
    assert after(half, vote("k", "marketing")).outcome == "approved"
    either = begin(way(Step(name="either", mode="any", seats=BOTH.seats)))
    assert after(either, vote("k", "marketing")).outcome == "approved"


@pytest.mark.parametrize(("verdict", "outcome"), [("reject", "rejected"), ("return", "returned")])
def test_one_no_ends_it(verdict: str, outcome: str) -> None:
    said = after(begin(way(BOTH)), vote("m", "manager", verdict=verdict))
    assert said.outcome == outcome
    assert refused(said, vote("k", "marketing")) == "approval-decided"


def test_steps_are_asked_one_after_the_other() -> None:
    approval = begin(way(BOTH, DIRECTOR, subject=asked("600000")))
    assert refused(approval, vote("d", "director")) == "approval-not-asked"
    agreed = after(approval, vote("m", "manager"), vote("k", "marketing"))
    assert (agreed.outcome, agreed.waiting) == ("open", ("role:director",))
    assert after(agreed, vote("d", "director")).outcome == "approved"


def test_nobody_approves_what_he_asked_for() -> None:
    approval = begin(way(BOTH, subject=asked(requester="m")))
    assert refused(approval, vote("m", "manager")) == "approval-self"


def test_the_seat_of_the_requester_goes_to_the_next_in_line() -> None:
    boss = Step(name="boss", seats=("user:m",), hours=8, escalation=("role:director",))
    assert way(boss, subject=asked(requester="m")).steps[0].seats == ("role:director",)
    with pytest.raises(Refused, match="only the requester"):
        way(Step(name="boss", seats=("user:m",)), subject=asked(requester="m"))


def test_nobody_counts_twice() -> None:
    approval = after(begin(way(BOTH)), vote("m", "manager", "marketing"))
    assert refused(approval, vote("m", "manager", "marketing")) == "approval-voted"
    later = begin(way(BOTH, Step(name="boss", seats=("user:m",))))
    assert refused(later, vote("m", "manager")) == "approval-asked-later"


def test_a_second_voter_for_a_seat_that_is_filled_is_not_asked() -> None:
    approval = after(begin(way(BOTH)), vote("m", "manager"))
    assert refused(approval, vote("n", "manager")) == "approval-not-asked"


def test_a_delegate_sits_for_another_while_the_delegation_holds() -> None:
    lent = Delegation(of="role:marketing", to="d", since=AT, until=AT + timedelta(days=1))
    approval = begin(way(BOTH))
    said = after(approval, vote("d", "director", delegations=(lent,)))
    assert said.ballots[0].delegated == ("role:marketing",)
    assert said.waiting == ("role:manager",)
    late = vote("d", "director", delegations=(lent,), at=lent.until)
    assert refused(approval, late) == "approval-not-asked"
    mine = Delegation(of="user:asker", to="d", since=AT, until=lent.until)
    named = begin(way(Step(name="any", mode="any", seats=("user:asker", "role:x"))))
    assert refused(named, vote("d", delegations=(mine,))) == "approval-not-asked"


def test_time_outs_climb_the_ladder_and_then_it_lapses() -> None:
    slow = Step(name="slow", seats=BOTH.seats, hours=8, escalation=("role:director",))
    approval = begin(way(slow))
    assert approval.due == AT + timedelta(hours=8)
    early = TimeOut(step=0, rung=0, at=AT)
    assert decide(approval, early) is None
    first = TimeOut(step=0, rung=0, at=AT + timedelta(hours=8))
    assert decide(approval, first) == Escalation(step=0, rung=1, to="role:director", at=first.at)
    higher = after(approval, first)
    assert (higher.due, higher.waiting[-1]) == (AT + timedelta(hours=16), "role:director")
    assert decide(higher, first) is None  # the same timer again
    assert after(higher, vote("d", "director")).outcome == "approved"
    last = TimeOut(step=0, rung=1, at=AT + timedelta(hours=16))
    assert after(higher, last).outcome == "lapsed"


def test_only_the_requester_recalls_it() -> None:
    approval = begin(way(BOTH))
    assert refused(approval, CallBack(by="m", at=AT)) == "approval-not-yours"
    assert after(approval, CallBack(by="asker", at=AT)).outcome == "recalled"


@pytest.mark.parametrize(
    "steps",
    [
        (Step(name="nobody", seats=()),),
        (Step(name="a", seats=("user:m",)), Step(name="b", seats=("user:m",))),
        (Step(name="a", seats=("role:m",), hours=0),),
        (Step(name="a", seats=("role:m",), escalation=("role:n",)),),
    ],
)
def test_what_is_no_rule_is_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(Refused):
        checked(Rule(id="r", version=1, steps=steps))


SEATS = st.sampled_from([*(f"role:{one}" for one in ROLES), "user:u1", "user:u2"])


def test_whoever_is_asked_by_name_is_not_missing_once_he_has_voted() -> None:
    """Though his role would fill the other seat: that is what is still asked."""
    step = Step(name="s", seats=("role:finance", "user:u2"))
    voted = after(begin(way(step)), vote("u2", "finance"))
    assert voted.waiting == ("role:finance",)
    assert after(voted, vote("u3", "finance")).outcome == "approved"


STEPS = st.builds(
    Step,
    name=st.just("s"),
    mode=st.sampled_from(["all", "any"]),
    seats=st.lists(SEATS, min_size=1, max_size=4).map(tuple),
    hours=st.sampled_from([None, 8]),
)
VOTES = st.builds(
    vote,
    st.sampled_from(["u1", "u2", "u3", "u4", "u5", "asker"]),
    st.sampled_from(ROLES),
    st.sampled_from(ROLES),
    verdict=st.sampled_from(["approve", "approve", "approve", "reject", "return"]),
)
TIMES = st.builds(
    TimeOut,
    step=st.integers(0, 2),
    rung=st.integers(0, 2),
    at=st.integers(0, 60).map(lambda hours: AT + timedelta(hours=hours)),
)


def sound(steps: list[Step]) -> bool:
    try:
        return bool(checked(Rule(id="r", version=1, steps=tuple(steps))))
    except Refused:
        return False


RULES = st.lists(STEPS, min_size=1, max_size=3).filter(sound)


@given(RULES, st.lists(VOTES | TIMES, max_size=30))
def test_a_route_always_ends(steps: list[Step], told: list[Vote | TimeOut]) -> None:
    """Each entry uses up a seat or a rung; and whoever is still asked can bring it on."""
    approval, entries = begin(way(*steps)), 0
    for one in told:
        try:
            entry = decide(approval, one)
        except Refused:
            continue
        if entry:
            approval, entries = evolve(approval, entry), entries + 1
    seats = sum(len(step.seats) + len(step.escalation) + 1 for step in approval.route.steps)
    assert entries <= seats
    fresh = (vote(f"f{n}", *ROLES) for n in range(100))
    while approval.outcome == "open":
        kind, _, name = approval.waiting[0].partition(":")
        by = vote(name) if kind == "user" else next(fresh)
        seated_before = len(approval.ballots)
        approval = after(approval, by)
        assert len(approval.ballots) == seated_before + 1


@given(
    st.lists(SEATS, min_size=1, max_size=4).filter(
        lambda seats: sound([Step(name="s", seats=tuple(seats))])
    ),
    st.lists(VOTES, max_size=4, unique_by=lambda one: one.by),
)
def test_the_order_of_votes_does_not_matter(seats: list[str], votes: list[Vote]) -> None:
    """会签: whoever comes first, as many seats are filled."""
    yes = [vote(one.by, *one.roles) for one in votes if one.by != "asker"]
    ends = set()
    for order in permutations(yes):
        approval = begin(way(Step(name="s", seats=tuple(seats))))
        for one in order:
            try:
                approval = after(approval, one)
            except Refused:
                continue
        ends.add((approval.outcome, len(approval.waiting)))
    assert len(ends) == 1


@given(RULES, st.lists(VOTES, max_size=30))
def test_nobody_is_counted_twice_and_never_the_requester(
    steps: list[Step], votes: list[Vote]
) -> None:
    approval = begin(way(*steps))
    for one in votes:
        try:
            approval = after(approval, one)
        except Refused:
            continue
    voters = [ballot.by for ballot in approval.ballots]
    assert len(voters) == len(set(voters))
    assert "asker" not in voters
    if approval.outcome == "approved":
        for n, step in enumerate(approval.route.steps):
            said = len([one for one in approval.ballots if one.step == n])
            assert said == (len(step.seats) if step.mode == "all" else 1)
