"""Forecast, as one value."""

from services.forecast.api import routes
from services.forecast.claims import CLAIMS
from services.forecast.domain.actuals import ACTUALS
from services.forecast.domain.anomaly import ANOMALY
from services.forecast.domain.opportunity import OPPORTUNITY
from services.forecast.domain.publication import PUBLICATION
from services.forecast.domain.region import REGION
from services.forecast.domain.round import ROUND
from services.forecast.domain.statement import STATEMENT
from services.forecast.domain.stock import STOCK
from services.forecast.domain.target import TARGET
from services.forecast.policies import POLICIES
from services.forecast.processes import PROCESSES
from services.forecast.projections import (
    ANOMALIES,
    COLLECTED,
    OPPORTUNITIES,
    PACE,
    PUBLICATIONS,
    REGIONS,
    SHELVES,
    STATEMENTS,
    TARGETS,
)
from services.forecast.streams import STREAM
from services.forecast.timers import TIMERS
from services.forecast.trials import tried
from shared.runtime.context import Context

CONTEXT = Context(
    name="forecast",
    aggregates=(
        ACTUALS,
        TARGET,
        OPPORTUNITY,
        STATEMENT,
        ROUND,
        PUBLICATION,
        STOCK,
        REGION,
        ANOMALY,
    ),
    projections=(
        COLLECTED,
        TARGETS,
        PACE,
        REGIONS,
        ANOMALIES,
        OPPORTUNITIES,
        STATEMENTS,
        PUBLICATIONS,
        SHELVES,
    ),
    policies=POLICIES,
    processes=PROCESSES,
    timers=TIMERS,
    claims=CLAIMS,
    stream=STREAM,
    routes=routes,
    trial=tried,
)
