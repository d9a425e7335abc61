"""HTTP for notifications: inboxes, the rules that fill them, and the ways out of the house."""

from fastapi import APIRouter

from services.notifications.api import deliveries, endpoints, inboxes, preferences, rules
from services.notifications.domain.rulebook import Facts
from shared.runtime.context import Service


def routes(facts: Facts, service: Service) -> APIRouter:
    """`facts` are those that rules may listen to, with their fields."""
    router = APIRouter(tags=["notifications"])
    inboxes.add(router, service)
    rules.add(router, service, facts)
    endpoints.add(router, service)
    deliveries.add(router, service)
    preferences.add(router, service)
    return router
