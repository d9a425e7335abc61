"""Imports the product once, then forks lives of `qudao …` on request: a start without its imports.

Told on stdin, a line of JSON a life: arguments, environment, file for what it says. Answers its
pid when it lives and its wait status when it does not; the folder is opened as in every start.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import uvicorn  # noqa: F401 - it is what takes long

from shared.runtime.cli.main import main
from shared.runtime.hosting import load


def live(wish: Mapping[str, Any]) -> int:
    """The child's part; the parent gets its pid."""
    if pid := os.fork():
        return pid
    said = os.open(wish["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for mine, theirs in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(mine, theirs)
    os.environ.update(wish["environment"])
    sys.argv = ["qudao", *wish["arguments"]]
    try:
        main()
    except SystemExit as end:
        sys.stderr.write(f"{end.code}\n" * isinstance(end.code, str))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else int(end.code is not None))
    os._exit(0)


def answer(**what: int) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    load()
    answer(born=os.getpid())
    for line in sys.stdin:
        pid = live(json.loads(line))
        answer(pid=pid)
        answer(status=os.waitpid(pid, 0)[1])
