"""A word of its path says which few routes a request can be for (ADR 0046)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from inspect import signature

from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

TOLD = signature(APIRoute).parameters.keys() - {"path", "endpoint", "form_limits"}
"""All of a route but the limits of its forms, which FastAPI does not tell: ours have none."""
WORD = 2  # of "", "v1", "orders"


class Signposts:
    """What stands behind `/v1`, as an ASGI app; an unknown word is a path that is not there."""

    def __init__(self, routes: Sequence[APIRoute]) -> None:
        by_word = defaultdict[str, list[BaseRoute]](list)
        for route in routes:
            by_word[_word(route.path)].append(route)
        self._routers = {word: APIRouter(routes=those) for word, those in by_word.items()}
        self._nowhere = APIRouter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        router = self._routers.get(_word(scope["path"]), self._nowhere)
        await router(scope, receive, send)


def flat(routes: Sequence[BaseRoute]) -> Iterator[APIRoute]:
    """Each with its whole path, and with what the routers around it add: all, or it fails."""
    for one in iter_route_contexts(routes):
        assert isinstance(one.original_route, APIRoute)
        told = {name: getattr(one, name) for name in TOLD}
        yield APIRoute(str(one.path), one.endpoint, **told)  # type: ignore[arg-type]


def _word(path: str) -> str:
    return path.split("/", WORD + 1)[WORD] if path.count("/") >= WORD else ""
