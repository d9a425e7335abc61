"""L-04: a customer is kept by activities and lost by silence, whenever they are recorded."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from services.leads.domain.commands import RegisterCustomer
from services.leads.domain.customer import CUSTOMER, Absent, Customer, Known
from services.leads.domain.events import CustomerEvent, CustomerRegistered
from services.leads.domain.names import Company
from services.leads.domain.ownership.claimant import CLAIMANT
from services.leads.domain.ownership.commands import (
    AssignCustomer,
    ClaimCustomer,
    ConfirmClaim,
    CountClaim,
    DropClaim,
    NoticeSilence,
    OwnershipCommand,
    RecordActivity,
    ReleaseCustomer,
    TransferCustomer,
)
from services.leads.domain.ownership.events import (
    ActivityRecorded,
    ClaimCounted,
    ClaimDropped,
    ClaimRefused,
    ClaimRequested,
    PoolTerms,
)
from shared.contracts.leads.customers import (
    CustomerAssigned,
    CustomerClaimed,
    CustomerDisputed,
    CustomerReleased,
    CustomerSilenceNoticed,
)
from shared.testing.given import Given

given = Given(CUSTOMER)
MARCH = datetime(2025, 3, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KNOWN = CustomerRegistered(customer_id="c-1", name="示例", region="east", industry="steel")
ANNS = CustomerAssigned(customer_id="c-1", owner="ann", last_activity=MARCH, reason="registered")
LOST = CustomerReleased(customer_id="c-1", owner="ann", region="east", last_activity=MARCH)
ASKED = ClaimRequested(customer_id="c-1", claimant="ben", claims_a_day=5)
BENS = CustomerClaimed(customer_id="c-1", owner="ben", previous="ann", claimed_at=MARCH + 46 * DAY)


def day(n: int) -> datetime:
    return MARCH + n * DAY


def activity(happened: int, recorded: int, by: str | None = None) -> RecordActivity:
    return RecordActivity(kind="visit", happened_at=day(happened), by=by, at=day(recorded))


def recorded(happened: int, since: int | None = None, by: str | None = None) -> ActivityRecorded:
    return ActivityRecorded(
        customer_id="c-1",
        kind="visit",
        happened_at=day(happened),
        by=by,
        silent_since=None if since is None else day(since),
    )


def test_who_registers_a_customer_for_somebody_gives_it_to_them() -> None:
    command = RegisterCustomer(
        customer_id="c-1",
        company=Company("示例"),
        region="east",
        industry="steel",
        owner="ann",
        at=MARCH,
    )
    given().when(command).then(KNOWN, ANNS)


def test_silence_is_noticed_after_30_days_and_once() -> None:
    noticed = CustomerSilenceNoticed(
        customer_id="c-1", owner="ann", last_activity=MARCH, release_at=day(45)
    )
    given(KNOWN, ANNS).when(NoticeSilence(at=day(30) - timedelta(microseconds=1))).then()
    given(KNOWN, ANNS).when(NoticeSilence(at=day(30))).then(noticed)
    given(KNOWN, ANNS, noticed).when(NoticeSilence(at=day(31))).then()


def test_a_customer_is_released_after_45_days() -> None:
    given(KNOWN, ANNS).when(ReleaseCustomer(at=day(45) - timedelta(microseconds=1))).then()
    given(KNOWN, ANNS).when(ReleaseCustomer(at=day(45))).then(LOST)
    given(KNOWN, ANNS, recorded(40, 40)).when(ReleaseCustomer(at=day(45))).then()
    given(KNOWN).when(ReleaseCustomer(at=day(45))).then()


def test_an_activity_moves_silence_forward_and_never_back() -> None:
    given(KNOWN, ANNS).when(activity(10, 20)).then(recorded(10, 10))
    given(KNOWN, ANNS, recorded(20, 20)).when(activity(10, 21)).then(recorded(10))
    told = RecordActivity(kind="mail", effective=False, at=day(5))
    given(KNOWN, ANNS).when(told).then(
        ActivityRecorded(customer_id="c-1", kind="mail", happened_at=day(5), effective=False)
    )
    given(KNOWN, ANNS).when(activity(6, 5)).refused("activity-future")


def test_recorded_late_it_restores_who_would_not_have_lost_it() -> None:
    restored = CustomerAssigned(
        customer_id="c-1", owner="ann", last_activity=day(40), reason="restored"
    )
    given(KNOWN, ANNS, LOST).when(activity(40, 50)).then(recorded(40), restored)
    given(KNOWN, ANNS, LOST).when(activity(40, 85)).then(recorded(40))
    given(KNOWN, ANNS, LOST).when(activity(46, 50)).then(recorded(46))
    given(KNOWN, ANNS, LOST).when(activity(40, 50, "eve")).then(recorded(40, by="eve"))


def test_two_late_ones_restore_together() -> None:
    restored = CustomerAssigned(
        customer_id="c-1", owner="ann", last_activity=day(80), reason="restored"
    )
    history = (KNOWN, ANNS, LOST, recorded(80))
    given(*history).when(activity(40, 100)).then(recorded(40), restored)


def test_held_by_somebody_else_it_is_a_dispute_and_only_once() -> None:
    disputed = CustomerDisputed(
        customer_id="c-1", owner="ben", claimant="ann", last_activity=day(40)
    )
    claimed = (KNOWN, ANNS, LOST, ASKED)
    given(*claimed).when(activity(40, 50)).then(recorded(40), disputed)
    given(*claimed, BENS).when(activity(40, 50)).then(recorded(40), disputed)
    history = (*claimed, BENS, recorded(40), disputed)
    given(*history).when(activity(41, 50, "ann")).then(recorded(41, by="ann"))
    settled = CustomerAssigned(
        customer_id="c-1", owner="ben", previous="ben", last_activity=day(51), reason="assigned"
    )
    given(*history).when(AssignCustomer(owner="ben", at=day(51))).then(settled)


def test_the_pool_gives_to_one_who_did_not_lose_it_just_now() -> None:
    lost = (KNOWN, ANNS, LOST)
    given(*lost).when(claim("ben")).then(ASKED)
    given(*lost).when(claim("ann", 52)).then(
        ClaimRequested(customer_id="c-1", claimant="ann", claims_a_day=5)
    )
    early = ClaimCustomer(
        claimant="ann", found=PoolTerms(), at=day(52) - timedelta(microseconds=1)
    )
    given(*lost).when(early).refused("customer-cooling-down")
    given(*lost, ASKED).when(claim("eve")).refused("customer-not-in-pool")
    given(KNOWN, ANNS).when(claim("eve")).refused("customer-not-in-pool")
    closed = ClaimCustomer(claimant="eve", found=PoolTerms(claims=False), at=day(46))
    given(*lost).when(closed).refused("claim-closed")


def claim(user: str, at: int = 46) -> ClaimCustomer:
    return ClaimCustomer(claimant=user, found=PoolTerms(), at=day(at))


def test_a_claim_is_confirmed_or_dropped_for_who_asked() -> None:
    asked = (KNOWN, ANNS, LOST, ASKED)
    given(*asked).when(ConfirmClaim(claimant="ben", at=day(46))).then(BENS)
    dropped = ClaimDropped(customer_id="c-1", claimant="ben")
    given(*asked).when(DropClaim(claimant="ben", at=day(46))).then(dropped)
    given(*asked, dropped).when(ConfirmClaim(claimant="ben", at=day(46))).then()
    given(*asked, dropped).when(claim("eve")).then(
        ClaimRequested(customer_id="c-1", claimant="eve", claims_a_day=5)
    )


def test_a_transfer_out_of_date_comes_to_nothing() -> None:
    command = TransferCustomer(owner="eve", previous="ann", at=day(3))
    moved = CustomerAssigned(
        customer_id="c-1", owner="eve", previous="ann", last_activity=day(3), reason="handed-over"
    )
    given(KNOWN, ANNS).when(command).then(moved)
    given(KNOWN, ANNS, moved).when(command).then()


def test_an_unknown_customer_is_not_found() -> None:
    given().when(activity(1, 2)).refused("customer-not-found")


@pytest.mark.parametrize(("before", "counts"), [(4, True), (5, False)])
def test_a_claimant_has_so_many_a_day(before: int, counts: bool) -> None:
    today = day(46)
    command = CountClaim(customer_id="c-9", claimant="ben", claims_a_day=5, at=today)
    told = {"customer_id": "c-9", "claimant": "ben", "day": today.date()}
    history = [ClaimCounted(customer_id="c", claimant="ben", day=today.date())] * before
    expected = ClaimCounted(**told) if counts else ClaimRefused(**told)  # type: ignore[arg-type]
    Given(CLAIMANT)(*history).when(command).then(expected)


VISITS = st.lists(
    st.tuples(st.integers(1, 300), st.integers(0, 120)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=14,
)


@each(VISITS, st.integers(1, 420))
def test_the_owner_has_it_if_and_only_if_45_days_never_passed(
    visits: list[tuple[int, int]], end: int
) -> None:
    """Whatever the order of recording: what is known in the end decides."""
    known = sorted((recorded, happened) for happened, recorded in visits if recorded <= end)
    state = after(known, end)
    times = sorted([0, *(happened for _, happened in known), end])
    assert (state.holding.owner == "ann") == all(b - a < 45 for a, b in pairwise(times))


def after(known: list[tuple[int, int]], end: int) -> Known:
    """The clock rings before what is recorded at that very instant."""
    state: Customer = CUSTOMER.fold([KNOWN, ANNS])
    for at in range(1, end + 1):
        state = asked(state, NoticeSilence(at=day(at)))
        state = asked(state, ReleaseCustomer(at=day(at)))
        for recorded_on, happened in known:
            if recorded_on == at:
                state = asked(state, activity(happened, at))
    assert isinstance(state, Known)
    return state


def asked(state: Customer, command: OwnershipCommand) -> Customer:
    facts: list[CustomerEvent] = list(CUSTOMER.decide(command, state))
    for fact in facts:
        state = CUSTOMER.evolve(state, fact)
    assert not isinstance(state, Absent)
    return state
