"""kcat (librdkafka, Debian's package) as a process of its own."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from typing import Any

from shared.testing.conformity import Raw

SECONDS = 60


class NotInstalled(RuntimeError):
    """`apt-get install kcat`."""


def produce(
    servers: str, topic: str, lines: Iterable[bytes | str], key: str = "", *more: str
) -> None:
    """A record a line, in this order, where librdkafka's own partitioner puts the key.

    `more` are words for kcat: `-H name=value` is a header, `-X name=value` a setting.
    """
    told = [line.encode() if isinstance(line, str) else line for line in lines]
    if any(b"\n" in line for line in told):
        raise ValueError("kcat takes a line for a record")
    named = ("-k", key) if key else ()
    _run(servers, ("-P", "-t", topic, *named, *more), b"\n".join(told))


def consume(servers: str, topics: Sequence[str], *more: str) -> list[Raw]:
    """Everything that lies there, by topic; of one partition in its order."""
    found: list[Raw] = []
    for topic in topics:
        how = ("-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J", *more)
        found += map(_read, _run(servers, how).splitlines())
    return found


def _run(servers: str, how: Sequence[str], given: bytes = b"") -> bytes:
    program = shutil.which("kcat")
    if program is None:
        raise NotInstalled("kcat is not on the PATH: `apt-get install kcat`")
    answer = subprocess.run(
        (program, "-b", servers, *how),
        input=given,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if answer.returncode != 0:
        raise RuntimeError(f"kcat: {answer.stderr.decode(errors='replace')[-1000:]}")
    return answer.stdout


def _read(line: bytes) -> Raw:
    """kcat writes keys and values into its JSON as they are, be they UTF-8 or not."""
    told: dict[str, Any] = json.loads(line.decode(errors="surrogateescape"))
    pairs = [_bytes(text) for text in told.get("headers", ())]
    names = [name.decode(errors="replace") for name in pairs[::2]]
    return Raw(
        topic=told["topic"],
        key=_bytes(told["key"]),
        value=_bytes(told["payload"]),
        headers=dict(zip(names, pairs[1::2], strict=True)),
    )


def _bytes(text: str | None) -> bytes:
    return (text or "").encode(errors="surrogateescape")
