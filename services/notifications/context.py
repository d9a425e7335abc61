"""Notifications, as one value."""

from dataclasses import fields
from functools import partial

from services.notifications.api import routes
from services.notifications.api.measures import GAUGES
from services.notifications.domain.message import MESSAGE
from services.notifications.domain.outgoing.delivery import DELIVERY
from services.notifications.domain.outgoing.digest import DIGEST
from services.notifications.domain.outgoing.endpoint import ENDPOINT
from services.notifications.domain.outgoing.preference import PREFERENCE
from services.notifications.domain.rulebook import RULEBOOK
from services.notifications.domain.subject import SUBJECT
from services.notifications.policies import HEARD, WHEN_HEARD_NOTE
from services.notifications.processes import COURIERS, DISPATCHES, PROCESSES
from services.notifications.projections import PROJECTIONS
from services.notifications.timers import TIMERS
from shared.runtime.context import Context

FACTS = {
    fact.__name__: frozenset(field.name for field in fields(fact))  # type: ignore[arg-type]
    for fact in HEARD  # all are dataclasses
}

CONTEXT = Context(
    name="notifications",
    aggregates=(RULEBOOK, SUBJECT, MESSAGE, ENDPOINT, PREFERENCE, DIGEST, DELIVERY),
    projections=PROJECTIONS,
    policies=(WHEN_HEARD_NOTE,),
    processes=PROCESSES,
    couriers=COURIERS,
    dispatches=DISPATCHES,
    timers=TIMERS,
    routes=partial(routes, FACTS),
    gauges=GAUGES,
)
