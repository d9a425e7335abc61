"""What dependencies read off a request themselves, and the document says all the same.

What FastAPI solves costs more than most of what is asked, and what is here is asked every time.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

Parameter = dict[str, Any]
Call = TypeVar("Call", bound=Callable[..., Any])
_READ: WeakKeyDictionary[Callable[..., Any], tuple[Parameter, ...]] = WeakKeyDictionary()


def header(name: str, what: str, *, needed: bool = False) -> Parameter:
    return _text("header", name, what, needed=needed)


def query(name: str, what: str) -> Parameter:
    return _text("query", name, what)


def reads(*parameters: Parameter) -> Callable[[Call], Call]:
    def reading(call: Call) -> Call:
        _READ[call] = parameters
        return call

    return reading


def read(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, list[Parameter]]]:
    """Of each operation in the document: its path, its method in small letters, what is read."""
    for one in iter_route_contexts(routes):
        if getattr(one, "include_in_schema", False) and one.path_format:
            parameters = [*_of(one.dependant)]
            for method in one.methods or ():
                yield one.path_format, method.lower(), parameters


def _of(dependant: Dependant) -> Iterator[Parameter]:
    for one in dependant.dependencies:
        yield from _READ.get(one.call, ()) if one.call else ()
        yield from _of(one)


def _text(where: str, name: str, what: str, *, needed: bool = False) -> Parameter:
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}], "title": name.title()}
    return {"name": name, "in": where, "required": needed, "description": what, "schema": schema}
