"""Delegations: granted for a while, ended early, and what is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.partners.domain.delegation import DECIDER, GrantDelegation, RevokeDelegation
from shared.contracts.partners import DelegationGranted, DelegationRevoked
from shared.kernel import delegations
from shared.kernel.delegations import DelegationLearned, LearnDelegation
from shared.testing.given import Given

given = Given(DECIDER)
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS: dict[str, Any] = {
    "delegation_id": "d1",
    "by": "dora",
    "to": "dan",
    "seats": ("user:dora", "role:director"),
    "since": NOW + DAY,
    "until": NOW + 5 * DAY,
}
GRANT = GrantDelegation(**TERMS, reason="leave", at=NOW)
GRANTED = DelegationGranted(**TERMS, reason="leave", revision=1)


def revoke(at: datetime, by: str = "dora", anyones: bool = False) -> RevokeDelegation:
    return RevokeDelegation(by=by, anyones=anyones, at=at)


def revoked(until: datetime) -> DelegationRevoked:
    return DelegationRevoked(**TERMS | {"until": until}, revision=2)


def test_a_delegation_is_granted_once() -> None:
    given().when(GRANT).then(GRANTED)
    given(GRANTED).when(GRANT).refused("delegation-exists")
    given().when(replace(GRANT, since=None)).then(replace(GRANTED, since=NOW))


def test_it_ends_when_who_granted_it_says_so() -> None:
    given(GRANTED).when(revoke(NOW + 2 * DAY)).then(revoked(NOW + 2 * DAY))
    given(GRANTED).when(revoke(NOW)).then(revoked(NOW + DAY))  # before it began
    given(GRANTED).when(revoke(NOW + 5 * DAY)).then()  # over by itself
    given(GRANTED).when(revoke(NOW, "mia")).refused("delegation-foreign")
    given(GRANTED).when(revoke(NOW + DAY, "mia", anyones=True)).then(revoked(NOW + DAY))
    given().when(revoke(NOW)).refused("delegation-not-found")


@pytest.mark.parametrize(
    "change",
    [
        {"to": "dora"},
        {"until": NOW + DAY},
        {"until": NOW + 400 * DAY},
        {"since": NOW - 2 * DAY, "until": NOW},
    ],
)
def test_what_is_no_delegation(change: dict[str, Any]) -> None:
    given().when(replace(GRANT, **change)).refused("delegation-malformed")


def learnt(revision: int, until: datetime = NOW + 5 * DAY) -> DelegationLearned:
    terms = {name: TERMS[name] for name in ("delegation_id", "to", "seats", "since")}
    return DelegationLearned(**terms, until=until, revision=revision)


def test_the_highest_revision_is_learnt_in_any_order() -> None:
    known = Given(delegations.DECIDER)
    first = LearnDelegation(learnt=learnt(1), at=NOW)
    second = LearnDelegation(learnt=learnt(2, NOW + DAY), at=NOW)
    known().when(first).then(learnt(1))
    known(learnt(1)).when(second).then(learnt(2, NOW + DAY))
    known(learnt(2, NOW + DAY)).when(first).then()
    known(learnt(1)).when(first).then()
