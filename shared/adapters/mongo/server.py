"""One MongoDB deployment, as a process sees it: its pool, and transactions."""

from asyncio import sleep
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import uniform
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from pymongo import AsyncMongoClient, DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from shared.adapters.mongo.faults import conflicting, meant, undecided
from shared.kernel.errors import Incompatible, PortFailed

T = TypeVar("T")
Doc = dict[str, Any]
Session = AsyncClientSession
Database = AsyncDatabase[Doc]
Write = InsertOne[Doc] | UpdateOne | ReplaceOne[Doc] | DeleteOne
Work = Callable[[Session], Awaitable[T]]
GONE = 3_000  # milliseconds without a server until it is unreachable
SILENT = 60_000  # milliseconds that one answer may take
YIELDING = 10.0  # seconds that a transaction gives way to others, or asks for its outcome
PAUSE = 0.02  # seconds, at most and at first, before it tries again
AT_ONCE = 5_000  # writes that one answer is about
SCHEMES = ("mongodb://", "mongodb+srv://")
OLDEST, EIGHT = "8.0", 25  # the wire version that `client.bulk_write` came with
SURE: Doc = {
    "w": "majority",
    "journal": True,
    "wTimeoutMS": 10_000,
    "readConcernLevel": "majority",
    "readPreference": "primary",
    "retryWrites": True,
    "retryReads": True,
    "serverSelectionTimeoutMS": GONE,
    "connectTimeoutMS": GONE,
    "heartbeatFrequencyMS": GONE,
    "socketTimeoutMS": SILENT,
    "uuidRepresentation": "standard",
    "appname": "qudao",
}


class Mongo:
    """Every database of a process shares one pool. What the uri says of safety is overruled."""

    def __init__(
        self,
        uri: str,
        *,
        user: str | None = None,
        password: str | None = None,
        ca: Path | None = None,
    ) -> None:
        options = SURE | ({"username": user, "password": password} if user else {})
        options |= {"tls": True, "tlsCAFile": str(ca)} if ca else {}
        if not uri.startswith(SCHEMES):
            raise PortFailed(f"the address of MongoDB begins with one of {', '.join(SCHEMES)}")
        try:
            with meant("MongoDB"):
                self._client: AsyncMongoClient[Doc] = AsyncMongoClient(uri, **options)
        except OSError as error:
            raise PortFailed(f"MongoDB: {ca}: {error.strerror}") from error
        self.name = f"MongoDB at {urlsplit(uri).netloc.rpartition('@')[2]}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.close()

    async def check(self) -> None:
        """`Incompatible` with what could not keep our promises, `Unreachable` without a server."""
        with meant(self.name):
            hello = await self._client.admin.command("hello")
        if hello["maxWireVersion"] < EIGHT:
            raise Incompatible(f"{self.name} is older than {OLDEST}")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise Incompatible(f"{self.name} is no replica set: it has no transactions")

    def database(self, name: str) -> Database:
        with meant(self.name):
            return self._client[name]

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """Later reads see no less than earlier ones, whichever member answers."""
        with meant(self.name):
            async with self._client.start_session(causal_consistency=True) as session:
                yield session

    async def transaction(self, work: Work[T]) -> T:
        """All or nothing. `work` is done again when others were first, so it only writes there.

        `Unreachable` when that goes on for too long, or when nobody knows whether it was done.
        """
        until, pause = monotonic() + YIELDING, PAUSE
        with meant(self.name):
            async with self._client.start_session() as session:
                while True:
                    try:
                        return await _once(session, work, until)
                    except PyMongoError as error:
                        if not conflicting(error) or monotonic() > until:
                            raise
                    await sleep(uniform(0, pause))
                    pause = min(2 * pause, 50 * PAUSE)

    async def write(self, writes: Sequence[Write], session: Session) -> None:
        for some in chunks(writes, AT_ONCE):
            await self._client.bulk_write(some, session=session, ordered=False)


def chunks(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


async def _once(session: Session, work: Work[T], until: float) -> T:
    await session.start_transaction(ReadConcern("snapshot"))
    try:
        result = await work(session)
    except BaseException:
        await session.abort_transaction()
        raise
    await _commit(session, until)
    return result


async def _commit(session: Session, until: float) -> None:
    while True:
        try:
            return await session.commit_transaction()
        except PyMongoError as error:
            if not undecided(error) or monotonic() > until:
                raise
        await sleep(PAUSE)
