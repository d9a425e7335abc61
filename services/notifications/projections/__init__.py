"""Inboxes, endpoints, and the log of deliveries."""

from services.notifications.projections.deliveries import DELIVERIES
from services.notifications.projections.endpoints import ENDPOINT_LIST
from services.notifications.projections.inbox import INBOXES

PROJECTIONS = (INBOXES, ENDPOINT_LIST, DELIVERIES)

__all__ = ["DELIVERIES", "ENDPOINT_LIST", "INBOXES", "PROJECTIONS"]
