"""What must be there after the faults, by the journal alone: stores, topics, the consumer's sums.

Reads the stores' files with Python's SQLite and the topics with a client of its own, through a
listener of the broker that no fault touches.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from tests.e2e.users import Users
from tests.reliability.bus.installation import CONTEXTS, Installation
from tests.reliability.journal import Operation
from tests.reliability.oracle import Stored, facts_in, unfaithful

WAIT, TRACE = 60.0, "Traceback (most recent"
NOT_FACTS = ("__", "qudao.lead.")
Wrong = dict[str, Collection[Any]]


@dataclass(frozen=True, slots=True)
class Lying:
    topic: str
    partition: int
    offset: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Topics:
    names: Collection[str]
    records: Collection[Lying]


def on_topics(servers: str) -> Topics:
    """Every record of every topic that carries facts, up to where they end now."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "the-oracle",  # must be there, is not used
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
        }
    )
    try:
        found = consumer.list_topics(timeout=WAIT).topics
        names = {name for name in found if not name.startswith(NOT_FACTS)}
        places = [TopicPartition(n, number, 0) for n in names for number in found[n].partitions]
        return Topics(names, _read(consumer, places))
    finally:
        consumer.close()


def _read(consumer: Consumer, places: list[TopicPartition]) -> list[Lying]:
    left = 0
    for place in places:
        place.offset, end = _span(consumer, place)
        left += end - place.offset
    consumer.assign(places)
    found: list[Lying] = []
    while len(found) < left:
        batch = consumer.consume(min(500, left - len(found)), WAIT)
        assert batch, f"{left - len(found)} records did not come"
        for message in batch:
            if error := message.error():
                raise OSError(error.str())
            at = str(message.topic()), int(message.partition() or 0), int(message.offset() or 0)
            found.append(Lying(*at, message.value() or b""))
    return found


def _span(consumer: Consumer, place: TopicPartition) -> tuple[int, int]:
    """From where to where; a broker that has just begun does not know its logs yet."""
    end = monotonic() + WAIT
    while True:
        try:
            first, last = consumer.get_watermark_offsets(place, timeout=WAIT)
        except KafkaException as error:
            if monotonic() > end or error.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION:
                raise
            sleep(0.2)
        else:
            return int(first), int(last)


def wrong(
    there: Installation, users: Users, journal: Mapping[int, Operation]
) -> tuple[Wrong, dict[str, int]]:
    """What is not as the journal says, by name; and how much was looked at."""
    folder: Path = there.folder / "data"
    stores = {name: facts_in(folder / f"{name}.store.db") for name in CONTEXTS}
    topics = on_topics(there.broker.inner)
    looked = {"facts": sum(map(len, stores.values())), "records": len(topics.records)}
    return {
        **_payments(stores["orders"], journal),
        **_basis(stores["rebates"], journal),
        **_bus([fact for facts in stores.values() for fact in facts], topics),
        **_volumes(users, journal),
        "parked": users.get("/v1/parked")["items"],
        "tracebacks": [log.name for log in there.folder.glob("*.log") if TRACE in log.read_text()],
    }, looked


def missing_on_the_bus(there: Installation) -> Collection[str]:
    folder = there.folder / "data"
    stored = [fact for name in CONTEXTS for fact in facts_in(folder / f"{name}.store.db")]
    found: Collection[str] = _bus(stored, on_topics(there.broker.inner))["missing on the bus"]
    return found


def _payments(facts: Iterable[Stored], journal: Mapping[int, Operation]) -> Wrong:
    """Each was stored once, with its amount."""
    numbered = {op.asked["number"]: op for op in journal.values()}
    told = [_data(fact) for fact in facts if fact.envelope["type"] == "PaymentReceived"]
    numbers = [_number(one) for one in told]
    asked = [numbered[n].number if n in numbered else -1 for n in numbers]
    other = [
        n
        for n, one in zip(numbers, told, strict=True)
        if n in numbered and one["amount"]["amount"] != f"{numbered[n].asked['amount']}.00"
    ]
    return {**unfaithful(journal, asked), "of another amount": other}


def _basis(facts: Iterable[Stored], journal: Mapping[int, Operation]) -> Wrong:
    """Each was heard of by the other context, and recorded there once."""
    told = (_data(fact) for fact in facts if fact.envelope["type"] == "BasisRecorded")
    times = Counter(map(_number, told))
    wanted = {op.asked["number"] for op in journal.values() if op.outcome == "ok"}
    return {
        "not heard of": [*wanted - times.keys()],
        "heard of twice": [n for n, count in times.items() if count > 1],
    }


def _bus(stored: Iterable[Stored], topics: Topics) -> Wrong:
    """A fact whose type has a topic lies there, at least once and always in the same words."""
    lying: dict[str, set[str]] = defaultdict(set)
    for record in topics.records:
        told = json.loads(record.value)
        lying[told["id"]].add(json.dumps([record.topic, told], sort_keys=True))
    due = {f.envelope["id"] for f in stored if f.envelope["type"] in topics.names}
    return {
        "missing on the bus": [*due - lying.keys()],
        "strangers on the bus": [*lying.keys() - due],
        "told in two ways": [id_ for id_, words in lying.items() if len(words) > 1],
    }


def _volumes(users: Users, journal: Mapping[int, Operation]) -> Wrong:
    """The consumer's view shows the sums."""
    wanted: dict[str, int] = defaultdict(int)
    for op in journal.values():
        if op.outcome == "ok":
            wanted[op.asked["partner"]] += op.asked["amount"]
    found = users.get("/v1/rebates/accounts?programme=growth")["items"]
    shown = {one["partner_id"]: one["volume"]["amount"] for one in found}
    return {
        "of another volume": [
            (partner, shown.get(partner), volume)
            for partner, volume in wanted.items()
            if shown.get(partner) != f"{volume}.00"
        ]
    }


def _data(fact: Stored) -> dict[str, Any]:
    found = fact.envelope["data"]
    return dict(json.loads(found) if isinstance(found, str) else found)


def _number(told: Mapping[str, Any]) -> int:
    return int(told["document_no"].removeprefix("d"))
