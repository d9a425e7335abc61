"""HTTP for forecast: targets in, outlook and pace out, a measure of anybody's forecasts."""

from fastapi import APIRouter

from services.forecast.api import measures, outlooks, pipelines, rates, statements, stocks, targets
from shared.runtime.context import Service


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/forecast", tags=["forecast"])
    for part in (outlooks, pipelines, statements, stocks, rates, targets, measures):
        part.add(router, service)
    return router
