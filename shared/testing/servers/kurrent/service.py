"""What the double answers to the vendor's client, in the messages of its own stubs."""

import asyncio
import re
from base64 import b64decode
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import grpc.aio  # type: ignore[import-untyped]
from google.protobuf.any_pb2 import Any as Packed  # type: ignore[import-untyped]
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from kurrentdbclient.protos.v1 import gossip_pb2, shared_pb2, status_pb2, streams_pb2
from kurrentdbclient.protos.v1.gossip_pb2_grpc import GossipServicer
from kurrentdbclient.protos.v1.streams_pb2_grpc import StreamsServicer

from shared.testing.servers.kurrent.log import (
    ANY,
    EXISTS,
    NO_STREAM,
    InvalidPosition,
    Log,
    Record,
    WrongVersion,
    size,
)

LIMIT = 1 << 20
"""Bytes of one append: the default of the servers up to 24.10."""
INVALID = (
    (grpc.StatusCode.UNKNOWN, "Unexpected FilteredReadAllResult: InvalidPosition"),
    (grpc.StatusCode.INVALID_ARGUMENT, "Trying to read from an invalid position."),
)
"""How servers say that no record begins at a position, some so and some so."""
EXPECTED = {"no_stream": NO_STREAM, "any": ANY, "stream_exists": EXISTS}


@dataclass
class Faults:
    """What a test makes go wrong; each count is used up by one request."""

    lost_answers: int = 0
    """Appends that are stored, and whose connection breaks before the answer."""
    busy: int = 0
    """Appends that are answered `Server Is Busy`, on a connection that stays."""
    unavailable: int = 0
    """Appends that are refused as unavailable: the client then leaves its connection."""
    unknown_positions: int = 0
    """Appends that are answered without a position, as the server may answer a repeated one."""
    torn_reads: int = 0
    """Reads whose connection breaks after the first event."""
    reading: deque[str] = field(default_factory=lambda: deque(maxlen=1_000))
    """What was last asked of `$all`."""
    no_record: tuple[Any, str] = INVALID[0]
    cut: Callable[[], None] = lambda: None

    def use(self, name: str) -> bool:
        left: int = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return left > 0


@dataclass
class Access:
    """Users and passwords; without any, everybody may do everything."""

    users: Mapping[str, str] = field(default_factory=dict)
    no_all: Collection[str] = ()
    """Who may not read `$all`: on a real server whoever is no admin, unless told otherwise."""

    async def check(self, context: Any, *, everything: bool = False) -> None:
        if not self.users:
            return
        given = {key: value for key, value in context.invocation_metadata()}.get("authorization")
        if given is None:
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "Access Denied")
        user, _, password = b64decode(str(given).removeprefix("Basic ")).decode().partition(":")
        if self.users.get(user) != password:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "Unauthenticated")
        if everything and user in self.no_all:
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "Access Denied")


