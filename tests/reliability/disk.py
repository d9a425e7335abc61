"""What may lie on a disk after the power went: built from a trace of what a process asked of it.

The model: a file's content and a folder's names are safe once a sync of them returned; of
everything asked since then any part may be there, in any order, the last write even torn. A
sync makes safe what was asked before it began.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Literal

Kind = Literal["write", "truncate", "sync", "create", "unlink", "said", "failed"]
Policy = Literal["nothing", "everything", "some", "first", "last", "torn"]
POLICIES: tuple[Policy, ...] = ("nothing", "everything", "some", "first", "last", "torn")
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink"
SECTOR = 512
LINE = re.compile(r"(\d+) +(?:(\w+)\((.*)|<\.\.\. (\w+) resumed>(.*))")
FILE = re.compile(r"\d+<([^>]*)>")
FAILED = re.compile(r"\) += -1 ")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True, slots=True)
class Event:
    kind: Kind
    name: str = ""  # of a file in the folder; "" is the folder itself
    offset: int = 0
    data: bytes = b""


def traced(trace: Path, folder: Path, *command: str, fault: str = "") -> tuple[int, list[Event]]:
    """How the module ended, and what it did to the folder's files, and said, in that order.

    `fault` is one of strace's: `inject=fdatasync:error=EIO:when=7`.
    """
    syscalls = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-y",
        "-xx",
        "-s",
        "100000",
        "-e",
        f"trace={CALLS}",
    ]
    faults = ["-e", fault] if fault else []
    wish = [*syscalls, *faults, "-o", str(trace), sys.executable, "-m", *command]
    done = subprocess.run(wish, check=False, stdout=subprocess.DEVNULL, timeout=600)
    return done.returncode, list(_events(trace, str(folder)))


def _events(trace: Path, folder: str) -> Iterator[Event]:
    """A call that takes long is two lines: a sync counts where it returns, the rest at once."""
    begun: dict[str, str] = {}
    for line in trace.read_text().splitlines():
        if not (found := LINE.match(line)):
            continue
        thread, call, arguments, resumed, result = found.groups()
        if resumed:
            call, arguments = resumed, begun.pop(thread) + result
        elif arguments.endswith("<unfinished ...>"):
            begun[thread] = arguments.removesuffix("<unfinished ...>")
            continue
        if not FAILED.search(arguments):
            yield from _event(call, arguments, folder)
        elif call in {"fsync", "fdatasync"}:
            for event in _event(call, arguments, folder):
                yield replace(event, kind="failed")


def _event(call: str, arguments: str, folder: str) -> Iterator[Event]:
    texts = [bytes.fromhex(text.replace("\\x", "")) for text in TEXT.findall(arguments)]
    if call == "write":
        if arguments.startswith("1<"):
            yield from (Event("said", line) for line in texts[0].decode().splitlines())
        return
    path = texts[0].decode() if call in {"openat", "unlink"} else _file(arguments)
    if (path + "/").startswith(folder) and not path.endswith("-shm"):
        yield from _of_file(call, path.removeprefix(folder).lstrip("/"), arguments, texts)


def _of_file(call: str, name: str, arguments: str, texts: Sequence[bytes]) -> Iterator[Event]:
    last = arguments.rpartition(")")[0].rpartition(", ")[2]
    match call:
        case "openat" if "O_CREAT" in arguments:
            yield Event("create", name)
        case "unlink":
            yield Event("unlink", name)
        case "pwrite64":
            yield Event("write", name, int(last), texts[0])
        case "ftruncate":
            yield Event("truncate", name, int(last))
        case "fsync" | "fdatasync":
            yield Event("sync", name)


def _file(arguments: str) -> str:
    found = FILE.match(arguments)
    return bytes.fromhex(found[1].replace("\\x", "")).decode() if found else ""


@dataclass(slots=True)
class Disk:
    """`safe`: content that is synced; `asked`: what is not yet, by file, in order."""

    safe: dict[str, bytes] = field(default_factory=dict)
    asked: dict[str, list[Event]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)  # that are synced
    renamed: list[Event] = field(default_factory=list)  # creations and deletions that are not

    def take(self, event: Event) -> None:
        match event.kind:
            case "write" | "truncate":
                self.asked.setdefault(event.name, []).append(event)
            case "create" | "unlink":
                self._name(event)
            case "failed":
                self.asked.pop(event.name, None)  # the pages are clean now, and not on the disk
            case "sync" if event.name:
                asked = self.asked.pop(event.name, [])
                self.safe[event.name] = _written(self.safe.get(event.name, b""), asked)
            case "sync":
                self.names = self._named(self.renamed)
                self.renamed.clear()
            case _:
                pass

    def _name(self, event: Event) -> None:
        """A name that is there already is opened, not made."""
        if (event.kind == "create") != (event.name in self._named(self.renamed)):
            self.renamed.append(event)

    def _named(self, renamed: Sequence[Event]) -> set[str]:
        names = set(self.names)
        for event in renamed:
            (names.add if event.kind == "create" else names.discard)(event.name)
        return names

    def image(self, policy: Policy, random: Random) -> dict[str, bytes]:
        """The files as they may be found; the same policy decides for each file."""
        names = self._named(_kept(self.renamed, policy, random))
        return {
            name: _written(
                self.safe.get(name, b""), _kept(self.asked.get(name, []), policy, random)
            )
            for name in sorted(names)
        }


def _kept(asked: Sequence[Event], policy: Policy, random: Random) -> list[Event]:
    match policy:
        case "nothing":
            return []
        case "everything":
            return list(asked)
        case "some":
            return [event for event in asked if random.random() < 0.5]
        case "first":
            return list(asked[: random.randint(0, len(asked))])
        case "last":
            return list(asked[random.randint(0, len(asked)) :])
    kept = list(asked[: random.randint(0, len(asked))])
    if kept and kept[-1].kind == "write":
        torn = kept.pop()
        size = SECTOR * random.randint(0, len(torn.data) // SECTOR)
        kept.append(Event("write", torn.name, torn.offset, torn.data[:size]))
    return kept


def _written(content: bytes, events: Sequence[Event]) -> bytes:
    made = bytearray(content)
    for event in events:
        if event.kind == "truncate":
            del made[event.offset :]
            made.extend(bytes(event.offset - len(made)))
            continue
        made.extend(bytes(max(0, event.offset - len(made))))
        made[event.offset : event.offset + len(event.data)] = event.data
    return bytes(made)
