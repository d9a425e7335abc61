"""Notifications, as one value."""

from dataclasses import fields
from functools import partial

from services.notifications.api import routes
from services.notifications.domain.message import MESSAGE
from services.notifications.domain.rulebook import RULEBOOK
from services.notifications.domain.subject import SUBJECT
from services.notifications.policies import HEARD, WHEN_HEARD_NOTE
from services.notifications.processes import WHEN_EPISODE_STARTED_RAISE, WHEN_RAISED_DELIVER
from services.notifications.projections import INBOXES
from shared.runtime.context import Context

FACTS = {
    fact.__name__: frozenset(field.name for field in fields(fact))  # type: ignore[arg-type]
    for fact in HEARD  # all are dataclasses
}

CONTEXT = Context(
    name="notifications",
    aggregates=(RULEBOOK, SUBJECT, MESSAGE),
    projections=(INBOXES,),
    policies=(WHEN_HEARD_NOTE,),
    processes=(WHEN_EPISODE_STARTED_RAISE,),
    couriers=(WHEN_RAISED_DELIVER,),
    routes=partial(routes, FACTS),
)
