"""A planted bug: a patch whose first lines say what it breaks and which test notices."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from tests.reliability.simulation.run import BRIEF

ROOT = Path(__file__).parents[3]
PATCHES = Path(__file__).parent
HEADER = re.compile(r"(?P<name>Breaks|Caught-by): (?P<text>.+)")
TOUCHED = re.compile(r"^\+\+\+ b/(?P<path>.+)$", re.MULTILINE)
Verdict = Literal["caught", "missed"]
RED = 1  # what pytest returns when tests ran and failed
LONGEST = 900  # seconds for the one test


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    breaks: str
    caught_by: str  # a node id of pytest
    patch: Path

    @classmethod
    def of(cls, patch: Path) -> "Mutant":
        head = patch.read_text().partition("\n--- a/")[0]
        told = {found["name"]: found["text"] for found in HEADER.finditer(head)}
        return cls(patch.stem, told["Breaks"], told["Caught-by"], patch)

    @property
    def touches(self) -> list[str]:
        return TOUCHED.findall(self.patch.read_text())

    def applies(self) -> str:
        """Empty, or why the patch fits the tree no more."""
        return _git(ROOT, "apply", "--check", str(self.patch)).stderr

    def verdict(self) -> tuple[Verdict, str]:
        """Whether its test goes red, and what pytest said; a test that cannot run is no catch."""
        with copied() as tree:
            applied = _git(tree, "apply", str(self.patch))
            if applied.returncode:
                return "missed", applied.stderr
            return tested(tree, self.caught_by)


def mutants() -> list[Mutant]:
    return [Mutant.of(patch) for patch in sorted(PATCHES.glob("*.patch"))]


@contextmanager
def copied() -> Iterator[Path]:
    """What is part of the project, changes included that were not committed yet."""
    listed = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    with TemporaryDirectory(prefix="mutant-") as folder:
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, Path(folder) / name)
        yield Path(folder)


def tested(tree: Path, test: str) -> tuple[Verdict, str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        test,
    ]
    ran = subprocess.run(
        command,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", BRIEF: "1"},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return "caught" if ran.returncode == RED else "missed", ran.stdout[-2_000:] + ran.stderr[-500:]


def _git(where: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *asked], cwd=where, capture_output=True, text=True, check=False)
