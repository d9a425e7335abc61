"""Which logs are this process's, and whether it leads: a consumer group that reads nothing."""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from shared.adapters.kafka.failures import answered, failed, missing
from shared.adapters.kafka.leaving import left
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.names import Names, named
from shared.adapters.kafka.topics import partitions
from shared.kernel.errors import PortFailed, Unreachable

JOINING = 60.0
"""Seconds in which a group has taken us in: others may have a batch to end first."""
POLL = 500
"""Milliseconds between two signs of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What its members have in common, and by which name it knows this one again: with an
    `instance`, a restart within the session keeps its part, and stopping does not give it away.
    """

    name: str
    topics: Collection[str]
    lead: str
    prefix: str = ""
    session_seconds: int = 10
    instance: str | None = None

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "client_id": self.instance or "qudao",
            "group_id": self.name,
            "group_instance_id": self.instance,
            "partition_assignment_strategy": (RangePartitionAssignor,),
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "session_timeout_ms": self.session_seconds * 1_000,
            "heartbeat_interval_ms": min(3_000, self.session_seconds * 100),
            "rebalance_timeout_ms": 30_000,
            "metadata_max_age_ms": 60_000,
        }


class Membership:
    """Every member of a group subscribes to the same topics, so that one of them has partition n
    of all, and the one that has the lead topic's only partition leads.

    A rebalance goes on when it has `guard`, so a batch that runs under it ends as the owner.
    """

    def __init__(self, link: Link, group: Group, guard: asyncio.Lock) -> None:
        self._link, self._group, self._guard = link, group, guard
        self._names, self._topics = Names(group.prefix), {*group.topics, group.lead}
        self.assigned: frozenset[str] = frozenset()
        self.leads, self.epoch, self._over = False, 0, False
        self._consumer: AIOKafkaConsumer | None = None
        self._polling: asyncio.Task[None] | None = None

    def holds(self, log: str) -> bool:
        return log in self.assigned

    async def start(self) -> None:
        """Returns as a member, with a part of the logs (maybe none)."""
        there = await partitions(self._link, self._names)
        if absent := self._topics - there.keys():
            raise missing(absent)
        consumer = AIOKafkaConsumer(**self._link.asyncio(), **self._group.settings)
        consumer.subscribe(
            [*map(self._names.wire, self._topics)], listener=_Listener(self, consumer)
        )
        try:
            async with answered("joining the group", JOINING):
                await consumer.start()
        except BaseException:
            await left(consumer)
            raise
        self._consumer = consumer
        self._polling = asyncio.create_task(self._poll(consumer), name="kafka membership")

    async def run(self) -> None:
        """As long as the membership lasts: returns when it is stopped, raises when it breaks."""
        if self._polling is None:
            return
        await asyncio.wait([self._polling])
        if self._consumer:
            why = None if self._polling.cancelled() else self._polling.exception()
            raise PortFailed(f"no longer a member of {self._group.name}: {why}") from why

    async def stop(self) -> None:
        """Waits for the batch that runs, then leaves. Not to be called under the guard."""
        async with self._guard:
            self._over = True
            self.let_go()
        consumer, self._consumer = self._consumer, None
        if self._polling:
            self._polling.cancel()
        if consumer:
            await left(consumer)  # nobody may hear us: then our session ends by itself

    async def report(self, positions: Mapping[str, int]) -> None:
        """For whoever watches the group's lag. In a rebalance the next report will do."""
        held = {self._names.at(log): at for log, at in positions.items() if self.holds(log)}
        if self._consumer and held:
            async with answered("reporting positions"):
                with suppress(CommitFailedError, IllegalStateError):
                    await self._consumer.commit(held)

    def let_go(self) -> None:
        self.assigned, self.leads = frozenset(), False
        self.epoch += 1

    async def revoked(self) -> None:
        async with self._guard:
            self.let_go()

    def given(self, places: Collection[TopicPartition]) -> None:
        if self._over:
            return
        logs = frozenset(map(self._names.log, places))
        own = named(self._group.lead, 0)
        self.assigned, self.leads = logs - {own}, own in logs
        self.epoch += 1

    async def _poll(self, consumer: AIOKafkaConsumer) -> None:
        """Who does not ask for records is put out of the group."""
        while True:
            try:
                await consumer.getmany(timeout_ms=POLL)
            except KafkaError as error:
                failure = failed("belonging to the group", error)
                if not isinstance(failure, Unreachable):
                    raise failure from error
                await asyncio.sleep(POLL / 1_000)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Called in a rebalance. What is raised here the library would swallow: nothing is."""

    def __init__(self, membership: Membership, consumer: AIOKafkaConsumer) -> None:
        self._membership, self._consumer = membership, consumer

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        await self._membership.revoked()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._consumer.pause(*assigned)
        self._membership.given(assigned)
