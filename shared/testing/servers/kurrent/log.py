"""The double's transaction log: what may be written, and at which byte it then lies.

Revisions, repeated appends and positions are decided as the server's IndexWriter and AllReader do.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from kurrentdbclient.protos.v1.shared_pb2 import StreamIdentifier
from kurrentdbclient.protos.v1.streams_pb2 import BatchAppendReq

Proposed = BatchAppendReq.ProposedMessage
ANY, NO_STREAM, EXISTS = -2, -1, -4
"""Expected revisions as the server numbers them; from 0 on they are exact."""
OVERHEAD = 73
"""Bytes of a record besides names, data and metadata."""
EPOCHS = "$epoch-information"
LENGTH = 4


@dataclass(frozen=True, slots=True)
class Record:
    position: int
    stream: str
    revision: int
    proposed: Proposed

    @property
    def id(self) -> UUID:
        return UUID(self.proposed.id.string)

    @property
    def type(self) -> str:
        return str(self.proposed.metadata["type"])


class WrongVersion(Exception):
    """`actual` is the stream's last revision, -1 when there is no such stream."""

    def __init__(self, actual: int) -> None:
        super().__init__(actual)
        self.actual = actual


class InvalidPosition(Exception):
    """No record begins there."""


class Log:
    """In memory, and with a file also there, before an append is answered.

    A killed process loses nothing that it answered; a power cut may, for there is no fsync.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.streams: dict[str, list[Record]] = {}
        self._records: list[Record] = []
        self._positions: list[int] = []
        self._end = 0
        self._store(EPOCHS, [_system("$EpochInformation")])
        self._store("$settings", [_system("update-default-acl")])
        if file:
            self._load(file)
        self._file = file.open("ab", buffering=0) if file else None

    def close(self) -> None:
        if self._file:
            self._file.close()

    def append(self, stream: str, expected: int, proposed: Sequence[Proposed]) -> Record:
        """The last record of the append, also when all of it is there already."""
        if repeated := self._repeated(stream, expected, [UUID(p.id.string) for p in proposed]):
            return repeated
        if self._file:
            self._file.write(_frame(stream, proposed))
        return self._store(stream, proposed)

    def forward(self, start: int | None, wanted: Callable[[Record], bool]) -> Iterator[Record]:
        """From the record at `start`, itself included. Behind the end there is nothing."""
        at = bisect_left(self._positions, start or 0)
        if start and at < len(self._positions) and self._positions[at] != start:
            raise InvalidPosition(start)
        while at < len(self._records):
            record, at = self._records[at], at + 1
            if record.stream != EPOCHS and wanted(record):
                yield record

    def backward(self, start: int | None, wanted: Callable[[Record], bool]) -> Iterator[Record]:
        """From before the record at `start`, without itself."""
        at = len(self._positions) if start is None else bisect_left(self._positions, start)
        if start not in {None, self._end, *self._positions[at : at + 1]}:
            raise InvalidPosition(start)
        for before in reversed(range(at)):
            record = self._records[before]
            if record.stream != EPOCHS and wanted(record):
                yield record

    def _repeated(self, stream: str, expected: int, ids: Sequence[UUID]) -> Record | None:
        """None: it may be written."""
        there = self.streams.get(stream, [])
        last = len(there) - 1
        if expected == EXISTS and not there:
            raise WrongVersion(last)
        if expected in {ANY, EXISTS}:
            found = [record for record in there if record.id in ids]
            known = {record.id for record in found}
            if ids[0] not in known:
                return None
            if known != set(ids):
                raise WrongVersion(last)
            return found[-1]
        if expected == last:
            return None
        found = there[expected + 1 : expected + 1 + len(ids)]
        if expected > last or [record.id for record in found] != list(ids):
            raise WrongVersion(last)
        return found[-1]

    def _store(self, stream: str, proposed: Sequence[Proposed]) -> Record:
        there = self.streams.setdefault(stream, [])
        for one in proposed:
            record = Record(self._end, stream, len(there), one)
            there.append(record)
            self._records.append(record)
            self._positions.append(self._end)
            self._end += OVERHEAD + len(stream) + size(one)
        return there[-1]

    def _load(self, file: Path) -> None:
        """A frame without its end was never answered: it goes."""
        raw = file.read_bytes() if file.exists() else b""
        at = 0
        while (end := at + LENGTH + int.from_bytes(raw[at : at + LENGTH])) <= len(raw) > at:
            frame = BatchAppendReq.FromString(raw[at + LENGTH : end])
            name = frame.options.stream_identifier.stream_name.decode()
            self._store(name, frame.proposed_messages)
            at = end
        if at < len(raw):
            file.write_bytes(raw[:at])


def size(proposed: Proposed) -> int:
    """What counts against the limit of an append."""
    return len(proposed.metadata["type"]) + len(proposed.data) + len(proposed.custom_metadata)


def _frame(stream: str, proposed: Sequence[Proposed]) -> bytes:
    name = StreamIdentifier(stream_name=stream.encode())
    options = BatchAppendReq.Options(stream_identifier=name)
    frame = BatchAppendReq(options=options, proposed_messages=proposed)
    raw: bytes = frame.SerializeToString()
    return len(raw).to_bytes(LENGTH) + raw


def _system(type_: str) -> Proposed:
    message = Proposed(data=b"{}", metadata={"type": type_, "content-type": "application/json"})
    message.id.string = str(UUID(int=0))
    return message
