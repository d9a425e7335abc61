"""What every process shows to whom watches it: that it lives, that it is ready, its figures."""

from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse

from shared.kernel.errors import Unreachable
from shared.runtime.metrics import Metrics
from shared.runtime.platform import Platform
from shared.runtime.problems import handler


def probed(app: FastAPI, platform: Platform, metrics: Metrics) -> None:
    """Alive says nothing of servers elsewhere: a restart would not bring them back."""

    @app.get("/health", tags=["platform"])
    @app.get("/health/live", tags=["platform"])
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", tags=["platform"])
    async def ready() -> dict[str, str]:
        for worker in platform.workers.values():
            await worker.ports.store.end()
            if worker.unreachable:
                raise Unreachable(worker.unreachable)
        return {"status": "ready"}

    @app.get("/metrics", tags=["platform"], response_class=PlainTextResponse)
    async def told() -> Response:
        text = await metrics.scrape(platform)
        return Response(text, media_type="text/plain; version=0.0.4")


def silent(platform: Platform, metrics: Metrics) -> FastAPI:
    """The app of a process that answers nothing else."""
    app = FastAPI(title="Qudao worker", docs_url=None, redoc_url=None, openapi_url=None)
    probed(app, platform, metrics)
    for error in (Unreachable, Exception):
        app.add_exception_handler(error, handler)
    return app
