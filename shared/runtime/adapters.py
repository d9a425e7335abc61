"""The composition root: what stands behind the ports, as the settings name it.

Each server has its own setting; what is not set is a file of the data folder.
"""

import fcntl
from asyncio import Lock
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.adapters.blobs import FolderBlobs
from shared.adapters.held import Held
from shared.adapters.kafka.bus import KafkaBus
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.membership import Group, Membership
from shared.adapters.kafka.topics import apply, check, lead
from shared.adapters.logfile import LogFileChannel
from shared.adapters.sqlite import SqliteBus, SqlitePeople, SqliteStore, SqliteViews
from shared.kernel.consumer import Holds, everything
from shared.kernel.dispatch import Carrier
from shared.kernel.errors import Incompatible
from shared.kernel.ports import Blobs, Bus, Clock, EventStore, People, Views
from shared.runtime.carriers import carriers
from shared.runtime.context import Context, Ports
from shared.runtime.settings import Settings
from shared.runtime.topics import every, read_by

if TYPE_CHECKING:
    from shared.adapters.kurrent import KurrentStore
    from shared.adapters.mongo import Mongo


@dataclass(slots=True)
class Adapters:
    """Whatever it opens is closed with the stack."""

    settings: Settings
    clock: Clock
    stack: AsyncExitStack
    _kafka: KafkaBus | None = None
    _files: SqliteBus | None = None
    _mongo: "Mongo | None" = None
    _carriers: dict[str, Carrier] | None = None

    @property
    def embedded(self) -> bool:
        """Everything lies in the data folder."""
        given = self.settings
        return not (given.kafka or given.kurrent or given.mongo)

    async def ports(self, context: str, bus: Bus) -> Ports:
        views, people = await self.views(context)
        return Ports(
            store=await self.store(context),
            views=views,
            people=people,
            bus=bus,
            clock=self.clock,
            blobs=self.blobs(),
            carriers=self.carriers(),
            channels={"log": LogFileChannel(self.settings.data / "notifications.log")},
        )

    async def bus(self, holds: Holds = everything) -> Bus:
        """One for the process. `holds`: it fetches these logs only."""
        given = self.settings
        if given.kafka:
            if self._kafka is None:
                self._kafka = KafkaBus(link(given), prefix=given.topic_prefix)
                self.stack.push_async_callback(self._kafka.close)
            return self._kafka.holding(holds)
        if self._files is None:
            self._files = SqliteBus(given.data / "bus.db", partitions=given.partitions)
            self.stack.callback(self._files.close)
        return self._files if holds is everything else Held(self._files, holds)

    async def membership(self, context: Context, guard: Lock) -> Membership:
        read = read_by(context).values()
        given = self.settings
        group = Group(
            name=f"{given.topic_prefix}qudao.{context.name}",
            topics=sorted({topic for topics in read for topic in topics}),
            lead=lead(context.name).name,
            prefix=given.topic_prefix,
            instance=given.instance and f"{given.instance}.{context.name}",
        )
        member = Membership(link(given), group, guard)
        self.stack.push_async_callback(member.stop)
        await member.start()
        return member

    def locked(self, context: str) -> "Locked":
        share = Locked(self.settings.data / f"{context}.lead")
        self.stack.callback(share.close)
        return share

    async def checked(self, contexts: Sequence[Context], *, make: bool) -> None:
        """The topics are there, with the right partitions; or they are made."""
        given = self.settings
        if not given.kafka:
            return
        wanted = every(contexts, given.partitions)
        if make:
            await apply(
                link(given), wanted, replication=given.kafka_replication, prefix=given.topic_prefix
            )
        await check(link(given), wanted, prefix=given.topic_prefix)

    async def store(self, context: str) -> EventStore:
        if self.settings.kurrent:
            return await self.kurrent(context)
        file = SqliteStore(self.settings.data / f"{context}.store.db")
        self.stack.callback(file.close)
        return file

    async def kurrent(self, context: str) -> "KurrentStore":
        given = self.settings
        with _extra("kurrent", "QUDAO_KURRENT"):
            from shared.adapters.kurrent import KurrentStore  # noqa: PLC0415
        store = await KurrentStore.open(
            given.kurrent or "",
            context,
            user=given.kurrent_user or "",
            password=given.secret("kurrent_password") or "",
            ca=given.kurrent_ca,
        )
        self.stack.push_async_callback(store.close)
        return store

    async def views(self, context: str) -> tuple[Views, People]:
        given = self.settings
        if not given.mongo:
            views = SqliteViews(given.data / f"{context}.views.db")
            people = SqlitePeople(given.data / f"{context}.people.db")
            self.stack.callback(views.close)
            self.stack.callback(people.close)
            return views, people
        with _extra("mongo", "QUDAO_MONGO"):
            from shared.adapters.mongo import Mongo, MongoPeople, MongoViews  # noqa: PLC0415
        if self._mongo is None:
            self._mongo = Mongo(
                given.mongo,
                user=given.mongo_user,
                password=given.secret("mongo_password"),
                ca=given.mongo_ca,
            )
            self.stack.push_async_callback(self._mongo.close)
        database = f"{given.mongo_prefix}_{context}"
        return (
            await MongoViews.of(self._mongo, database),
            await MongoPeople.of(self._mongo, database),
        )

    def carriers(self) -> dict[str, Carrier]:
        """One set for the process: each holds the certificates of all authorities."""
        if self._carriers is None:
            self._carriers = carriers(self.settings)
        return self._carriers

    def blobs(self) -> Blobs:
        given = self.settings
        if not given.blobs:
            return FolderBlobs(given.data / "blobs")
        with _extra("s3", "QUDAO_BLOBS"):
            from shared.adapters.blobs.s3 import S3Blobs  # noqa: PLC0415
        return S3Blobs(
            given.blobs,
            endpoint=given.blobs_endpoint,
            region=given.blobs_region,
            key=given.blobs_key,
            secret=given.secret("blobs_secret"),
        )


class Locked:
    """Whoever has the lock leads and reads everything; the next one takes over when it ends."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+")
        self._mine = False
        self.close = self._file.close

    @property
    def leads(self) -> bool:
        if not self._mine:
            with suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._mine = True
        return self._mine

    @property
    def epoch(self) -> int:
        return int(self.leads)

    def holds(self, log: str) -> bool:
        return self.leads


def link(settings: Settings) -> Link:
    return Link(
        servers=settings.kafka or "",
        security=settings.kafka_security,
        mechanism=settings.kafka_mechanism,
        user=settings.kafka_user or "",
        password=settings.secret("kafka_password") or "",
        ca=settings.kafka_ca,
        certificate=settings.kafka_certificate,
        key=settings.kafka_key,
    )


@contextmanager
def _extra(name: str, setting: str) -> Iterator[None]:
    try:
        yield
    except ImportError as missing:
        raise Incompatible(f"{setting} needs qudao[{name}]: {missing}") from missing
