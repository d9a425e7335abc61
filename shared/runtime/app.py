"""One FastAPI app from any set of hosted contexts: the same behind the gateway and in a test."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from shared.kernel.errors import Behind, DiskFailed, Refused, StaleVersion, Unreachable
from shared.runtime import admin
from shared.runtime.asyncapi import served
from shared.runtime.feed.feed import Feed
from shared.runtime.feed.routes import FeedFigures, feed_routes
from shared.runtime.guard import Guard
from shared.runtime.metrics import Metrics
from shared.runtime.openapi import Document, completed, owned
from shared.runtime.platform import HandTurned, NotSettled, Platform, parsed
from shared.runtime.probes import probed
from shared.runtime.problems import handler
from shared.runtime.rate import Policies, Rate
from shared.runtime.reading import header, query, reads
from shared.runtime.settings import Settings
from shared.runtime.signposts import Signposts, flat
from shared.runtime.telemetry import for_fastapi
from shared.runtime.tokens import Issuer, Verifier

ASSETS = str(files("fastapi_swagger") / "resources")
ERRORS = (Refused, StaleVersion, Unreachable, RequestValidationError, HTTPException, Exception)
V1 = "/v1"
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
    feed: Feed | None = None


def build(house: House) -> FastAPI:
    app, platform = bare(), house.platform
    contexts = _contexts(platform)
    routes = [*flat(_behind(house, contexts).routes)]
    app.router.default = Signposts(routes)
    _unguarded(app, house)
    served(app, [worker.context for worker in platform.workers.values()], house.settings)
    guarded(app, house.settings, Verifier.of(house.settings, house.issuer))
    app.add_exception_handler(DiskFailed, ending(platform))
    described(app, contexts, routes)
    return app


def _behind(house: House, contexts: Mapping[str, APIRouter]) -> APIRouter:
    """With its prefix each, not with one around them: FastAPI would make all routes once more."""
    platform, behind = house.platform, APIRouter()
    honour = honouring(partial(_passed, platform))
    for router in (*contexts.values(), *_routers(house)):
        behind.include_router(router, prefix=V1, dependencies=[honour])
    behind.include_router(admin.settled_routes(platform), prefix=V1)
    if "gateway" not in contexts:  # where it is, nobody asks from outside how far we are
        behind.include_router(admin.standing_routes(platform), prefix=V1)
    if house.open_doors:
        behind.include_router(admin.token_routes(house.issuer), prefix=V1)
    return behind


def bare(**how: Any) -> FastAPI:
    return FastAPI(
        title="Qudao",
        version="1",
        docs_url=None,
        redoc_url=None,
        telemetry=for_fastapi(),
        **how,
    )


def guarded(app: FastAPI, settings: Settings, verifier: Verifier) -> None:
    """Every request passes the guard, and every error is a problem."""
    for error in ERRORS:
        app.add_exception_handler(error, handler)
    app.add_middleware(
        Guard,
        verifier=verifier,
        body_limit=settings.body_limit,
        file_limit=settings.file_limit,
        rate=Rate(Policies.of(settings)),
    )


def ending(platform: Platform) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Who asked is answered; then the process ends, and the next start looks at the disk."""

    async def ended(request: Request, error: Exception) -> Response:
        platform.fail(error)
        return await handler(request, error)

    return ended


def described(
    app: FastAPI, contexts: Mapping[str, APIRouter], behind: Sequence[BaseRoute] = ()
) -> None:
    """The document says of each operation which context it is of: the gateway routes by it."""

    @cache
    def openapi() -> Document:
        routes = [*behind, *app.routes]
        plain = get_openapi(title=app.title, version=app.version, routes=routes)
        return owned(completed(plain, routes), contexts)

    app.openapi = openapi  # type: ignore[method-assign]


def _contexts(platform: Platform) -> dict[str, APIRouter]:
    return {
        name: worker.context.routes(worker.service)
        for name, worker in platform.workers.items()
        if worker.context.routes
    }


def _routers(house: House) -> list[APIRouter]:
    platform = house.platform
    return [
        admin.clock_routes(platform, house.turn),
        admin.fact_routes(platform),
        admin.parked_routes(platform),
        admin.rebuild_routes(platform),
        *([feed_routes(house.feed)] if house.feed else []),
    ]


def honouring(wait: Callable[[str], Awaitable[None]]) -> Any:
    @reads(
        header("qudao-token", "the token of an answer: this one is not older"),
        query("token", "the same, where no header can be set"),
    )
    async def honoured(request: Request) -> None:
        """A read that shows a token sees what its caller wrote, or says that it is behind."""
        told = request.headers.get("qudao-token") or request.query_params.get("token")
        if told:
            await wait(told)

    return Depends(honoured)


async def _passed(platform: Platform, token: str) -> None:
    parsed(token, platform.workers)
    try:
        await platform.passed(token, WAIT)
    except NotSettled as late:
        raise Behind("read-behind", "the view is catching up: ask again") from late


def _unguarded(app: FastAPI, house: House) -> None:
    probed(app, house.platform, house.metrics)
    if house.feed:
        house.metrics.registry.register(FeedFigures(house.feed))
    browsable(app)


def browsable(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def front() -> RedirectResponse:
        return RedirectResponse("/docs")

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
