"""HTTP for notifications: everybody's inbox, and the rules that fill it."""

from fastapi import APIRouter

from services.notifications.api import inboxes, rules
from services.notifications.domain.rulebook import Facts
from shared.runtime.context import Service


def routes(facts: Facts, service: Service) -> APIRouter:
    """`facts` are those that rules may listen to, with their fields."""
    router = APIRouter(tags=["notifications"])
    inboxes.add(router, service)
    rules.add(router, service, facts)
    return router
