"""Forecast, as one value."""

from services.forecast.api import routes
from services.forecast.domain.actuals import ACTUALS
from services.forecast.domain.target import TARGET
from services.forecast.policies import WHEN_PAYMENT_TOLD_RECORD
from services.forecast.projections import COLLECTED, TARGETS
from shared.runtime.context import Context

CONTEXT = Context(
    name="forecast",
    aggregates=(ACTUALS, TARGET),
    projections=(COLLECTED, TARGETS),
    policies=(WHEN_PAYMENT_TOLD_RECORD,),
    routes=routes,
)
