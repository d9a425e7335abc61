"""What facts carry of an approval: the route that a rule made, and what people said on it.

Not facts themselves: contexts embed these values in facts of their own.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.contracts.ids import Id

Seat = Annotated[str, StringConstraints(pattern=r"^(role|user):[^\x00-\x1f\x7f]{1,200}$")]
"""Who may sit there: `role:director`, `user:u-17`; as notifications name a recipient."""

Verdict = Literal["approve", "reject", "return"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRuleVersion:
    id: Id
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStep:
    """`all` is 会签: everybody must agree; `any` is 或签: the first answer decides.

    Not answered within `hours`, it goes to the next seat of `escalation` as well; not answered
    there either, after the last, it lapses. Without `hours` it waits.
    """

    name: str
    mode: Literal["all", "any"]
    seats: tuple[Seat, ...]
    hours: int | None = None
    escalation: tuple[Seat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Steps in their order, by the version of the rule that made them; it never changes."""

    rule: ApprovalRuleVersion
    requester: str
    began_at: datetime
    steps: tuple[RouteStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """`seats` are those of the step (from 0) that `by` may fill; `delegated` those of others."""

    step: int
    by: str
    verdict: Verdict
    seats: tuple[Seat, ...]
    delegated: tuple[Seat, ...] = ()
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Time is over for the `rung`th time in this step: from now on `to` decides it alone, too.

    Without `to` nobody is left to ask.
    """

    step: int
    rung: int
    to: Seat | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The requester took the question back."""

    by: str
    reason: str = ""
    at: datetime


Entry = Ballot | Escalation | Recall
