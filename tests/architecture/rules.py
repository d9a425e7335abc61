"""Rules over one module each: what is found is told as `path:line: what`."""

import ast
import re
import sys
from collections.abc import Iterator

from tests.architecture.sources import Source

LINES = 300
EMPTY_NAMES = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}
IMPURE = {
    "asyncio",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "threading",
    "time",
}
PURE = {
    *(sys.stdlib_module_names - IMPURE),
    "immutables",
    *(f"shared.contracts.{name}" for name in ("approvals", "calendar", "event", "ids", "money")),
    *(
        f"shared.kernel.{name}"
        for name in ("approvals", "claim", "decider", "errors", "working_clock")
    ),
}
BLIND = {"Exception", "BaseException"}
MOCKS = {"mock", "pytest_mock", "unittest.mock"}
REFUSALS = {"Refused", "NotFound", "Malformed", "Forbidden", "Mismatch", "Behind"}
SLUG = re.compile(r"[a-z]+(-[a-z0-9]+)+")
PUBLISHERS = ("shared/kernel/outbox.py", "shared/adapters/", "shared/testing/")
BY_HAND = "shared/runtime/cli/topics.py"  # `qudao topics publish`


def files_stay_small(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines())
    if lines > LINES:
        yield f"{source.path}:{LINES}: {lines} lines"


def names_tell(source: Source) -> Iterator[str]:
    """`utils` collects what nobody found a place for."""
    parts = source.path.removesuffix(".py").split("/")
    yield from (f"{source.path}:1: {part} says nothing" for part in parts if part in EMPTY_NAMES)


def money_has_no_floats(source: Source) -> Iterator[str]:
    if re.match(r"services/\w+/domain/|shared/contracts/", source.path):
        for node in source.nodes:
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if literal or (isinstance(node, ast.Name) and node.id == "float"):
                yield source.at(node, "a float")


def nothing_is_caught_blindly(source: Source) -> Iterator[str]:
    """But to clean up and raise it again, and in the one place that parks what a fact raises."""
    if source.path != "shared/kernel/parking.py":
        for node in source.nodes:
            if isinstance(node, ast.ExceptHandler) and _blind(node.type) and not _raises(node):
                yield source.at(node, "a blind except")


def _raises(handler: ast.ExceptHandler) -> bool:
    match handler.body[-1]:
        case ast.Raise(exc=None):
            return True
    return False


def _blind(caught: ast.expr | None) -> bool:
    match caught:
        case None:
            return True
        case ast.Name(id=name):
            return name in BLIND
        case ast.Tuple(elts=several):
            return any(map(_blind, several))
    return False


def nothing_of_ours_is_mocked(source: Source) -> Iterator[str]:
    for node in source.nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="monkeypatch"), attr="setattr"):
                yield source.at(node, "a mock: use an adapter or a value")
            case ast.arg(arg="mocker"):
                yield source.at(node, "a mock: use an adapter or a value")
    for statement, name in imports(source):
        if _within(name, MOCKS):
            yield source.at(statement, f"imports {name}")


def only_the_relay_publishes(source: Source) -> Iterator[str]:
    """A record on the bus is a fact from the store, or what a person publishes by hand."""
    tested = "tests/" in source.path
    if tested or source.path == BY_HAND or source.path.startswith(PUBLISHERS):
        return
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=bus, attr="publish")):
                if re.search(r"bus$", ast.unparse(bus), re.IGNORECASE):
                    yield source.at(node, "publishes")


def a_domain_speaks_only_its_own_language(source: Source) -> Iterator[str]:
    """An allow-list: the standard library without I/O, values, and its own contracts."""
    if found := re.match(r"services/(\w+)/domain/", source.path):
        own = {f"services.{found[1]}.domain", f"shared.contracts.{found[1]}"}
        for node, name in imports(source):
            if not _within(name, PURE | own):
                yield source.at(node, f"imports {name}")


def refusals_have_slugs(source: Source) -> Iterator[str]:
    """`<noun>-<reason>`, written out, so that it can be found and never changes."""
    if not source.path.startswith("tests/"):
        for node, slug in refusals(source):
            if slug is None or not SLUG.fullmatch(slug):
                yield source.at(node, f"{slug or 'a computed slug'} is no <noun>-<reason>")


def refusals(source: Source) -> Iterator[tuple[ast.Call, str | None]]:
    """Refusals that are made here, with the slug if it is written out."""
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(slug)), *_]):
                if name in REFUSALS:
                    yield node, slug
            case ast.Call(func=ast.Name(id=name), args=[ast.JoinedStr() | ast.BinOp(), *_]):
                if name in REFUSALS:
                    yield node, None


def _within(name: str, modules: set[str]) -> bool:
    return any(f"{name}.".startswith(f"{module}.") for module in modules)


def imports(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    """`from a import b` may mean the module a.b: both are taken for that."""
    for node in source.nodes:
        match node:
            case ast.Import(names=names):
                yield from ((node, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((node, f"{module}.{alias.name}") for alias in names)
            case ast.ImportFrom():
                yield node, "." * node.level + (node.module or "")


ALL = (
    files_stay_small,
    names_tell,
    money_has_no_floats,
    nothing_is_caught_blindly,
    nothing_of_ours_is_mocked,
    only_the_relay_publishes,
    a_domain_speaks_only_its_own_language,
    refusals_have_slugs,
)
