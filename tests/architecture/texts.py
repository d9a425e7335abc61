"""Rules over every text file of the project: nothing in it names one machine or one mirror."""

import re
from collections.abc import Iterator

from tests.architecture.sources import Source

# Written in pieces: the rule holds for this file too.
HOSTS = [
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("crates", "io"),
    ("maven", "org"),
    ("maven", "apache", "org"),
    ("proxy", "golang", "org"),
    ("debian", "org"),
    ("anaconda", "org"),
]
REGISTRY = re.compile("|".join(rf"\b{re.escape('.'.join(parts))}\b" for parts in HOSTS))
FOLDERS = "|".join(("work", "root", "home", "Users"))
PAGE, PARTS = 60, ["## Context", "## Decision", "## Consequences", "## Alternatives"]
MACHINE = re.compile(rf"(?<![\w.\-/}}])/(?:{FOLDERS})/")


def no_registry_is_named(source: Source) -> Iterator[str]:
    yield from _found(source, REGISTRY)


def no_machine_is_named(source: Source) -> Iterator[str]:
    yield from _found(source, MACHINE)


def _found(source: Source, pattern: re.Pattern[str]) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        yield from (f"{source.path}:{number}: {found[0]}" for found in pattern.finditer(line))


def a_decision_fits_a_page(source: Source) -> Iterator[str]:
    """Context, one sentence to quote, consequences, alternatives."""
    if re.match(r"docs/adr/\d{4}-", source.path):
        lines = source.text.splitlines()
        if len(lines) > PAGE:
            yield f"{source.path}:{PAGE}: {len(lines)} lines"
        if [line for line in lines if line.startswith("## ")] != PARTS:
            yield f"{source.path}:1: not {', '.join(PARTS)}"
        if not any(line.startswith("> ") for line in lines):
            yield f"{source.path}:1: nothing to quote"


ALL = (no_registry_is_named, no_machine_is_named, a_decision_fits_a_page)
