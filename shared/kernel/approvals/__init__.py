"""Approvals as data: a versioned rule makes a route, people vote along it.

Pure parts for any aggregate's decider; its facts carry the values of `shared.contracts.approvals`:

    route(rule, subject, at) -> Route           the aggregate stores it in its fact
    begin(route) -> Approval                    the state while people are asked
    decide(approval, vote) -> Entry | None      to be stored, or Refused; None changes nothing
    evolve(approval, entry) -> Approval         `outcome`, `waiting` and `due` say how it stands
"""

from shared.kernel.approvals.approval import (
    Approval,
    CallBack,
    Outcome,
    TimeOut,
    Vote,
    begin,
    decide,
    evolve,
)
from shared.kernel.approvals.rule import (
    Band,
    Condition,
    Delegation,
    Rule,
    Step,
    Subject,
    checked,
    route,
)

__all__ = [
    "Approval",
    "Band",
    "CallBack",
    "Condition",
    "Delegation",
    "Outcome",
    "Rule",
    "Step",
    "Subject",
    "TimeOut",
    "Vote",
    "begin",
    "checked",
    "decide",
    "evolve",
    "route",
]
