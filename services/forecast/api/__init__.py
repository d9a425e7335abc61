"""HTTP for forecast: targets and words in; outlook, pace and what was published out."""

from fastapi import APIRouter

from services.forecast.api import (
    foresights,
    measures,
    outlooks,
    pipelines,
    publications,
    rates,
    statements,
    stocks,
    targets,
)
from shared.runtime.context import Service

PARTS = (
    outlooks,
    pipelines,
    foresights,
    statements,
    publications,
    stocks,
    rates,
    targets,
    measures,
)


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/forecast", tags=["forecast"])
    for part in PARTS:
        part.add(router, service)
    return router
