"""HTTP for rebates: programmes in, accounts and their reasons out."""

from fastapi import APIRouter

from services.rebates.api import accounts, adjustments, programmes
from shared.runtime.context import Service


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/rebates", tags=["rebates"])
    for part in (programmes, accounts, adjustments):
        part.add(router, service)
    return router
