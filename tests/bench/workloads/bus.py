"""W6, W7: over a real Kafka, from the store to the topic and from the topic to a view."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import Producer

from services.partners.domain.partner import AGGREGATE
from shared.adapters.kafka import Link, Topic, apply
from shared.adapters.kafka.bus import KafkaBus
from shared.adapters.kafka.publisher import SETTINGS
from shared.adapters.sqlite import SqlitePeople, SqliteViews
from shared.contracts.event import Envelope
from shared.contracts.partners import CreditLimitSet
from shared.kernel import parking
from shared.kernel.codec import Codec
from shared.kernel.consumer import Place, places
from shared.kernel.outbox import published
from shared.kernel.ports import Document, Record
from shared.kernel.projection import Projection
from shared.kernel.projector import Projector
from shared.kernel.relay import Relay
from shared.kernel.step import Others, Own
from shared.testing.clock import HandClock
from tests.bench.contest import LIMIT, OURS, Asked, Goal, Peer, Workload
from tests.bench.machine import VIEW_PRAGMAS
from tests.bench.peers.measured import Meter
from tests.bench.workloads import log
from tests.bench.workloads.replay import copied

FACTS, PARTITIONS, RECORDS = 300_000, 4, 2_000
TOPICS = ("PartnerEnrolled", "CreditLimitSet")
TURN = 5.0  # seconds that a fetch may wait for the first record
UPSERT = """
INSERT INTO view VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document
"""


def count(asked: Asked) -> int:
    return int(FACTS * asked["scale"])


def prepare_log(asked: Asked) -> None:
    log.path(int(log.FACTS * asked["scale"]))


async def _topics(asked: Asked, prefix: str) -> None:
    wanted = [Topic(name, PARTITIONS) for name in TOPICS]
    await apply(Link(servers=asked["servers"]), wanted, prefix=prefix)


@asynccontextmanager
async def bus(asked: Asked, prefix: str) -> AsyncIterator[KafkaBus]:
    await _topics(asked, prefix)
    found = KafkaBus(Link(servers=asked["servers"]), prefix=prefix)
    try:
        yield found
    finally:
        await found.close()


def relay(asked: Asked, folder: Path) -> Meter:
    """The relay itself: read, pack, publish, confirmed by all, position moved."""

    async def drain() -> Meter:
        with (
            copied(asked, folder) as store,
            closing(SqliteViews(folder / "views.db")) as views,
            closing(SqlitePeople(folder / "people.db")) as people,
        ):
            async with bus(asked, f"{folder.name}.") as to:
                sending = Relay(
                    name="partners.relay",
                    published=frozenset(TOPICS),
                    feed=Own(store),
                    bus=to,
                    views=views,
                    people=people,
                    overlap=0,
                )
                await to.publish([Record(TOPICS[1], "warm", b"x")])
                meter = Meter()
                with meter.running():
                    while meter.done < count(asked):
                        meter.done += await sending.step()
                return meter

    return asyncio.run(drain())


def produce(asked: Asked, folder: Path) -> Meter:
    """Records that are made already, handed to librdkafka as fast as it takes them."""
    prefix = f"{folder.name}."
    asyncio.run(_topics(asked, prefix))
    return _produced(asked, prefix, made(count(asked)))


def made(facts: int) -> list[Record]:
    """As many of the log's facts as asked for, as they go onto their topics."""
    every: Iterable[Envelope] = log.facts(facts)
    return [published(fact) for fact in every]


def _produced(asked: Asked, prefix: str, records: list[Record]) -> Meter:
    meter = Meter()
    producer = Producer(SETTINGS | Link(servers=asked["servers"]).librdkafka())
    with meter.running():
        for record in records:
            headers: dict[str, str | bytes | None] = {**record.headers}
            while True:
                try:
                    topic = f"{prefix}{record.topic}"
                    producer.produce(topic, record.value, record.key, headers=headers)
                    break
                except BufferError:
                    producer.poll(0.05)
            producer.poll(0)
        left = producer.flush(60)
    meter.done = len(records) - left
    return meter


RELAY = Workload(
    id="W6",
    title="The relay: 300,000 facts from the store to Kafka, confirmed",
    unit="facts/s",
    ours={OURS: relay, LIMIT: produce},
    peers={
        "aiokafka send": Peer("faust", "kafka_producers.py", "aiokafka_send"),
        "Faust topic.send": Peer("faust", "kafka_producers.py", "faust_send"),
    },
    cases={"": {"facts": FACTS}},
    kafka=True,
    one_core=True,
    prepare=prepare_log,
    goals=(
        Goal("of the limit", lambda f: f.ratio("", LIMIT), 0.6, 0.8),
        Goal("of aiokafka send", lambda f: f.ratio("", "aiokafka send"), 1.5),
        Goal("facts/s", lambda f: f.rate(""), 60_000),
    ),
)


