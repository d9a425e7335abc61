"""What was asked and what came of it, written outside of the process that may die.

An operation ends `ok` (answered with success), `fail` (answered with a refusal) or `unknown`:
no answer, or none that says. Unknown is an outcome of its own: it may have happened, or not.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Literal

Outcome = Literal["ok", "fail", "unknown"]


@dataclass(slots=True)
class Operation:
    number: int
    asked: dict[str, Any]
    outcome: Outcome = "unknown"
    answer: dict[str, Any] = field(default_factory=dict)


class Journal:
    """One line of JSON a turn, on the disk before the next one; several threads may write.

    `first` is the number of the first operation, so that several journals can be read as one.
    """

    def __init__(self, path: Path, *, first: int = 1, durable: bool = True) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock, self._next, self._durable = Lock(), first, durable
        self.path, self.close = path, self._file.close

    def asked(self, **what: Any) -> int:
        """The number of an operation that is about to be asked."""
        with self._lock:
            number, self._next = self._next, self._next + 1
            self._write({"op": number, "asked": what})
        return number

    def told(self, number: int, outcome: Outcome, **answer: Any) -> None:
        with self._lock:
            self._write({"op": number, "outcome": outcome, "answer": answer})

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        if self._durable:
            os.fsync(self._file.fileno())


def read(*paths: Path) -> dict[int, Operation]:
    """Every operation of these journals, from the files; the last outcome of each counts.

    A last line that was torn (its writer died) is left out.
    """
    operations: dict[int, Operation] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            _take(operations, json.loads(line))
    return operations


def _take(operations: dict[int, Operation], line: Mapping[str, Any]) -> None:
    number = line["op"]
    if "asked" in line:
        if number in operations:
            raise ValueError(f"operation {number} was asked twice")
        operations[number] = Operation(number, line["asked"])
    else:
        operations[number].outcome = line["outcome"]
        operations[number].answer = line["answer"]
