"""Reads what aiokafka cannot: records that have a header whose name is not UTF-8.

Anybody who may write to a topic can write one, and it must not end those who read it.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import cast

from confluent_kafka import Consumer, Message, TopicPartition

from shared.adapters.kafka.failures import PATIENCE
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.names import Names, received
from shared.kernel.errors import Unreachable
from shared.kernel.ports import Delivery

SETTINGS = {
    "client.id": "qudao",
    "group.id": "qudao",  # must be there, is not used
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "isolation.level": "read_committed",
    "allow.auto.create.topics": False,
    "log_level": 2,
}
MOST = 500
FIRST, REST = PATIENCE / 2, 0.1
"""Seconds to wait for a first record, and then for more."""


def read(link: Link, names: Names, after: Mapping[str, int]) -> Mapping[str, list[Delivery]]:
    """Some records of some of these logs; blocks its thread."""
    found: dict[str, list[Delivery]] = defaultdict(list)
    consumer = Consumer(SETTINGS | link.librdkafka())
    try:
        places = [(names.at(log), position) for log, position in after.items()]
        consumer.assign([TopicPartition(at.topic, at.partition, n) for at, n in places])
        first = consumer.poll(FIRST)
        for message in [first, *consumer.consume(MOST, REST)] if first else []:
            delivery = _delivery(names, message)
            found[delivery.log].append(delivery)
    finally:
        consumer.close()
    return found


def _delivery(names: Names, message: Message) -> Delivery:
    if error := message.error():
        raise Unreachable(f"reading Kafka: {error.str()}")
    at = str(message.topic()), int(message.partition() or 0), int(message.offset() or 0)
    sent = message.timestamp()[1]
    return received(names, (*at, sent), (message.key(), message.value(), _headers(message)))


def _headers(message: Message) -> list[tuple[str, bytes | None]]:
    try:
        found = message.headers() or []
    except (SystemError, UnicodeDecodeError):  # it gives all or none
        return []
    return cast(list[tuple[str, bytes | None]], found)
