"""The routes of the contexts as functions: a request without HTTP, answered by whoever serves.

They are built once; which process serves is what `SERVING` says in the request's own context.
"""

import json
from contextvars import ContextVar
from functools import cache
from typing import Any, cast, get_type_hints

from fastapi import APIRouter, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from shared.contracts.ids import named
from shared.kernel.handler import Cause
from shared.runtime.context import Service
from shared.runtime.hosting import load
from shared.runtime.http import Caller

SERVING: ContextVar[Service] = ContextVar("SERVING")
CONTEXTS = ("partners", "leads", "orders", "rebates", "mdf", "forecast", "notifications")


class _Now:
    """One part of the service that serves just now."""

    def __init__(self, part: str) -> None:
        self._part = part

    def __call__(self, *given: Any) -> Any:
        return getattr(SERVING.get(), self._part)(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(SERVING.get(), self._part), name)


def cause_of(who: Caller, key: str) -> Cause:
    """As the edge makes it of a token and an Idempotency-Key."""
    commandid = named(who.issuer, who.subject, key)
    return Cause(commandid=commandid, actor=who.subject, correlationid=commandid, outside=True)


async def post(path: str, body: object, who: Caller, cause: Cause) -> dict[str, Any]:
    """The body of the answer; what the rules refuse is raised."""
    return await _asked("POST", path, who, body=body, by=cause)


async def get(path: str, who: Caller, **asked: Any) -> dict[str, Any]:
    return await _asked("GET", path, who, **asked)


async def _asked(method: str, path: str, who: Caller, **given: Any) -> dict[str, Any]:
    route, parts = _found(method, path)
    hints = _hints(route.endpoint)
    parts = {name: _typed(hints[name]).validate_python(one) for name, one in parts.items()}
    known = {"who": who, "response": Response(), **given, **parts}
    arguments = {name: known[name] for name in hints if name in known}
    if "body" in arguments:
        raw = json.dumps(arguments["body"])
        arguments["body"] = _typed(hints["body"]).validate_json(raw)
    for name, hint in hints.items():
        if name not in arguments and isinstance(hint, type) and issubclass(hint, BaseModel):
            arguments[name] = hint(**{k: v for k, v in given.items() if k not in {"body", "by"}})
    answer: dict[str, Any] = await route.endpoint(**arguments)
    return answer


_hints = cache(get_type_hints)
_typed = cache(TypeAdapter[Any])
Placed = tuple[str, APIRoute]
"""A route, and the prefix under which it was included."""


@cache
def _routes(method: str) -> list[Placed]:
    return [one for one in _all() if method in (one[1].methods or ())]


@cache
def _all() -> list[Placed]:
    service = Service(
        **{one: cast(Any, _Now(one)) for one in ("handle", "read", "clock", "people")}
    )
    routers = [context.routes(service) for context in load(CONTEXTS) if context.routes]
    return [one for router in routers for one in _flat(router)]


def _flat(router: APIRouter, prefix: str = "") -> list[Placed]:
    """FastAPI keeps what was included as it is, and looks inside when it is asked."""
    inside: list[Any] = [one for one in router.routes if hasattr(one, "original_router")]
    found = [(prefix, one) for one in router.routes if isinstance(one, APIRoute)]
    return [
        *found,
        *(
            deeper
            for one in inside
            for deeper in _flat(one.original_router, prefix + one.include_context.prefix)
        ),
    ]


def _found(method: str, path: str) -> tuple[APIRoute, dict[str, Any]]:
    for prefix, route in _routes(method):
        if not path.startswith(prefix):
            continue
        if match := route.path_regex.match(path.removeprefix(prefix)):
            parts = {
                name: route.param_convertors[name].convert(text)
                for name, text in match.groupdict().items()
            }
            return route, parts
    raise LookupError(f"{method} {path}")
