"""Kafka's own client in Java: one source file beside this one, run without a build."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from shared.testing.servers.kafka.artifacts import prepare

SOURCE = Path(__file__).with_name("Publish.java")
SECONDS = 120


def produce(
    servers: str, topic: str, lines: Iterable[str], key: str = ""
) -> list[tuple[int, int]]:
    """A record a line; says partition and offset of each. The jars are those of the broker."""
    told = [f"{key}\t{line}" for line in lines]
    if any("\n" in line for line in told) or "\t" in key:
        raise ValueError("a line for a record, and no tab in its key")
    answer = subprocess.run(
        ("java", "-cp", f"{prepare()}/*", str(SOURCE), servers, topic),
        input="".join(f"{line}\n" for line in told),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    if answer.returncode != 0:
        raise RuntimeError(f"{SOURCE.name}: {answer.stderr[-2000:]}")
    places = (line.split("\t") for line in answer.stdout.splitlines())
    return [(int(partition), int(offset)) for partition, offset in places]
