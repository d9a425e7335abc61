"""One client of the server for everything in flight: what is asked again, and for how long."""

from asyncio import CancelledError, current_task, get_running_loop, sleep, timeout
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import grpc.aio  # type: ignore[import-untyped]
from kurrentdbclient import AsyncKurrentDBClient, NewEvent, RecordedEvent, StreamState
from kurrentdbclient.exceptions import (
    AccessDeniedError,
    BadRequestError,
    InvalidArgumentError,
    InvalidCommitPositionError,
    KurrentDBClientError,
    MaximumAppendSizeExceededError,
    NodeIsNotLeaderError,
    NotFoundError,
    ProgrammingError,
    ServiceUnavailableError,
    SSLError,
    StreamIsDeletedError,
    UnauthenticatedError,
    WrongCurrentVersionError,
)
from kurrentdbclient.streams import AsyncReadResponse

from shared.kernel.errors import Malformed, PortFailed, StaleVersion, Unreachable

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds of asking the same again; then the server is unreachable."""
ATTEMPT = 2.5
"""Seconds that one short request may take: then its outcome is unknown."""
PAUSE = 0.2
ANSWERS = (MaximumAppendSizeExceededError, NotFoundError, WrongCurrentVersionError)
FINAL = (
    AccessDeniedError,
    BadRequestError,
    InvalidArgumentError,
    SSLError,
    StreamIsDeletedError,
    UnauthenticatedError,
)
"""What asking again does not heal."""
PASSING = (KurrentDBClientError, TimeoutError, grpc.aio.UsageError)
"""What may be otherwise a moment later: the outcome of a write is then unknown."""


class NoRecordThere(PortFailed):
    """The position is none of this log: it comes from another life of the server."""


class Connection:
    """Requests are made again as they were: to append is safe with the same ids and revision."""

    def __init__(self, client: AsyncKurrentDBClient) -> None:
        self._client = client
        self.address = ",".join(client.connection_spec.targets)

    async def close(self) -> None:
        with suppress(ProgrammingError):  # there never was a connection
            await self._client.close()

    async def append(self, stream: str, events: Sequence[NewEvent], expected: int) -> int:
        """The commit position of the last event."""
        current = expected - 1 if expected else StreamState.NO_STREAM

        async def ask() -> int:
            return await self._client.append_to_stream(
                stream, events=events, current_version=current
            )

        try:
            return await self._insist(ask)
        except WrongCurrentVersionError as error:
            raise StaleVersion(stream) from error
        except MaximumAppendSizeExceededError as error:
            raise Malformed("body-too-large", f"{stream}: {error}") from error

    async def stream(
        self, stream: str, *, at: int | None = None, backwards: bool = False, limit: int
    ) -> list[RecordedEvent]:
        """Of one stream, from a revision on; nothing when there is no such stream."""

        async def ask() -> list[RecordedEvent]:
            return await self._collected(
                lambda: self._client.read_stream(
                    stream, stream_position=at, backwards=backwards, limit=limit
                )
            )

        try:
            return await self._insist(ask)
        except NotFoundError:
            return []

    async def head(self) -> int:
        """Where the whole server's last record begins, 0 when it has none."""

        async def ask() -> list[RecordedEvent]:
            return await self._collected(
                lambda: self._client.read_all(backwards=True, filter_exclude=(), limit=1)
            )

        return max((event.commit_position for event in await self._insist(ask)), default=0)

    async def scan(
        self, prefix: str, *, at: int | None, backwards: bool = False, limit: int
    ) -> list[RecordedEvent]:
        """Of all streams so named: forwards from the record at `at`, backwards from before it.

        The server walks over everybody else's records meanwhile, and that has no time limit.
        """

        async def ask() -> list[RecordedEvent]:
            return await self._collected(
                lambda: self._client.read_all(
                    commit_position=at,
                    backwards=backwards,
                    filter_include=(prefix,),
                    filter_by_stream_name=True,
                    filter_by_prefix=True,
                    limit=limit,
                )
            )

        return await self._insist(ask, bounded=False)

    async def _collected(
        self, begin: Callable[[], Awaitable[AsyncReadResponse]]
    ) -> list[RecordedEvent]:
        """All of an answer, or an error.

        Not `async with`, nor the client's `get_stream`: there an answer that is cut off because
        another request made the client reconnect ends early without a word.
        """
        await self._client.connect()
        connection = self._client.connection_id
        try:
            return [event async for event in await begin()]
        except (NodeIsNotLeaderError, ServiceUnavailableError):
            async with timeout(ATTEMPT):
                await self._client.reconnect(connection_id=connection)
            raise

    async def _insist(self, ask: Callable[[], Awaitable[T]], *, bounded: bool = True) -> T:
        clock = get_running_loop().time
        give_up = clock() + PATIENCE
        while True:
            try:
                async with timeout(ATTEMPT if bounded else None):
                    return await ask()
            except ANSWERS:
                raise
            except (CancelledError, *PASSING) as error:
                if isinstance(error, CancelledError) and _to_stop():
                    raise
                if (failure := _final(error, late=clock() > give_up)) is not None:
                    raise failure(self._told(error)) from error
            await sleep(PAUSE)

    def _told(self, error: BaseException) -> str:
        reason = " ".join(str(error).split()) or "no answer"
        return f"KurrentDB at {self.address}: {type(error).__name__}: {reason}"


def _final(error: BaseException, *, late: bool) -> type[PortFailed] | None:
    """From 25.1 on a wrong position may be an invalid argument, which the client passes on."""
    if isinstance(error, InvalidCommitPositionError) or "invalid position" in str(error):
        return NoRecordThere
    if isinstance(error, FINAL):
        return PortFailed
    return Unreachable if late else None


def _to_stop() -> bool:
    """Not the client's: it cancels what is in flight on a connection that it leaves."""
    task = current_task()
    return task is None or task.cancelling() > 0
