"""RFC 9457 problems: what was refused, why, and what to do, in Chinese and English."""

import json
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.kernel.errors import (
    Behind,
    DiskFull,
    Forbidden,
    Malformed,
    Mismatch,
    NotFound,
    Refused,
    StaleVersion,
    Unreachable,
)
from shared.runtime.platform import NotSettled
from shared.runtime.tokens import Unauthorized

STATUS: dict[type[Exception], int] = {
    Malformed: 422,
    Forbidden: 403,
    Mismatch: 412,
    Behind: 503,
    NotSettled: 504,
}
BY_SLUG = {
    "idempotency-key-missing": 400,
    "rate-exceeded": 429,
    "feed-unavailable": 503,
    "body-too-large": 413,
}
LATER = (429, 503, 507)  # where asking again helps
TITLES: dict[str, dict[str, str]] = json.loads(
    (files("shared.runtime") / "problems.json").read_text(encoding="utf-8")
)


def problem(slug: str, status: int, detail: str = "", **more: object) -> JSONResponse:
    titles = TITLES.get(slug) or {"zh": slug, "en": slug.replace("-", " ")}
    body = {
        "type": f"/problems/{slug}",
        "title": f"{titles['zh']} / {titles['en']}",
        "titles": titles,
        "slug": slug,
        "status": status,
        "detail": detail,
        **more,
    }
    again = {"Retry-After": "2"} if status in LATER else {}
    return JSONResponse(body, status, again, media_type="application/problem+json")


def answer(error: Exception) -> JSONResponse:
    """The one place where an error becomes an HTTP status."""
    match error:
        case NotFound(slug=slug):
            return problem(slug, 404)  # no detail: foreign and missing look the same
        case Refused(slug=slug):
            status = BY_SLUG.get(slug) or STATUS.get(type(error), 409)
            return problem(slug, status, str(error))
        case StaleVersion():
            return problem(
                "stream-contended", 409, "others changed it at the same time: ask again"
            )
        case Unreachable():
            return _later(error)
        case Unauthorized():
            refused = problem("token-invalid", 401, "send a valid bearer token")
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
        case RequestValidationError():
            return problem("request-malformed", 422, "see errors", errors=_pointers(error))
        case HTTPException(status_code=status):
            slug = HTTPStatus(status).name.lower().replace("_", "-")
            told = problem("request-malformed" if status == 400 else slug, status)  # noqa: PLR2004
            told.headers.update(error.headers or {})
            return told
        case _:
            return problem("internal-error", 500, "it is logged; nothing was changed half-way")


def _later(error: Unreachable) -> JSONResponse:
    if isinstance(error, DiskFull):
        return problem("disk-full", 507, "nothing is lost: ask again when there is room")
    return problem("server-unreachable", 503, "nothing is lost: ask again")


async def handler(request: Request, error: Exception) -> JSONResponse:
    told = answer(error)
    if told.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        structlog.get_logger().error("request failed", path=request.url.path, exc_info=error)
    return told


def _pointers(error: RequestValidationError) -> list[dict[str, Any]]:
    """Where and why; the input itself is not sent back, it may be anything."""
    return [
        {"pointer": "/" + "/".join(map(str, each["loc"]))[:300], "detail": str(each["msg"])[:300]}
        for each in error.errors()[:50]
    ]
