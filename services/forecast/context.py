"""Forecast, as one value."""

from services.forecast.api import routes
from services.forecast.domain.actuals import ACTUALS
from services.forecast.domain.anomaly import ANOMALY
from services.forecast.domain.region import REGION
from services.forecast.domain.statement import STATEMENT
from services.forecast.domain.target import TARGET
from services.forecast.policies import WHEN_PAYMENT_TOLD_RECORD
from services.forecast.projections import (
    ANOMALIES,
    COLLECTED,
    OPPORTUNITIES,
    PACE,
    REGIONS,
    STATEMENTS,
    TARGETS,
)
from services.forecast.streams import STREAM
from services.forecast.timers import TIMERS
from services.forecast.trials import tried
from shared.runtime.context import Context

CONTEXT = Context(
    name="forecast",
    aggregates=(ACTUALS, TARGET, STATEMENT, REGION, ANOMALY),
    projections=(COLLECTED, TARGETS, PACE, REGIONS, ANOMALIES, OPPORTUNITIES, STATEMENTS),
    policies=(WHEN_PAYMENT_TOLD_RECORD,),
    timers=TIMERS,
    stream=STREAM,
    routes=routes,
    trial=tried,
)