def totals(key: str, row: Document | None, fact: CreditLimitSet, envelope: Envelope) -> Document:
    """A sum and the latest, so that order does not matter."""
    row = row or {"count": 0, "version": 0, "limit": None}
    if envelope.sequence > row["version"]:
        row = row | {"version": envelope.sequence, "limit": str(fact.limit.amount)}
    return row | {"count": row["count"] + 1}


LIMITS: Projection[CreditLimitSet] = Projection(
    name="partners.limits",
    source="bus",
    facts=(CreditLimitSet,),
    keys=lambda fact, _: [fact.partner_id],
    fold=totals,
)


def fill(asked: Asked) -> None:
    """One topic for everybody; who reads it has a group or positions of its own."""
    asyncio.run(_topics(asked, ""))
    every = log.facts(int(count(asked) * 1.1))
    limits = (fact for fact in every if fact.type == TOPICS[1])
    records = [published(fact) for fact, _ in zip(limits, range(count(asked)), strict=False)]
    _produced(asked, "", records)


def project(asked: Asked, folder: Path) -> Meter:
    """The projector itself: read, decoded, folded, ids and positions in the documents' commit."""

    async def drain() -> Meter:
        with closing(SqliteViews(folder / "views.db")) as views:
            await views.open([parking.view("partners"), places("partners"), LIMITS.view])
            place = Place(context="partners", views=views, clock=HandClock())
            async with bus(asked, "") as of:
                feed = Others(of, [TOPICS[1]])
                folding = Projector(LIMITS, Codec.of([AGGREGATE]), feed, place)
                await of.ends([TOPICS[1]])
                meter = Meter()
                with meter.running():
                    while meter.done < count(asked):
                        meter.done += await folding.step()
                return meter

    return asyncio.run(drain())


def consume(asked: Asked, folder: Path) -> Meter:
    """`getmany`, JSON, a dictionary, an upsert for each key, one transaction for each fetch."""

    async def drain() -> Meter:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=asked["servers"], enable_auto_commit=False, max_poll_records=RECORDS
        )
        await consumer.start()
        logs = [TopicPartition(TOPICS[1], n) for n in range(PARTITIONS)]
        consumer.assign(logs)
        for at in logs:
            consumer.seek(at, 0)
        meter, rows = Meter(), dict[str, dict[str, Any]]()
        with closing(sqlite3.connect(folder / "view.db", isolation_level=None)) as db:
            for name, value in VIEW_PRAGMAS.items():
                db.execute(f"PRAGMA {name} = {value}")
            db.execute("CREATE TABLE view (key TEXT PRIMARY KEY, document TEXT)")
            with meter.running():
                while meter.done < count(asked):
                    found = await consumer.getmany(timeout_ms=int(1_000 * TURN))
                    changed = set()
                    for records in found.values():
                        for record in records:
                            event = json.loads(record.value or b"")
                            key = event["partitionkey"]
                            row = rows.setdefault(key, {"count": 0})
                            row["count"] += 1
                            row["limit"] = event["data"]["limit"]["amount"]
                            changed.add(key)
                        meter.done += len(records)
                    db.execute("BEGIN")
                    db.executemany(UPSERT, [(key, json.dumps(rows[key])) for key in changed])
                    db.execute("COMMIT")
        await consumer.stop()
        return meter

    return asyncio.run(drain())


PROJECTION = Workload(
    id="W7",
    title="A projection from Kafka: 300,000 facts, 4 partitions, into a view",
    unit="facts/s on one core",
    ours={OURS: project, LIMIT: consume},
    peers={
        "Faust, an event a commit": Peer("faust", "faust_agent.py", "idiomatic"),
        "Faust, tuned": Peer("faust", "faust_agent.py", "tuned"),
        "FastStream, batches": Peer("faststream", "faststream_batch.py", "batches"),
    },
    cases={"": {"facts": FACTS}},
    kafka=True,
    one_core=True,
    prepare=fill,
    goals=(
        Goal("of the limit", lambda f: f.ratio("", LIMIT), 0.7, 0.85),
        Goal("of Faust, tuned", lambda f: f.ratio("", "Faust, tuned"), 2.0),
        Goal("facts/s", lambda f: f.rate(""), 60_000, 100_000),
    ),
)
