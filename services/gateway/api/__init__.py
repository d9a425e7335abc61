"""What the one address itself answers: who is asking, what a screen shows first, what waits."""

from fastapi import APIRouter

from services.gateway.api import approvals, home
from shared.runtime.context import Service
from shared.runtime.http import Who


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["gateway"])

    @router.get("/me")
    async def me(who: Who) -> dict[str, object]:
        return {
            "subject": who.subject,
            "role": who.role,
            "partner_id": who.partner_id,
            "regions": who.regions,
            "now": service.clock().isoformat(),
        }

    home.add(router)
    approvals.add(router)
    return router
