"""HTTP for leads: shape in, command, shape out. No rule lives here."""

from fastapi import APIRouter

from services.leads.api import answers, customers, leads, registered, registrations, rules
from shared.runtime.context import Service


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    for part in (leads, answers, customers, rules, registrations, registered):
        router.include_router(part.routes(service))
    return router
