"""HTTP for partners: who sells for us, and who of our own people decides for whom."""

from fastapi import APIRouter

from services.partners.api import delegations, partners
from shared.runtime.context import Service


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    router.include_router(partners.routes(service))
    router.include_router(delegations.routes(service))
    return router
