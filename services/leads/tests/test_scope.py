"""L-06: whose a customer, product line and region is, when several partners want it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given as each
from hypothesis import strategies as st

from services.leads.domain.deals.commands import (
    AskScope,
    EnterScope,
    LeaveScope,
    RenewScope,
    ScopeCommand,
)
from services.leads.domain.deals.events import (
    ScopeEntered,
    ScopeGranted,
    ScopeHeld,
    ScopeLeft,
    ScopeRefused,
    ScopeRenewed,
)
from services.leads.domain.deals.scope import SCOPE, Entry, Scope
from shared.testing.given import Given

given = Given(SCOPE)
TEN = datetime(2025, 1, 10, 2, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return TEN + timedelta(seconds=seconds)


def enter(n: int, completed: int, project: str | None = None, partner: str = "") -> EnterScope:
    return EnterScope(
        registration_id=f"r-{n}",
        partner_id=partner or f"P{n}",
        project=project,
        completed_at=at(completed),
        at=at(completed),
    )


def entered(n: int, completed: int, project: str | None = None) -> ScopeEntered:
    return ScopeEntered(
        registration_id=f"r-{n}", partner_id=f"P{n}", project=project, completed_at=at(completed)
    )


def ask(n: int, when: int = 100) -> AskScope:
    return AskScope(registration_id=f"r-{n}", at=at(when))


def leave(n: int, free_from: datetime | None = None) -> LeaveScope:
    return LeaveScope(registration_id=f"r-{n}", free_from=free_from, at=at(200))


def granted(n: int) -> ScopeGranted:
    return ScopeGranted(registration_id=f"r-{n}", partner_id=f"P{n}")


def held(n: int, behind: int) -> ScopeHeld:
    return ScopeHeld(registration_id=f"r-{n}", partner_id=f"P{n}", behind=f"r-{behind}")


def refused(n: int, reason: str, by: int | None = None, partner: str = "") -> ScopeRefused:
    return ScopeRefused(
        registration_id=f"r-{n}",
        partner_id=partner or f"P{n}",
        reason=reason,
        by=f"r-{by}" if by else None,
    )


def left(n: int, free_from: datetime | None = None) -> ScopeLeft:
    return ScopeLeft(registration_id=f"r-{n}", partner_id=f"P{n}", free_from=free_from)


def test_the_first_by_completion_comes_into_force() -> None:
    given(entered(1, 5)).when(ask(1)).then(granted(1))
    given(entered(1, 5), entered(2, 1)).when(ask(2)).then(granted(2))
    given(entered(1, 5), entered(2, 1)).when(ask(1)).then(held(1, 2))


def test_complete_at_the_same_instant_the_lower_id_is_first() -> None:
    given(entered(2, 1), entered(1, 1)).when(ask(2)).then(held(2, 1))
    given(entered(2, 1), entered(1, 1)).when(ask(1)).then(granted(1))


def test_who_waited_is_refused_when_the_earlier_one_comes_into_force() -> None:
    waiting = (entered(1, 5), entered(2, 1), held(1, 2))
    given(*waiting).when(ask(2)).then(granted(2), refused(1, "scope-taken", 2))


def test_who_waited_comes_into_force_when_the_earlier_one_falls() -> None:
    waiting = (entered(1, 5), entered(2, 1), entered(3, 7), held(1, 2), held(3, 2))
    given(*waiting).when(leave(2)).then(left(2), granted(1), refused(3, "scope-taken", 1))
    still = (entered(1, 5), entered(2, 1), entered(3, 3), held(1, 2))
    given(*still).when(leave(2)).then(left(2))


def test_what_is_in_force_is_taken_until_its_protection_ends() -> None:
    renewed = ScopeRenewed(registration_id="r-1", partner_id="P1", until=at(150))
    taken = (entered(1, 1), granted(1), renewed, entered(2, 5))
    given(*taken).when(ask(2, 149)).then(refused(2, "scope-taken", 1))
    given(*taken).when(ask(2, 150)).then(granted(2))
    pending = ScopeRenewed(registration_id="r-1", partner_id="P1", until=None)
    given(*taken, pending).when(ask(2, 150)).then(refused(2, "scope-taken", 1))
    command = RenewScope(registration_id="r-1", until=None, at=at(2))
    given(*taken).when(command).then(pending)


def test_projects_are_apart_and_without_one_it_is_the_whole() -> None:
    given(entered(1, 1, "a"), entered(2, 5, "b")).when(ask(2)).then(granted(2))
    given(entered(1, 1, "a"), entered(2, 5)).when(ask(2)).then(held(2, 1))
    given(entered(1, 1), entered(2, 5, "b")).when(ask(2)).then(held(2, 1))


def test_a_partner_stands_once_in_a_scope_and_waits_after_its_end() -> None:
    again = enter(9, 60, partner="P1")
    given(entered(1, 1)).when(again).then(refused(9, "already-registered", 1, partner="P1"))
    given(entered(1, 1), left(1)).when(again).then(
        ScopeEntered(registration_id="r-9", partner_id="P1", completed_at=at(60))
    )
    over = (entered(1, 1), granted(1), left(1, at(61)))
    given(*over).when(again).then(refused(9, "cooling-down", partner="P1"))
    given(*over).when(enter(9, 60)).then(entered(9, 60))
    given(*over).when(enter(9, 61, partner="P1")).then(
        ScopeEntered(registration_id="r-9", partner_id="P1", completed_at=at(61))
    )


def test_what_comes_again_or_too_late_comes_to_nothing() -> None:
    given(entered(1, 1)).when(enter(1, 1)).then()
    given(entered(1, 1), granted(1)).when(ask(1)).then()
    given().when(ask(1)).then()
    given().when(leave(1)).then()


NUMBERS = st.integers(1, 6)
PROJECTS = st.sampled_from([None, None, "a", "b"])
STEPS = st.lists(
    st.one_of(
        st.builds(enter, NUMBERS, st.integers(0, 9), PROJECTS),
        st.builds(ask, NUMBERS),
        st.builds(leave, NUMBERS),
        st.builds(leave, NUMBERS, st.just(at(5))),
        NUMBERS.map(lambda n: RenewScope(registration_id=f"r-{n}", until=None, at=at(50))),
    ),
    max_size=30,
)


@each(STEPS)
def test_one_in_force_and_nobody_waits_for_nothing(steps: list[ScopeCommand]) -> None:
    """After every command: no two in force that meet; who waits has an earlier one before it."""
    scope = Scope()
    for command in steps:
        for fact in SCOPE.decide(command, scope):
            if isinstance(fact, ScopeGranted):
                assert first(scope.entries[fact.registration_id], scope)
            scope = SCOPE.evolve(scope, fact)
        for entry in scope.entries.values():
            assert entry.status != "in-force" or alone(entry, scope)
            assert entry.status != "waiting" or not first(entry, scope)


def first(entry: Entry, scope: Scope) -> bool:
    """Nobody of the same scope is earlier, or in force."""
    return not any(
        one.priority < entry.priority or one.status == "in-force" for one in scope.rivals(entry)
    )


def alone(entry: Entry, scope: Scope) -> bool:
    return all(one.status != "in-force" for one in scope.rivals(entry))
