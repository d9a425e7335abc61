"""docs/map.md: who owns what, who publishes it, who reacts to it; made from the contexts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from fastapi import FastAPI

from shared.contracts.event import Event
from shared.kernel.projection import Projection
from shared.runtime.context import Context, Service
from tests.architecture.facts import commands

Rows = Iterable[Sequence[str]]
OTHERS = "other systems"
HEAD = """\
# The map

Generated from the contexts by `make map`; a test keeps it current. A context knows of another
only what the other publishes.
"""


def context_map(contexts: Sequence[Context]) -> str:
    parts = [HEAD, flow(contexts), *(part for context in contexts for part in section(context))]
    return "\n".join(parts)


def flow(contexts: Sequence[Context]) -> str:
    """One arrow from each publisher to each context that reacts, with what it reacts to."""
    arrows: dict[tuple[str, str], set[str]] = defaultdict(set)
    for context in contexts:
        for fact, _ in reactions(context):
            arrows[source(fact), context.name].add(fact.__name__)
    lines = [
        f'  {ident(a)} -- "{"<br/>".join(sorted(f))}" --> {b}' for (a, b), f in arrows.items()
    ]
    boxes = [f"  {context.name}[[{context.name}]]" for context in contexts]
    foreign = [f"  {ident(OTHERS)}({OTHERS})"] if any(a == OTHERS for a, _ in arrows) else []
    return "\n".join(["```mermaid", "flowchart LR", *boxes, *foreign, *sorted(lines), "```", ""])


def section(context: Context) -> Iterator[str]:
    yield f"## {context.name}\n"
    yield from table("stream | published | private", streams(context))
    if context.aggregates:
        named = [command.__name__ for command in commands(context)]
        yield f"Commands: {code(sorted(named))}.\n"
    yield from table("reacts to | of | by", reacts(context))
    yield from table("process | after", processes(context))
    yield from table("view | from | asked by | a partner sees", views(context))
    yield from table("route | what", routes(context))


def streams(context: Context) -> Rows:
    for aggregate in context.streams:
        public = [f.__name__ for f in aggregate.facts if f.__name__ in context.published]
        private = [f.__name__ for f in aggregate.facts if f.__name__ not in context.published]
        yield f"`{context.name}.{aggregate.name}-…`", code(public), code(private)


def reacts(context: Context) -> Rows:
    by: dict[type[Event], list[str]] = defaultdict(list)
    for fact, what in reactions(context):
        by[fact].append(what)
    for fact in sorted(by, key=lambda fact: (source(fact), fact.__name__)):
        yield f"`{fact.__name__}`", source(fact), ", ".join(by[fact])


def reactions(context: Context) -> Iterator[tuple[type[Event], str]]:
    for claim in context.claims:
        yield claim.fact, "claim"
    for policy in context.policies:
        yield from ((fact, f"policy `{policy.name}`") for fact in policy.facts)
    for view in context.projections:
        if view.source == "bus":
            yield from ((fact, f"view `{view.name}`") for fact in view.facts)


def processes(context: Context) -> Rows:
    for process in context.processes:
        yield f"`{process.name}`", code(fact.__name__ for fact in process.facts)
    for courier in context.couriers:
        yield f"`{courier.name}` (delivers)", code(fact.__name__ for fact in courier.facts)
    if context.timers:
        yield f"`{context.name}.timers`", code(fact.__name__ for fact in context.timers.facts)


def views(context: Context) -> Rows:
    for view in sorted(context.projections, key=lambda view: view.name):
        yield f"`{view.name}` v{view.version}", origin(view), asked(view), seen(view)


def origin(view: Projection[Any]) -> str:
    return f"{view.source}: {code(sorted(fact.__name__ for fact in view.facts))}"


def asked(view: Projection[Any]) -> str:
    return code(index.field for index in view.view.indexes)


def seen(view: Projection[Any]) -> str:
    return f"its own by `{view.partner_field}`" if view.partner_field else "nothing"


def routes(context: Context) -> Rows:
    """From the OpenAPI of its router; nothing is called, so nothing stands behind it."""
    if context.routes is None:
        return
    nobody = cast(Any, None)
    app = FastAPI()
    service = Service(handle=nobody, read=nobody, clock=nobody, people=nobody)
    app.include_router(context.routes(service), prefix="/v1")
    for path, operations in sorted(app.openapi()["paths"].items()):
        for method, operation in operations.items():
            yield f"`{method.upper()} {path}`", operation["summary"]


def table(head: str, rows: Rows) -> Iterator[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        yield "\n".join([f"| {head} |", "|---" * (head.count("|") + 1) + "|", *lines, ""])


def source(fact: type[Event]) -> str:
    owner = fact.__module__.rpartition(".")[2]
    return OTHERS if owner == "inbound" else owner


def ident(name: str) -> str:
    return name.replace(" ", "_")


def code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
