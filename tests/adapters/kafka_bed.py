"""A corner of a real Kafka for one test: topics behind a prefix of its own."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from secrets import token_hex

from aiokafka.admin import AIOKafkaAdminClient

from shared.adapters.kafka import KafkaBus, Link, Topic, apply
from shared.kernel.ports import Bus, Delivery

PARTITIONS = 6


@dataclass(frozen=True, slots=True)
class Corner:
    servers: str
    stack: AsyncExitStack
    prefix: str = field(default_factory=lambda: f"t{token_hex(4)}.")

    @property
    def link(self) -> Link:
        return Link(servers=self.servers)

    async def topics(self, *names: str, partitions: int = PARTITIONS) -> None:
        await apply(self.link, [Topic(name, partitions) for name in names], prefix=self.prefix)

    async def cleared(self) -> None:
        """The broker is everybody's: nothing of ours stays."""
        async with AsyncExitStack() as stack:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
            stack.push_async_callback(admin.close)
            await admin.start()
            mine = [t for t in await admin.list_topics() if t.startswith(self.prefix)]
            await admin.delete_topics(mine)

    def bus(self) -> KafkaBus:
        bus = KafkaBus(self.link, prefix=self.prefix)
        self.stack.push_async_callback(bus.close)
        return bus


async def everything(
    bus: Bus, *topics: str, after: Mapping[str, int] | None = None
) -> list[Delivery]:
    found, at = list[Delivery](), dict(after or {})
    while batch := await bus.fetch(topics, after=at, limit=500):
        found += batch
        for one in batch:
            assert one.position > at.get(one.log, 0)
            at[one.log] = one.position
    return found
