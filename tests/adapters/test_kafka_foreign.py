"""Other clients write as they like: everything is read, and what they took back never was."""

import asyncio
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from confluent_kafka import Producer

from shared.adapters.kafka import KafkaBus
from shared.kernel.ports import Delivery, Record
from shared.testing.contracts.bus import things
from tests.adapters.kafka_bed import Corner, everything

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]
MARKED = 0.5
"""Seconds in which a transaction's marker is written."""


class Foreigner:
    """librdkafka with its own settings: the producer of most other languages."""

    def __init__(self, corner: Corner, **settings: Any) -> None:
        named = {name.replace("_", "."): value for name, value in settings.items()}
        self.producer = Producer({"bootstrap.servers": corner.servers, **named})
        self._topic = f"{corner.prefix}ThingReported"

    def send(self, *records: dict[str, Any]) -> None:
        for record in records:
            self.producer.produce(self._topic, **record)
        assert self.producer.flush(30) == 0


@pytest.fixture
async def topic(corner: Corner) -> str:
    await corner.topics("ThingReported", partitions=1)
    return "ThingReported"


async def test_no_key_no_value_and_odd_bytes_are_read(corner: Corner, topic: str) -> None:
    Foreigner(corner).send(
        {},
        {"key": b"k", "value": None},
        {"key": None, "value": b""},
        {"key": b"\xff\xfe", "value": b"\xff", "headers": [("a", None), ("b", b"\xe6\xb8")]},
        {"key": b"k", "value": b"1", "headers": [("a", b"1"), ("a", b"2"), ("渠", b"")]},
    )
    read = [(d.position, d.record) for d in await everything(corner.bus(), topic)]
    assert read == [
        (1, Record(topic, "", b"")),
        (2, Record(topic, "k", b"")),
        (3, Record(topic, "", b"")),
        (4, Record(topic, "��", b"\xff", {"a": "", "b": "�"})),
        (5, Record(topic, "k", b"1", {"a": "2", "渠": ""})),
    ]


async def test_a_header_without_a_proper_name_stops_nobody(corner: Corner, topic: str) -> None:
    """kcat sends any bytes as a header's name."""
    bus = corner.bus()
    for n in range(3):
        await bus.publish([Record(topic, "k", b"%d" % n, {"n": f"{n}"})])
        _kcat(
            corner, b"-t", f"{corner.prefix}{topic}".encode(), b"-H", b"\xff\xfe=1", b"-k", b"odd"
        )
    await bus.publish([Record(topic, "k", b"last", {"n": "last"})])
    read = await everything(bus, topic)
    assert [d.position for d in read] == [1, 2, 3, 4, 5, 6, 7]
    assert {d.record.value for d in read if d.record.key == "odd"} == {b"hello"}
    assert [d.record.headers for d in read if d.record.key == "k"] == [
        {"n": "0"},
        {"n": "1"},
        {"n": "2"},
        {"n": "last"},
    ]
    await bus.publish(things(5, topic))
    assert len(await everything(bus, topic)) == 12


def _kcat(corner: Corner, *arguments: bytes) -> None:
    command = b"kcat", b"-P", b"-b", corner.servers.encode(), *arguments
    subprocess.run(command, input=b"hello", check=True, timeout=30)


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_what_was_compressed_is_read(corner: Corner, topic: str, codec: str) -> None:
    records = [{"key": b"k", "value": b"%d" % n * 99} for n in range(500)]
    Foreigner(corner, compression_type=codec, linger_ms=100).send(*records)
    read = [d.record.value for d in await everything(corner.bus(), topic)]
    assert read == [record["value"] for record in records]


async def test_what_was_taken_back_never_was(corner: Corner, topic: str) -> None:
    foreigner, bus = Foreigner(corner, transactional_id=corner.prefix), corner.bus()
    foreigner.producer.init_transactions()
    _transaction(foreigner, ["1", "2"], foreigner.producer.commit_transaction)
    _transaction(foreigner, ["no"], foreigner.producer.abort_transaction)
    _transaction(foreigner, ["3"], foreigner.producer.commit_transaction)
    read = await _read(bus, topic, 3)
    assert [d.record.value for d in read] == [b"1", b"2", b"3"]


async def test_who_has_read_all_of_a_transaction_is_at_the_end(corner: Corner, topic: str) -> None:
    """Its marker takes a place in the log, but is no record that anybody could come to."""
    foreigner, bus = Foreigner(corner, transactional_id=corner.prefix), corner.bus()
    foreigner.producer.init_transactions()
    for n in range(1, 4):
        _transaction(foreigner, [f"{n}"], foreigner.producer.commit_transaction)
        read = await _read(bus, topic, n)
        await asyncio.sleep(MARKED)
        after = {read[-1].log: read[-1].position}
        assert await bus.fetch([topic], after=after, limit=9) == []
        assert await bus.ends([topic]) == after
    _transaction(foreigner, ["no"], foreigner.producer.abort_transaction)
    await asyncio.sleep(MARKED)
    assert await bus.fetch([topic], after=after, limit=9) == []
    assert await bus.ends([topic]) == after


async def test_an_open_transaction_hides_what_is_behind_it(corner: Corner, topic: str) -> None:
    foreigner, bus = Foreigner(corner, transactional_id=corner.prefix), corner.bus()
    foreigner.producer.init_transactions()
    foreigner.producer.begin_transaction()
    foreigner.send({"value": b"0"})
    await bus.publish(things(2, topic))
    assert await everything(bus, topic) == []
    assert await bus.ends([topic]) == {}
    foreigner.producer.commit_transaction(30)
    assert [d.record.value for d in await _read(bus, topic, 3)] == [b"0", b"0", b"1"]


async def _read(bus: KafkaBus, topic: str, count: int) -> list[Delivery]:
    """A transaction's end is seen a moment after it was confirmed."""
    async with asyncio.timeout(60):
        while len(read := await everything(bus, topic)) < count:  # noqa: ASYNC110 - the broker's
            await asyncio.sleep(0.05)
    return read


def _transaction(
    foreigner: Foreigner, values: Sequence[str], end: Callable[[float], None]
) -> None:
    foreigner.producer.begin_transaction()
    foreigner.send(*({"value": value} for value in values))
    end(30)
