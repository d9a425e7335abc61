"""What may be asked about an order that somebody must agree to."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.approvals import Verdict
from shared.kernel.approvals import Delegation, Rule, Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteOnOrder:
    """What one of those who are asked says; credit is checked afterwards.

    `found`: the seats that others have lent him.
    """

    by: str
    roles: tuple[str, ...]
    verdict: Verdict
    reason: str = ""
    found: tuple[Delegation, ...] = ()
    at: datetime

    @property
    def vote(self) -> Vote:
        return Vote(
            by=self.by,
            roles=self.roles,
            verdict=self.verdict,
            reason=self.reason,
            delegations=self.found,
            at=self.at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallOrder:
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateOrder:
    """Total: for the step and the rung for which the timer was set."""

    step: int
    rung: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOrderRule:
    rule: Rule
    at: datetime
