"""A data folder at one instant, copied while it is in use, and brought back as another life."""

import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from shutil import copy
from typing import Any

import apsw

from shared.adapters.sqlite import stamp
from shared.adapters.sqlite.file import connection, snapshot, transaction
from shared.kernel.errors import Incompatible, PortFailed

MANIFEST = "manifest.json"
FORMAT = 1
Entry = dict[str, Any]


def backup(folder: Path, target: Path, plain: Collection[str] = ()) -> None:
    """Every `*.db` of the folder as it is at one instant, and those plain files that there are.

    All write locks are held, taken in the order of names, until every file has its snapshot;
    the copying goes on while others write again. The manifest is written last: without it,
    there is no backup. Blocks, so call it from a thread.
    """
    paths = sorted(folder.glob("*.db"))
    _make_empty(target)
    with ExitStack() as open_:
        with _held(paths):
            sources = [open_.enter_context(_frozen(path)) for path in paths]
            entries = [_plain(folder, target, name) for name in plain if (folder / name).exists()]
        entries += [
            _copied(source, target / path.name)
            for path, source in zip(paths, sources, strict=True)
        ]
    manifest = json.dumps({"format": FORMAT, "files": entries}, indent=2)
    (target / MANIFEST).write_text(manifest)
    for made in (target / MANIFEST, target):
        _sync(made)


def restore(source: Path, target: Path) -> None:
    """The folder of a backup, proven whole; every file begins another life (incarnation)."""
    entries = _manifest(source)
    for entry in entries:
        path = source / entry["name"]
        if not path.is_file() or _sha256(path) != entry["sha256"]:
            raise Incompatible(f"{path} is not what was backed up")
    _make_empty(target)
    half = target / ".restoring"
    half.mkdir()
    for entry in entries:
        _revived(source / entry["name"], half / entry["name"], renew="incarnation" in entry)
    for made in list(half.iterdir()):
        made.rename(target / made.name)
    half.rmdir()
    _sync(target)


def _make_empty(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True, mode=0o700)  # it will hold personal data
    if any(target.iterdir()):
        raise Incompatible(f"{target} is not empty")


@contextmanager
def _held(paths: Sequence[Path]) -> Iterator[None]:
    """Nobody writes any of these files meanwhile."""
    with ExitStack() as locks:
        for path in paths:
            locks.enter_context(transaction(locks.enter_context(_opened(path))))
        yield


@contextmanager
def _frozen(path: Path) -> Iterator[apsw.Connection]:
    """A connection that sees the file as it is now, whatever is written later."""
    with _opened(path) as db, snapshot(db):
        stamp.read(db)
        yield db


@contextmanager
def _opened(path: Path) -> Iterator[apsw.Connection]:
    try:
        with closing(connection(path)) as db:
            yield db
    except apsw.Error as error:
        raise PortFailed(f"{path}: {error}") from error


def _copied(source: apsw.Connection, target: Path) -> Entry:
    with _opened(target) as db:
        with db.backup("main", source, "main") as copying:
            copying.step()
        db.pragma("journal_mode", "delete")  # one file, that no WAL belongs to
    return {**_entry(target.parent, target.name), **asdict(stamp.read(source))}


def _plain(folder: Path, target: Path, name: str) -> Entry:
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    copy(folder / name, target / name)
    return _entry(target, name)


def _revived(source: Path, target: Path, *, renew: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    copy(source, target)
    if renew:
        with _opened(target) as db:
            if (found := db.pragma("quick_check")) != "ok":
                raise Incompatible(f"{source}: {found}")
            stamp.renew(db)
    _sync(target)


def _manifest(source: Path) -> list[Entry]:
    try:
        manifest = json.loads((source / MANIFEST).read_bytes())
        entries: list[Entry] = manifest["files"]
        safe = all(_inside(PurePosixPath(entry["name"])) for entry in entries)
        if manifest["format"] == FORMAT and safe:
            return entries
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise Incompatible(f"{source} holds no finished backup: {error}") from error
    raise Incompatible(f"{source} holds a backup of another kind")


def _inside(name: PurePosixPath) -> bool:
    return not name.is_absolute() and ".." not in name.parts


def _entry(folder: Path, name: str) -> Entry:
    path = folder / name
    for made in (path, path.parent):
        _sync(made)
    return {"name": name, "size": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """To the disk: a file's content, or a folder's names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
