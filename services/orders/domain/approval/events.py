"""What is stored of it: the route, the votes, their end."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.approvals import Ballot, Escalation, Route
from shared.contracts.event import Event
from shared.kernel.approvals import Rule, Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRouted(Event):
    """Who must agree, and by which version of the rule: it stays, whatever is published later."""

    order_id: str
    partner_id: str
    route: Route
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteKept(Event):
    """Said before the account has answered whether anybody is asked."""

    order_id: str
    partner_id: str
    vote: Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderVoted(Event):
    """`due`: when the step that is asked now times out."""

    order_id: str
    partner_id: str
    ballot: Ballot
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEscalated(Event):
    order_id: str
    partner_id: str
    escalation: Escalation
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRulePublished(Event):
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGranted(Event):
    """All who are asked have said yes, the last one `by`; credit is checked next."""

    order_id: str
    partner_id: str
    by: str
