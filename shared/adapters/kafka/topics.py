"""Topics as the installation needs them: made once, compared at every start."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, for_code

from shared.adapters.kafka.failures import PATIENCE, answered, missing, reason
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.names import Names
from shared.kernel.errors import Incompatible, PortFailed

LARGEST = 4 << 20
"""Bytes of a record: above what the API takes; a rejection has room for its reasons beside."""
REASONS = 64 << 10
MAKING = 30.0
"""Seconds in which a cluster has made topics and found their leaders."""


@dataclass(frozen=True, slots=True)
class Topic:
    """`keep` is its retention, None is for ever."""

    name: str
    partitions: int
    keep: timedelta | None = None

    def settings(self, replication: int) -> dict[str, str]:
        keep = -1 if self.keep is None else int(self.keep.total_seconds() * 1_000)
        reasons = REASONS if self.name.endswith(".rejected") else 0
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(keep),
            "retention.bytes": "-1",
            "max.message.bytes": str(LARGEST + reasons),
            "min.insync.replicas": str(max(1, replication - 1)),
        }


def lead(context: str) -> Topic:
    """Nothing is ever written to it: who is given its one partition leads."""
    return Topic(f"qudao.lead.{context}", 1, timedelta(hours=1))


async def apply(
    link: Link, topics: Collection[Topic], *, replication: int = 1, prefix: str = ""
) -> list[str]:
    """Make what is missing and set what differs; says what it did, nothing the second time."""
    names = Names(prefix)
    async with _admin(link, "making topics", MAKING) as admin:
        found = await _described(admin, names)
        if wrong := [*_wrong_counts(topics, found)]:
            raise Incompatible("; ".join(wrong))
        absent = [topic for topic in topics if topic.name not in found]
        said = await _make(admin, names, absent, replication)
        await _led(admin, names, {topic.name for topic in topics})
        there = {t: found[t.name].replicas for t in topics if t.name in found}
        return said + await _set(admin, names, there)


async def check(link: Link, topics: Collection[Topic], *, prefix: str = "") -> None:
    """One line about everything that `apply` would have to make, or cannot change."""
    async with _admin(link, "checking topics") as admin:
        found = await _described(admin, Names(prefix))
    if absent := [topic.name for topic in topics if topic.name not in found]:
        raise missing(absent)
    if wrong := [*_wrong_counts(topics, found)]:
        raise Incompatible("; ".join(wrong))


async def partitions(link: Link, names: Names) -> Mapping[str, int]:
    """Every topic behind our prefix with its number of partitions.

    Asked without naming one: a broker may make a topic of every name that it hears.
    """
    async with _admin(link, "looking for topics") as admin:
        return {name: one.partitions for name, one in (await _described(admin, names)).items()}


@dataclass(frozen=True, slots=True)
class _Found:
    partitions: int
    replicas: int
    led: bool  # each of its partitions has a leader


@asynccontextmanager
async def _admin(
    link: Link, doing: str, seconds: float = PATIENCE
) -> AsyncIterator[AIOKafkaAdminClient]:
    milliseconds = int(seconds * 1_000)
    client = AIOKafkaAdminClient(
        **link.asyncio(), client_id="qudao", request_timeout_ms=milliseconds
    )
    try:
        await _start(link, client)
        async with answered(doing, seconds):
            yield client
    finally:
        await client.close()


async def _start(link: Link, client: AIOKafkaAdminClient) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await client.start()
    except (TimeoutError, KafkaConnectionError) as error:
        raise await asyncio.to_thread(reason, link) from error


async def _described(admin: AIOKafkaAdminClient, names: Names) -> dict[str, _Found]:
    found = {}
    for topic in await admin.describe_topics():
        if topic["topic"].startswith(names.prefix) and topic["partitions"]:
            each = topic["partitions"]
            led = all(one["leader"] >= 0 and not one["error_code"] for one in each)
            one = _Found(len(each), min(len(one["replicas"]) for one in each), led)
            found[names.bare(topic["topic"])] = one
    return found


def _wrong_counts(topics: Collection[Topic], found: Mapping[str, _Found]) -> Iterator[str]:
    for topic in topics:
        has = found[topic.name].partitions if topic.name in found else topic.partitions
        if has != topic.partitions:
            yield (
                f"Kafka's topic {topic.name} has {has} partitions and should have"
                f" {topic.partitions}: keys would move, so it has to be made anew"
            )


async def _make(
    admin: AIOKafkaAdminClient, names: Names, topics: Collection[Topic], replication: int
) -> list[str]:
    if not topics:
        return []
    new = [
        NewTopic(
            names.wire(topic.name),
            topic.partitions,
            replication,
            topic_configs=topic.settings(replication),
        )
        for topic in topics
    ]
    answer = await admin.create_topics(new)
    for name, code, why in answer.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:  # somebody made it meanwhile
            raise PortFailed(
                f"Kafka does not make the topic {name}: {why or for_code(code).__name__}"
            )
    return [f"made {topic.name} with {topic.partitions} partitions" for topic in topics]


async def _led(admin: AIOKafkaAdminClient, names: Names, topics: Collection[str]) -> None:
    """Clients that ask before there is a leader go on slowly for a while."""
    while True:
        found = await _described(admin, names)
        if all(topic in found and found[topic].led for topic in topics):
            return
        await asyncio.sleep(0.1)


DYNAMIC = 1
"""The source of a setting that was set on the topic itself."""


async def _set(admin: AIOKafkaAdminClient, names: Names, topics: Mapping[Topic, int]) -> list[str]:
    """`topics` with their replicas. Returns when the brokers know of it, too."""
    said: list[str] = []
    while changed := await _differing(admin, names, topics):
        if not said:
            said = [
                f"set {topic.name} {k} to {v}" for topic, new in changed for k, v in new.items()
            ]
            await _alter(admin, names, changed)
        await asyncio.sleep(0.1)
    return said


async def _differing(
    admin: AIOKafkaAdminClient, names: Names, topics: Mapping[Topic, int]
) -> list[tuple[Topic, dict[str, str]]]:
    has = await _settings(admin, [names.wire(topic.name) for topic in topics])
    found = []
    for topic, replicas in topics.items():
        now, wanted = has[names.wire(topic.name)], topic.settings(replicas)
        if differs := {key: value for key, value in wanted.items() if now.get(key) != value}:
            found.append((topic, differs))
    return found


async def _alter(
    admin: AIOKafkaAdminClient, names: Names, changed: Sequence[tuple[Topic, dict[str, str]]]
) -> None:
    """Kafka replaces all settings of a topic, so those that somebody else made are sent along."""
    now = await _settings(admin, [names.wire(topic.name) for topic, _ in changed])
    resources = []
    for topic, new in changed:
        name = names.wire(topic.name)
        resources.append(ConfigResource(ConfigResourceType.TOPIC, name, now[name] | new))
    for answer in await admin.alter_configs(resources):
        for code, why, _, name in answer.resources:
            if code:
                raise PortFailed(f"Kafka does not set the topic {name}: {why}")


async def _settings(
    admin: AIOKafkaAdminClient, topics: Sequence[str]
) -> dict[str, dict[str, str]]:
    """What was set on each topic itself."""
    if not topics:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
    found: dict[str, dict[str, str]] = {}
    for answer in await admin.describe_configs(resources):
        for code, why, _, name, entries in answer.resources:
            if code:
                raise PortFailed(f"Kafka does not show the settings of the topic {name}: {why}")
            found[name] = {entry[0]: entry[1] for entry in entries if entry[3] == DYNAMIC}
    return found
