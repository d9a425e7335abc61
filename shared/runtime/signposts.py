"""A word of its path says which few routes a request can be for.

FastAPI tries every route of every context in turn, on each level of its routers once more: for
the last of them that was most of a request (`python -m tests.bench W5`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from inspect import signature

from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

TOLD = signature(APIRoute).parameters.keys() - {"path", "endpoint"}
WORD = 2  # of "", "v1", "orders"


class Signposts:
    """What stands behind `/v1`, as an ASGI app; an unknown word is a path that is not there."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        by_word = defaultdict[str, list[BaseRoute]](list)
        for route in flat(routes):
            by_word[_word(route.path)].append(route)
        self._routers = {word: APIRouter(routes=those) for word, those in by_word.items()}
        self._nowhere = APIRouter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        router = self._routers.get(_word(scope["path"]), self._nowhere)
        await router(scope, receive, send)


def flat(routes: Sequence[BaseRoute]) -> Iterator[APIRoute]:
    """Each with its whole path, and with what the routers around it add."""
    for one in iter_route_contexts(routes):
        assert isinstance(one.original_route, APIRoute)
        told = {name: getattr(one, name) for name in TOLD if hasattr(one, name)}
        yield APIRoute(str(one.path), one.endpoint, **told)  # type: ignore[arg-type]


def _word(path: str) -> str:
    return path.split("/", WORD + 1)[WORD] if path.count("/") >= WORD else ""
