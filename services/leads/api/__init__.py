"""HTTP for leads: shape in, command, shape out. No rule lives here."""

from fastapi import APIRouter

from services.leads.api import (
    answers,
    awaiting,
    customers,
    handover,
    leads,
    opportunities,
    ownership,
    pursued,
    registered,
    registration_rule,
    registrations,
    rules,
    stage_models,
)
from shared.runtime.context import Service

PARTS = (
    leads,
    answers,
    customers,
    rules,
    registrations,
    registered,
    opportunities,
    pursued,
    stage_models,
    ownership,
    handover,
    registration_rule,
    awaiting,
)


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    for part in PARTS:
        router.include_router(part.routes(service))
    return router