class Streams(StreamsServicer):
    """Appends and reads; subscriptions and deletions nobody here needs."""

    def __init__(self, log: Log, access: Access, faults: Faults) -> None:
        self._log, self._access, self._faults = log, access, faults

    async def Read(self, request: Any, context: Any) -> AsyncIterator[Any]:
        options = request.options
        everything = options.WhichOneof("stream_option") == "all"
        await self._access.check(context, everything=everything)
        if options.WhichOneof("count_option") != "count":
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "the double has no subscriptions")
        torn = self._faults.use("torn_reads")
        try:
            for answer in islice(self._answers(options), options.count):
                yield answer
                if torn:
                    await asyncio.sleep(0.05)  # so that the first one is on its way
                    self._faults.cut()
        except InvalidPosition:
            await context.abort(*self._faults.no_record)

    async def BatchAppend(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        await self._access.check(context)
        async for request in requests:
            answer = streams_pb2.BatchAppendResp(
                correlation_id=request.correlation_id,
                stream_identifier=request.options.stream_identifier,
            )
            if self._faults.use("unavailable"):
                await context.abort(grpc.StatusCode.UNAVAILABLE, "Server Is Too Busy")
            self._write(request, answer)
            if self._faults.use("lost_answers"):
                self._faults.cut()
                await context.abort(grpc.StatusCode.UNAVAILABLE, "the double lost the answer")
            yield answer

    def _answers(self, options: Any) -> Iterator[Any]:
        if options.WhichOneof("stream_option") == "all":
            return map(_event, self._all(options))
        name = options.stream.stream_identifier.stream_name.decode()
        if name not in self._log.streams:
            found = shared_pb2.StreamIdentifier(stream_name=name.encode())
            missing = streams_pb2.ReadResp.StreamNotFound(stream_identifier=found)
            return iter([streams_pb2.ReadResp(stream_not_found=missing)])
        return map(_event, self._stream(self._log.streams[name], options))

    def _stream(self, there: list[Record], options: Any) -> list[Record]:
        named = options.stream.WhichOneof("revision_option") == "revision"
        at = options.stream.revision if named else None
        if options.read_direction == options.Backwards:
            return there[: None if at is None else at + 1][::-1]
        return there[at or 0 :]

    def _all(self, options: Any) -> Iterator[Record]:
        named = options.all.WhichOneof("all_option") == "position"
        at = options.all.position.commit_position if named else None
        back = options.read_direction == options.Backwards
        self._faults.reading.append(f"{'before' if back else 'from'} {at}")
        look = self._log.backward if back else self._log.forward
        return look(at, _filter(options))

    def _write(self, request: Any, answer: Any) -> None:
        """One request is one append: the client always says that it is final."""
        proposed, options = list(request.proposed_messages), request.options
        if sum(map(size, proposed)) > LIMIT:
            _refuse(answer, shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=LIMIT))
        elif self._faults.use("busy"):
            _refuse(answer, Empty(), "Server Is Busy")
        else:
            self._append(options, proposed, answer)

    def _append(self, options: Any, proposed: list[Any], answer: Any) -> None:
        which = options.WhichOneof("expected_stream_position")
        expected = EXPECTED.get(which, options.stream_position)
        try:
            last = self._log.append(
                options.stream_identifier.stream_name.decode(), expected, proposed
            )
        except WrongVersion as error:
            if error.actual < 0:
                _refuse(answer, shared_pb2.WrongExpectedVersion(current_no_stream=Empty()))
            else:
                _refuse(
                    answer, shared_pb2.WrongExpectedVersion(current_stream_revision=error.actual)
                )
        else:
            lost = self._faults.use("unknown_positions")
            position = 2**64 - 1 if lost else last.position
            answer.success.current_revision = last.revision
            answer.success.position.commit_position = position
            answer.success.position.prepare_position = position


class Gossip(GossipServicer):
    """A cluster of one, which leads."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def Read(self, request: Any, context: Any) -> Any:
        member = gossip_pb2.MemberInfo(
            state=gossip_pb2.MemberInfo.Leader,
            is_alive=True,
            http_end_point=gossip_pb2.EndPoint(address="127.0.0.1", port=self._port),
        )
        return gossip_pb2.ClusterInfo(members=[member])


def _refuse(answer: Any, why: Any, told: str = "") -> None:
    details = Packed()
    details.Pack(why)
    answer.error.CopyFrom(status_pb2.Status(message=told or type(why).__name__, details=details))


def _filter(options: Any) -> Callable[[Record], bool]:
    if options.WhichOneof("filter_option") == "no_filter":
        return lambda record: True
    which = options.filter.WhichOneof("filter")
    expression = getattr(options.filter, which)

    def wanted(record: Record) -> bool:
        name = record.stream if which == "stream_identifier" else record.type
        if expression.regex:
            return re.search(expression.regex, name) is not None
        return name.startswith(tuple(expression.prefix))

    return wanted


def _event(record: Record) -> Any:
    recorded = streams_pb2.ReadResp.ReadEvent.RecordedEvent(
        id=record.proposed.id,
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=record.stream.encode()),
        stream_revision=record.revision,
        prepare_position=record.position,
        commit_position=record.position,
        metadata=record.proposed.metadata,
        custom_metadata=record.proposed.custom_metadata,
        data=record.proposed.data,
    )
    event = streams_pb2.ReadResp.ReadEvent(event=recorded, commit_position=record.position)
    return streams_pb2.ReadResp(event=event)
