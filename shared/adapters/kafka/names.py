"""Names on the wire: the port sees bare topics, Kafka sees them behind the installation's prefix.

A log is named `<topic>/<partition>`, and a position in it is the offset behind a record.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import TopicPartition

from shared.kernel.ports import Delivery, Record


def named(topic: str, partition: int) -> str:
    return f"{topic}/{partition}"


@dataclass(frozen=True, slots=True)
class Names:
    prefix: str = ""

    def wire(self, topic: str) -> str:
        return f"{self.prefix}{topic}"

    def bare(self, topic: str) -> str:
        return topic.removeprefix(self.prefix)

    def log(self, at: TopicPartition) -> str:
        return named(self.bare(at.topic), at.partition)

    def at(self, log: str) -> TopicPartition:
        topic, _, partition = log.rpartition("/")
        return TopicPartition(self.wire(topic), int(partition))


Content = tuple[bytes | None, bytes | None, Iterable[tuple[str, bytes | None]]]


def received(names: Names, at: tuple[str, int, int, int], content: Content) -> Delivery:
    """Topic, partition, offset and timestamp; key, value and headers. Foreign clients need not
    name a key, a value or a header's value, nor keep to UTF-8.
    """
    (topic, partition, offset, sent), (key, value, headers) = at, content
    named_ = {name: (text or b"").decode(errors="replace") for name, text in headers}
    bare = names.bare(topic)
    record = Record(bare, (key or b"").decode(errors="replace"), value or b"", named_)
    return Delivery(named(bare, partition), offset + 1, record, sent)
