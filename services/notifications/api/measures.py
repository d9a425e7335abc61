"""What operations should see of the ways out; 200 and more are 200."""

from services.notifications.projections import DELIVERIES, ENDPOINT_LIST
from shared.kernel.ports import Query
from shared.runtime.context import Service

MOST = 200


async def disabled_endpoints(service: Service) -> float:
    """Endpoints to which nothing goes any more."""
    return await counted(service, ENDPOINT_LIST.name, "disabled")


async def waiting_deliveries(service: Service) -> float:
    """Deliveries that wait for quiet hours to end, or for another try."""
    return await counted(service, DELIVERIES.name, "waiting")


async def dead_deliveries(service: Service) -> float:
    """Deliveries that were given up, and may be asked for again."""
    return await counted(service, DELIVERIES.name, "dead")


async def counted(service: Service, view: str, status: str) -> float:
    page = await service.read.find(view, Query((("status", "eq", status),), limit=MOST))
    return len(page.documents)


GAUGES = {
    each.__name__: each for each in (disabled_endpoints, waiting_deliveries, dead_deliveries)
}
