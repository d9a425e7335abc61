"""The producer: librdkafka, idempotent, polled by a thread of its own."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from shared.adapters.kafka.failures import missing
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.names import Names
from shared.kernel.errors import PortFailed, Unreachable
from shared.kernel.ports import Record

LOG = logging.getLogger("qudao.kafka")
LARGEST = 5 << 20
"""Bytes of a record, headers included; `topics.py` lets no topic take more."""
SETTINGS = {
    "client.id": "qudao",
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",  # where every other client puts a key
    "linger.ms": 0,  # whole batches are handed over; ADR 0020
    "batch.size": 256 << 10,
    "compression.type": "none",
    "message.max.bytes": LARGEST,
    "message.timeout.ms": 60_000,  # longer than anybody waits: a record never fails alone
    "queue.buffering.max.kbytes": 64 << 10,
    "allow.auto.create.topics": False,
    "topic.metadata.propagation.max.ms": 2_000,
    "reconnect.backoff.max.ms": 1_000,
    "socket.connection.setup.timeout.ms": 5_000,
    "log_level": 2,  # what fails is raised, with the reason
}
PATIENCE = 10.0
"""Seconds without any confirmation: a producer made anew has to find its way first."""
UNKNOWN = {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC}
HOPELESS = {
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError.INVALID_MSG,
    KafkaError.INVALID_RECORD,
    KafkaError.TOPIC_EXCEPTION,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.POLICY_VIOLATION,
    KafkaError._AUTHENTICATION,
}


Gone = Callable[[str], None]
"""What is told why a broker is gone."""


def nobody_asks(why: str) -> None:
    """It matters to readers alone."""


class Publisher:
    """A failure ends the producer with all that waits in it, and the next call makes a new one:
    so nothing is sent behind a record that was not, and a repeat finds its order again.
    """

    def __init__(
        self, link: Link, names: Names, patience: float = PATIENCE, gone: Gone = nobody_asks
    ) -> None:
        """`gone` is called in another thread, whether or not anybody publishes just now."""
        self._config = SETTINGS | link.librdkafka()
        self._names, self._patience, self._gone = names, patience, gone
        self._line: Line | None = None

    async def publish(self, records: Sequence[Record]) -> None:
        if not records:
            return
        line = self._line = self._line or self._opened()
        batch = Batch(len(records))
        try:
            for record in records:
                await self._produce(line, record, batch)
            if failed := await self._reported(batch):
                raise _failure(*failed)
        except PortFailed:
            self._end(line)
            raise

    def _opened(self) -> "Line":
        try:
            return Line(self._config, Heard(self._gone))
        except KafkaException as error:
            raise PortFailed(f"Kafka's settings cannot be used: {error.args[0].str()}") from error

    def close(self) -> None:
        if self._line:
            self._end(self._line)

    def _end(self, line: "Line") -> None:
        """Of several that fail together, the first one ends it."""
        if line is self._line:
            self._line = None
            line.end()

    async def _produce(self, line: "Line", record: Record, batch: "Batch") -> None:
        deadline = asyncio.get_running_loop().time() + self._patience
        while True:
            try:
                line.producer.produce(
                    self._names.wire(record.topic),
                    record.value,
                    record.key.encode(),
                    on_delivery=batch.report,
                    headers=[(name, value.encode()) for name, value in record.headers.items()],
                )
            except BufferError as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise Unreachable(self._silence()) from error
                await asyncio.sleep(0.01)
            except KafkaException as error:
                raise _failure(error.args[0], record.topic) from error
            else:
                return

    async def _reported(self, batch: "Batch") -> "Failed | None":
        """Patient as long as any of it arrives."""
        done, left = asyncio.wrap_future(batch.done), -1
        while left != batch.left:
            left = batch.left
            await asyncio.wait([done], timeout=self._patience)
            if done.done():
                return done.result()
        raise Unreachable(self._silence())

    def _silence(self) -> str:
        said = self._line.heard.said if self._line else ""
        return f"Kafka confirmed nothing in {self._patience:g} s{said and f': {said}'}"


Failed = tuple[KafkaError, str]  # and the topic, as it is called on the wire


def _failure(error: KafkaError, topic: str) -> PortFailed:
    if error.code() in UNKNOWN:
        return missing([topic])
    kind = PortFailed if error.code() in HOPELESS else Unreachable
    return kind(f"Kafka did not take a record of {topic}: {error.str()}")


class Batch:
    """What one call handed over. Reports come in the polling thread."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.done: Future[Failed | None] = Future()
        self._failed: Failed | None = None

    def report(self, error: KafkaError | None, message: Message) -> None:
        self.left -= 1
        if error and not self._failed:
            self._failed = error, str(message.topic())
        if not self.left:
            self.done.set_result(self._failed)


class Heard:
    """What a producer said last. The line's own method would keep the line, and with it threads
    and connections, until the collector looks at everything.
    """

    def __init__(self, gone: Gone = nobody_asks) -> None:
        self.said, self._gone = "", gone

    def __call__(self, error: KafkaError) -> None:
        self.said = error.str()
        self._gone(self.said)


class Line:
    """A producer and the thread that polls it until the end; with both its connections go."""

    def __init__(self, config: dict[str, Any], heard: Heard) -> None:
        self.heard = heard
        self.producer = Producer({**config, "error_cb": self.heard}, logger=LOG)
        self._over = Event()
        Thread(target=self._poll, name="kafka producer", daemon=True).start()

    def end(self) -> None:
        """What is still waiting is thrown away, and reported as such."""
        self._over.set()
        self.producer.purge(blocking=False)

    def _poll(self) -> None:
        while not self._over.is_set():
            try:
                self.producer.poll(0.1)
            except KafkaException as error:  # fatal: it takes nothing any more
                self.heard(error.args[0])
                self.producer.purge(blocking=False)  # so whoever waits is told at once
        with suppress(KafkaException):
            self.producer.flush(1)
