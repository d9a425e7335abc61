"""A channel into a file: one JSON line a delivery, for people and for whatever tails it."""

import json
import os
from asyncio import Lock, to_thread
from pathlib import Path
from uuid import UUID

from shared.adapters.room import failure


class LogFileChannel:
    """A line is on the disk when `send` returns. A send that is repeated has the same id."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    async def send(self, delivery_id: UUID, recipient: str, title: str, body: str) -> None:
        line = {
            "delivery_id": str(delivery_id),
            "recipient": recipient,
            "title": title,
            "body": body,
        }
        async with self._lock:
            try:
                await to_thread(self._write, json.dumps(line, ensure_ascii=False))
            except OSError as error:
                raise failure(error)(f"notification log {self._path}: {error}") from error

    def _write(self, line: str) -> None:
        """A line that a crash cut off is ended first, so that it spoils no other."""
        with self._path.open("a+b") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(end - 1, 0))
            cut = file.read(1) not in {b"", b"\n"}
            file.write(b"\n" * cut + line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
