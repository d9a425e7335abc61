"""Blobs in a folder of this machine: two levels of folders, every file whole or not there."""

import os
from asyncio import to_thread
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from shared.adapters.blobs.naming import is_name, named, whole
from shared.adapters.room import failure

INCOMING = "incoming"


class FolderBlobs:
    """Processes may share it. A crash may leave a file in `incoming`, never half a blob."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _told(path):
            (path / INCOMING).mkdir(parents=True, exist_ok=True)

    async def put(self, data: bytes) -> str:
        """Durable when it returns. What lies there is replaced, as it might be damaged."""
        name = named(data)
        await to_thread(self._write, self._at(name), data)
        return name

    async def get(self, name: str) -> bytes | None:
        """None also for what can be no name."""
        return await to_thread(self._read, name) if is_name(name) else None

    async def delete(self, name: str) -> bool:
        return await to_thread(self._remove, self._at(name)) if is_name(name) else False

    def _at(self, name: str) -> Path:
        return self._path / name[:2] / name[2:4] / name

    def _write(self, at: Path, data: bytes) -> None:
        with _told(at):
            with NamedTemporaryFile(dir=self._path / INCOMING, delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._make(at.parent)
            Path(file.name).replace(at)
            _sync(at.parent)

    def _make(self, folder: Path) -> None:
        """A folder is durable once the one that it is in is synced."""
        folder.mkdir(parents=True, exist_ok=True)
        _sync(folder.parent)
        _sync(self._path)

    def _read(self, name: str) -> bytes | None:
        at = self._at(name)
        with _told(at):
            try:
                data = at.read_bytes()
            except FileNotFoundError:
                return None
        return whole(name, data, str(at))

    def _remove(self, at: Path) -> bool:
        with _told(at):
            try:
                at.unlink()
            except FileNotFoundError:
                return False
            _sync(at.parent)
        return True


@contextmanager
def _told(at: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise failure(error)(f"{at}: {error.strerror or error}") from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
