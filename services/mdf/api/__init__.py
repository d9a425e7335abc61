"""HTTP for mdf: shape in, command, shape out. No rule lives here."""

from fastapi import APIRouter

from services.mdf.api.awaiting import awaiting_routes
from services.mdf.api.claims import claim_routes
from services.mdf.api.decisions import decision_routes
from services.mdf.api.evidence import evidence_routes
from services.mdf.api.funds import fund_routes
from services.mdf.api.requests import request_routes
from services.mdf.api.rules import rule_routes
from shared.runtime.context import Service


def routes(service: Service) -> APIRouter:
    mdf = APIRouter(prefix="/mdf", tags=["mdf"])
    mdf.include_router(fund_routes(service))
    mdf.include_router(request_routes(service))
    mdf.include_router(decision_routes(service))
    mdf.include_router(evidence_routes(service))
    mdf.include_router(claim_routes(service))
    mdf.include_router(rule_routes(service))
    router = APIRouter()
    router.include_router(mdf)
    router.include_router(awaiting_routes(service))
    return router
