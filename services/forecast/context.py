"""Forecast, as one value."""

from services.forecast.api import routes
from services.forecast.claims import CLAIMS
from services.forecast.domain.actuals import ACTUALS
from services.forecast.domain.anomaly import ANOMALY
from services.forecast.domain.region import REGION
from services.forecast.domain.statement import STATEMENT
from services.forecast.domain.stock import STOCK
from services.forecast.domain.target import TARGET
from services.forecast.policies import WHEN_PAYMENT_TOLD_RECORD
from services.forecast.projections import (
    ANOMALIES,
    COLLECTED,
    OPPORTUNITIES,
    PACE,
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
    aggregates=(ACTUALS, TARGET, STATEMENT, STOCK, REGION, ANOMALY),
    projections=(COLLECTED, TARGETS, PACE, REGIONS, ANOMALIES, OPPORTUNITIES, STATEMENTS, SHELVES),
    policies=(WHEN_PAYMENT_TOLD_RECORD,),
    timers=TIMERS,
    claims=CLAIMS,
    stream=STREAM,
    routes=routes,
    trial=tried,
)
