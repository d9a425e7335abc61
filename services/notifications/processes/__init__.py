"""An episode becomes a message, and a message goes out: the only way we act on the world."""

from services.notifications.processes.carrying import CARRY
from services.notifications.processes.following import WHEN_ATTEMPTED_NOTE, WHEN_DISABLED_RAISE
from services.notifications.processes.planning import WHEN_GATHERED_PLAN, WHEN_TOLD_PLAN
from services.notifications.processes.raising import (
    WHEN_EPISODE_STARTED_RAISE,
    WHEN_RAISED_DELIVER,
)

PROCESSES = (
    WHEN_EPISODE_STARTED_RAISE,
    WHEN_TOLD_PLAN,
    WHEN_GATHERED_PLAN,
    WHEN_ATTEMPTED_NOTE,
    WHEN_DISABLED_RAISE,
)
COURIERS = (WHEN_RAISED_DELIVER,)
DISPATCHES = (CARRY,)
