"""The gateway as an app: composed routes of its own, everything else passed to its context."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from httpx2 import AsyncBaseTransport

from shared.runtime.app import bare, browsable, described, guarded, honouring
from shared.runtime.asyncapi import served
from shared.runtime.feed.feed import Feed
from shared.runtime.feed.routes import FeedFigures, feed_routes
from shared.runtime.gateway.composed import composed
from shared.runtime.gateway.desk import Desk
from shared.runtime.gateway.document import merged
from shared.runtime.gateway.forwarding import Passed
from shared.runtime.gateway.standing import Answered
from shared.runtime.gateway.traffic import Counted, Traffic
from shared.runtime.gateway.upstream import Unavailable, connected, upstreams
from shared.runtime.hosting import load
from shared.runtime.platform import parsed
from shared.runtime.problems import problem
from shared.runtime.settings import Settings
from shared.runtime.tokens import Verifier

AGAIN = "1"  # seconds until asking again is worth it


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a gateway is made of. `own` are the routes that it answers itself, by context."""

    settings: Settings
    verifier: Verifier
    own: Mapping[str, APIRouter] = field(default_factory=dict)
    feed: Feed | None = None
    traffic: Traffic = field(default_factory=Traffic)


@asynccontextmanager
async def opened(
    apis: Mapping[str, str],
    terms: Terms,
    connect: Callable[[str], AsyncBaseTransport] = connected,
) -> AsyncIterator[FastAPI]:
    """It has asked everybody what they answer; who was not there is asked again when needed."""
    desk = Desk(upstreams(apis, connect))
    try:
        await desk.directory.look(*desk.upstreams)
        yield build_gateway(desk, terms)
    finally:
        for one in desk.upstreams:
            await one.transport.aclose()


def build_gateway(desk: Desk, terms: Terms) -> FastAPI:
    async def ours(token: str) -> None:
        """What the gateway answers itself does not depend on what was written."""
        parsed(token, desk.contexts)

    app = bare(openapi_url=None)
    app.state.desk = desk
    for router in composed(desk):
        app.include_router(router, prefix="/v1")
    for router in terms.own.values():
        app.include_router(router, prefix="/v1", dependencies=[honouring(ours)])
    app.include_router(feed_routes(terms.feed), prefix="/v1")
    if terms.feed:
        terms.traffic.registry.register(FeedFigures(terms.feed))
    app.router.default = desk.directory
    guarded(app, terms.settings, terms.verifier)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(Answered, _answered)
    app.add_middleware(Counted, traffic=terms.traffic)
    described(app, terms.own)
    _open(app, desk, terms.traffic)
    served(app, load(desk.contexts), terms.settings)
    return app


def _open(app: FastAPI, desk: Desk, traffic: Traffic) -> None:
    @app.get("/health", include_in_schema=False)
    @app.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> dict[str, str]:
        """Once it knows of anybody; a context that is down is not the gateway's illness."""
        if not any(one.document for one in desk.upstreams):
            await desk.directory.look(*desk.upstreams)
        if not any(one.document for one in desk.upstreams):
            raise Unavailable(desk.contexts)
        return {"status": "ready"}

    @app.get("/metrics", include_in_schema=False, response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(traffic.scrape(desk), media_type="text/plain; version=0.0.4")

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        if desk.directory.missing:
            await desk.directory.look(*desk.upstreams)
        return JSONResponse(merged(app.openapi(), desk.directory.learnt))

    browsable(app)


async def _unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unavailable)
    structlog.get_logger().warning("unavailable", path=request.url.path, why=str(error))
    told = problem("context-unavailable", 503, error.detail, contexts=error.contexts)
    told.headers["Retry-After"] = AGAIN
    return told


async def _answered(request: Request, error: Exception) -> Response:
    assert isinstance(error, Answered)
    return Passed(error.answer)
