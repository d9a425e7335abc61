"""What the screens ask of forecast, and what its forecasts are made of."""

from services.forecast.projections.money import (
    ANOMALIES,
    COLLECTED,
    PACE,
    PAYMENT_TOLD,
    REGIONS,
    SHELVES,
    TARGETS,
    PaymentTold,
    months_in,
    moved,
    pieces,
    weeks_in,
)
from services.forecast.projections.pipeline import OPPORTUNITIES, PUBLICATIONS, STATEMENTS

__all__ = [
    "ANOMALIES",
    "COLLECTED",
    "OPPORTUNITIES",
    "PACE",
    "PAYMENT_TOLD",
    "PUBLICATIONS",
    "REGIONS",
    "SHELVES",
    "STATEMENTS",
    "TARGETS",
    "PaymentTold",
    "months_in",
    "moved",
    "pieces",
    "weeks_in",
]
