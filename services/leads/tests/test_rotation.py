"""L-01, l1, l2: smooth weighted rotation, and how much a partner may hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given as each
from hypothesis import strategies as st

from services.leads.domain.commands import Contender, FreePlace, GiveTurn
from services.leads.domain.events import (
    CandidatesExhausted,
    PlaceFreed,
    RotationEvent,
    Sla,
    TurnGiven,
)
from services.leads.domain.rotation import ROTATION, Rotation
from shared.contracts.leads import Candidate, RuleVersion
from shared.testing.given import Given

given = Given(ROTATION)
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
RULE, SLA = RuleVersion(id="east", version=1), Sla(hours=8)
WEIGHTS = {"A": 5, "B": 3, "C": 2}


def turn(
    lead: str,
    weights: Mapping[str, int] = WEIGHTS,
    *,
    capacity: int | None = None,
    excluded: Mapping[str, str] | None = None,
    version: int = 1,
) -> GiveTurn:
    why = excluded or {}
    return GiveTurn(
        lead_id=lead,
        offer=1,
        rule=RuleVersion(id="east", version=version),
        contenders=tuple(
            Contender(partner_id=one, weight=n, excluded=why.get(one))
            for one, n in weights.items()
        ),
        capacity=capacity,
        sla=SLA,
        at=NOW,
    )


def free(lead: str, offer: int = 1) -> FreePlace:
    return FreePlace(lead_id=lead, offer=offer, at=NOW)


def play(*commands: GiveTurn | FreePlace) -> tuple[Rotation, list[RotationEvent]]:
    rotation, facts = Rotation(), list[RotationEvent]()
    for command in commands:
        fresh = ROTATION.decide(command, rotation)
        rotation = ROTATION.fold([*facts, *fresh])
        facts += fresh
    return rotation, facts


def winners(facts: Sequence[RotationEvent]) -> str:
    return "".join(fact.partner_id for fact in facts if isinstance(fact, TurnGiven))


def test_five_three_two_shares_ten_leads_smoothly() -> None:
    _, facts = play(*[turn(f"lead-{n}") for n in range(20)])
    assert winners(facts) == "ABCAABACBA" * 2


def test_a_turn_says_who_stood_where() -> None:
    given().when(turn("lead-1")).then(
        TurnGiven(
            lead_id="lead-1",
            offer=1,
            rule=RULE,
            partner_id="A",
            candidates=(
                Candidate(partner_id="A", score=Decimal(5)),
                Candidate(partner_id="B", score=Decimal(3)),
                Candidate(partner_id="C", score=Decimal(2)),
            ),
            cost=Decimal(10),
            sla=SLA,
        )
    )


def test_a_partner_at_capacity_is_skipped_and_keeps_its_credit() -> None:
    first, second = turn("lead-1", capacity=1), turn("lead-2", capacity=1)
    rotation, facts = play(first, second)
    assert winners(facts) == "AB"
    kept = Candidate(partner_id="A", score=Decimal(-5), excluded="at-capacity")
    assert facts[1].candidates[0] == kept  # type: ignore[union-attr]
    assert rotation.credits[1]["A"] == -5


def test_a_freed_place_can_be_given_again() -> None:
    full = [turn(f"lead-{n}", capacity=1) for n in range(3)]
    _, facts = play(*full, turn("lead-3", capacity=1), free("lead-0"), turn("lead-4", capacity=1))
    assert isinstance(facts[3], CandidatesExhausted)
    assert facts[4] == PlaceFreed(lead_id="lead-0", offer=1, partner_id="A")
    assert winners(facts) == "ABCA"


def test_the_excluded_gain_nothing_and_the_reason_is_kept() -> None:
    _, facts = play(turn("lead-1", excluded={"A": "partner-suspended"}))
    excluded = Candidate(partner_id="A", score=Decimal(0), excluded="partner-suspended")
    assert facts[0].candidates[0] == excluded  # type: ignore[union-attr]
    assert winners(facts) == "B"


def test_nobody_left_is_a_fact_too() -> None:
    given().when(turn("lead-1", {"A": 1}, excluded={"A": "partner-unknown"})).then(
        CandidatesExhausted(
            lead_id="lead-1",
            offer=1,
            rule=RULE,
            candidates=(Candidate(partner_id="A", score=Decimal(0), excluded="partner-unknown"),),
        )
    )


def test_a_lead_that_has_its_place_takes_no_second_turn() -> None:
    _, facts = play(turn("lead-1"))
    given(*facts).when(turn("lead-1")).then()


def test_a_place_is_freed_once_and_only_of_its_offer() -> None:
    _, facts = play(turn("lead-1"))
    given(*facts).when(free("lead-1", offer=2)).then()
    given(*facts, PlaceFreed(lead_id="lead-1", offer=1, partner_id="A")).when(
        free("lead-1")
    ).then()


def test_a_new_version_starts_at_zero_but_what_is_held_is_held() -> None:
    rotation, facts = play(turn("lead-1"), turn("lead-2", version=2, capacity=1))
    assert winners(facts) == "AB"
    assert rotation.credits[1]["A"] == -5
    assert rotation.credits[2]["B"] == 3 - 5


SHARES = st.dictionaries(
    st.text("ABCDEFG", min_size=1, max_size=2), st.integers(1, 7), min_size=1, max_size=5
)


@each(SHARES, st.integers(1, 3))
def test_after_whole_rounds_everybody_has_exactly_its_share(
    weights: Mapping[str, int], rounds: int
) -> None:
    rotation, facts = play(
        *[turn(f"lead-{n}", weights) for n in range(rounds * sum(weights.values()))]
    )
    got = Counter(fact.partner_id for fact in facts if isinstance(fact, TurnGiven))
    assert got == {one: rounds * weight for one, weight in weights.items()}
    assert set(rotation.credits[1].values()) == {0}


@each(
    SHARES,
    st.integers(1, 3),
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 20), st.sets(st.text("ABCDEFG", max_size=2)))
    ),
)
def test_credit_is_only_moved_and_capacity_never_passed(
    weights: Mapping[str, int], capacity: int, steps: list[tuple[bool, int, set[str]]]
) -> None:
    commands = [
        free(f"lead-{n}")
        if freed
        else turn(f"lead-{n}", weights, capacity=capacity, excluded=dict.fromkeys(out, "region"))
        for freed, n, out in steps
    ]
    rotation, _ = play(*commands)
    assert sum(rotation.credits.get(1, {}).values()) == 0
    held = Counter(place.partner_id for place in rotation.places.values())
    assert all(held[one] == n for one, n in rotation.held.items())
    assert max(held.values(), default=0) <= capacity
