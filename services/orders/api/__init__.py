"""HTTP for orders: shape in, command, shape out. No rule lives here."""

from fastapi import APIRouter

from services.orders.api.accounts import account_routes
from services.orders.api.awaiting import awaiting_routes
from services.orders.api.goods import shipment_routes
from services.orders.api.order_rule import rule_routes
from services.orders.api.orders import order_routes
from services.orders.api.payments import payment_routes
from shared.runtime.context import Service


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    router.include_router(order_routes(service))
    router.include_router(rule_routes(service))
    router.include_router(awaiting_routes(service))
    router.include_router(account_routes(service))
    router.include_router(payment_routes(service))
    router.include_router(shipment_routes(service))
    return router
