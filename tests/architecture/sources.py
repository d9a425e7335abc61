"""What the rules look at: our modules, our files, our contexts."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from subprocess import run

from shared import contracts
from shared.contracts.event import Event
from shared.runtime.context import Context

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """A module, by its path in the project. A violation is planted by writing one."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {what}"


def sources() -> Iterator[Source]:
    for package in ("services", "shared", "tests"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield Source(path.relative_to(ROOT).as_posix(), path.read_text())


def texts() -> Iterator[Source]:
    """Every text file that git has or would take."""
    ours = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = run(ours, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (raw := path.read_bytes()):
            yield Source(name, raw.decode(errors="replace"))


def contexts() -> list[Context]:
    names = sorted(found.parent.name for found in ROOT.glob("services/*/context.py"))
    return [import_module(f"services.{name}.context").CONTEXT for name in names]


def published() -> list[type[Event]]:
    """All that stands in the contracts: our facts, and the claims of others."""
    for module in walk_packages(contracts.__path__, "shared.contracts."):
        import_module(module.name)
    return [fact for fact in facts() if fact.__module__.startswith("shared.contracts.")]


def facts(base: type[Event] = Event) -> list[type[Event]]:
    """Every fact class that is loaded, of contexts and of the kernel; none made by a test."""
    found = {kind for fact in base.__subclasses__() for kind in (fact, *facts(fact))}
    return sorted(filter(_ours, found), key=lambda fact: (fact.__module__, fact.__name__))


def _ours(fact: type[Event]) -> bool:
    """`slots=True` makes a second class: the first one lingers, and nobody can name it."""
    known = vars(sys.modules[fact.__module__]).get(fact.__name__) is fact
    return known and fact.__module__.startswith(
        ("shared.contracts.", "shared.kernel.", "services.")
    )
