"""One FastAPI app from any set of hosted contexts: the same behind the gateway and in a test."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from shared.kernel.errors import Behind, Refused, StaleVersion
from shared.runtime import admin
from shared.runtime.guard import Guard
from shared.runtime.metrics import Metrics
from shared.runtime.openapi import completed
from shared.runtime.platform import HandTurned, NotSettled, Platform, parsed
from shared.runtime.problems import handler
from shared.runtime.settings import Settings
from shared.runtime.tokens import Issuer, Verifier

ASSETS = str(files("fastapi_swagger") / "resources")
WAIT = 5.0  # seconds a read waits for what its caller wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What an app is made of. `open_doors`: anybody may ask for a token (demo and tests)."""

    platform: Platform
    settings: Settings
    issuer: Issuer
    metrics: Metrics
    turn: HandTurned | None = None
    open_doors: bool = False


def build(house: House) -> FastAPI:
    app = FastAPI(title="Qudao", version="1", docs_url=None, redoc_url=None)
    honour = Depends(_reader(house.platform))
    for router in _routers(house):
        app.include_router(router, prefix="/v1", dependencies=[honour])
    app.include_router(admin.settled_routes(house.platform), prefix="/v1")
    if house.open_doors:
        app.include_router(admin.token_routes(house.issuer), prefix="/v1")
    _unguarded(app, house)
    for error in (Refused, StaleVersion, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(error, handler)
    app.add_middleware(
        Guard,
        verifier=Verifier.of(house.settings, house.issuer),
        body_limit=house.settings.body_limit,
        rate=house.settings.rate,
    )
    plain = app.openapi
    app.openapi = lambda: completed(plain())  # type: ignore[method-assign]
    return app


def _routers(house: House) -> list[APIRouter]:
    platform = house.platform
    contexts = [
        worker.context.routes(worker.service)
        for worker in platform.workers.values()
        if worker.context.routes
    ]
    return [
        *contexts,
        admin.clock_routes(platform, house.turn),
        admin.fact_routes(platform),
        admin.parked_routes(platform),
        admin.rebuild_routes(platform),
    ]


def _reader(platform: Platform) -> Callable[..., Any]:
    async def honoured(
        qudao_token: Annotated[str | None, Header()] = None,
        token: Annotated[str | None, Query()] = None,
    ) -> None:
        """A read that shows a token sees what its caller wrote, or says that it is behind."""
        if shown := qudao_token or token:
            parsed(shown, platform.workers)
            try:
                await platform.passed(shown, WAIT)
            except NotSettled as late:
                raise Behind("read-behind", "the view is catching up: ask again") from late

    return honoured


def _unguarded(app: FastAPI, house: House) -> None:
    @app.get("/health", tags=["platform"])
    @app.get("/health/live", tags=["platform"])
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", tags=["platform"])
    async def ready() -> dict[str, str]:
        for worker in house.platform.workers.values():
            await worker.ports.store.end()
        return {"status": "ready"}

    @app.get("/metrics", tags=["platform"], response_class=PlainTextResponse)
    async def metrics() -> Response:
        text = await house.metrics.scrape(house.platform)
        return Response(text, media_type="text/plain; version=0.0.4")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Qudao",
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon-32x32.png",
            swagger_ui_parameters={"validatorUrl": None},  # it would ask a server far away
        )

    app.mount("/docs/assets", StaticFiles(directory=ASSETS), name="docs")
