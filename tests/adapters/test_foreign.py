"""Other services publish and data teams consume, with clients that are not ours."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from shared.kernel.swept import Swept
from shared.runtime.hosting import load
from shared.runtime.sweeping import sweep
from shared.runtime.topics import every
from shared.testing.conformity import faults
from shared.testing.platform import Bed, platform
from shared.testing.servers.foreign import java, kcat
from tests.adapters.kafka_bed import Corner
from tests.reported import line

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]
CONTEXTS = ("partners", "leads", "orders", "gateway")
ENROL = {"partner_id": "acme", "type": "agent", "level": "金牌", "regions": ["华东"]}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def topics() -> list[str]:
    return [topic.name for topic in every(load(CONTEXTS), 6)]


@pytest.fixture
async def bed(corner: Corner, topics: list[str], tmp_path: Path) -> AsyncIterator[Bed]:
    await corner.topics(*topics, partitions=2)
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(
            platform(tmp_path, contexts=CONTEXTS, bus=corner.bus())
        )


async def facts(bed: Bed, context: str, type_: str) -> list[Any]:
    store = bed.platform.workers[context].ports.store
    return [fact for _, fact in await store.follow(after=0, limit=1_000) if fact.type == type_]


async def test_what_the_guide_shows_becomes_our_facts(corner: Corner, bed: Bed) -> None:
    await bed.post("/v1/partners", ENROL)
    payment, lead = line("PaymentReported"), line("LeadCaptured")
    kcat.produce(corner.servers, f"{corner.prefix}PaymentReported", [payment, payment], "doc-417")
    java.produce(corner.servers, f"{corner.prefix}LeadCaptured", [lead], "王强")
    java.produce(corner.servers, f"{corner.prefix}PaymentReported", [payment])
    await bed.settle()
    (received,) = await facts(bed, "orders", "PaymentReceived")
    assert json.loads(received.data)["amount"] == {"amount": "12000.50", "currency": "CNY"}
    (registered,) = await facts(bed, "leads", "LeadRegistered")
    assert (registered.actor, registered.traceparent.split("-")[1]) == (
        "https://campaign.example/cn",
        TRACE,
    )
    assert "王强" not in registered.data.decode()


async def test_early_ones_wait_and_bad_ones_are_rejected_with_a_reason(
    corner: Corner, bed: Bed, topics: list[str]
) -> None:
    await bed.post("/v1/partners", ENROL)
    topic = f"{corner.prefix}PaymentReported"
    told = json.loads(line("PaymentReported"))
    early = {**told, "id": "e", "data": {**told["data"], "document_no": "e", "order_id": "SO-9"}}
    float_ = {**told, "id": "f", "data": {**told["data"], "amount": {"amount": 1.5}}}
    bad = [json.dumps(float_), "{", "渠道"]
    kcat.produce(corner.servers, topic, [json.dumps(early), *bad], "k", "-H", "sent-by=erp")
    kcat.produce(corner.servers, topic, [b"\xff\x00\x01 no text"])
    await bed.settle()
    waiting = await bed.get("/v1/payments", params={"status": "waiting"})
    assert [one["reason"] for one in waiting["items"]] == ["order-unknown"]
    rejected = kcat.consume(corner.servers, [f"{topic}.rejected"])
    assert {one.value for one in rejected} == {
        *(one.encode() for one in bad),
        b"\xff\x00\x01 no text",
    }
    assert {one.headers["qudao-slug"] for one in rejected} == {b"claim-malformed"}
    await bed.advance("2026-01-06T10:00:00+08:00")
    rejected = kcat.consume(corner.servers, [f"{topic}.rejected"])
    assert b"order-unknown" in {one.headers["qudao-slug"] for one in rejected}


async def test_every_record_that_kcat_reads_is_what_data_teams_were_promised(
    corner: Corner, bed: Bed, topics: list[str]
) -> None:
    await bed.post("/v1/partners", ENROL)
    kcat.produce(corner.servers, f"{corner.prefix}LeadCaptured", [line("LeadCaptured"), "{"])
    kcat.produce(corner.servers, f"{corner.prefix}PaymentReported", [line("PaymentReported")])
    await bed.settle()
    published = {topic for context in load(CONTEXTS) for topic in context.published}
    named = [f"{corner.prefix}{t}" for t in topics if t in published or t.endswith(".rejected")]
    records = [
        replace(one, topic=one.topic.removeprefix(corner.prefix))
        for one in kcat.consume(corner.servers, named)
    ]
    assert {one.topic for one in records} >= {
        "PartnerEnrolled",
        "LeadRegistered",
        "PaymentReceived",
        "LeadCaptured.rejected",
    }
    assert {one.topic: told for one in records if (told := faults(one))} == {}


async def test_a_forged_record_is_told_by_the_sweep_and_breaks_nothing(
    corner: Corner, bed: Bed
) -> None:
    await bed.post("/v1/partners", ENROL)
    await bed.settle()
    kcat.produce(corner.servers, f"{corner.prefix}PartnerEnrolled", ["{}"], "acme")
    worker = bed.platform.workers["partners"]
    found = await sweep(worker.context, worker.ports, repair=True).whole()
    assert (found.topics["PartnerEnrolled"].unknown, found.missing, found.equal) == (1, 0, False)


async def cut(corner: Corner, topic: str) -> int:
    """The broker has none of these records any more, and knows how far it was."""
    ends = await corner.bus().ends([topic])
    places = {
        TopicPartition(
            f"{corner.prefix}{log.rpartition('/')[0]}", int(log.rpartition("/")[2])
        ): end
        for log, end in ends.items()
    }
    admin = AIOKafkaAdminClient(bootstrap_servers=corner.servers)
    await admin.start()
    try:
        await admin.delete_records({at: RecordsToDelete(end) for at, end in places.items()})
    finally:
        await admin.close()
    return sum(ends.values())


async def dropped(corner: Corner, topic: str) -> None:
    """The topic is gone and was made anew: its positions begin at 1 again."""
    admin = AIOKafkaAdminClient(bootstrap_servers=corner.servers)
    await admin.start()
    try:
        await admin.delete_topics([f"{corner.prefix}{topic}"])
        while f"{corner.prefix}{topic}" in await admin.list_topics():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    finally:
        await admin.close()
    await corner.topics(topic, partitions=2)


@pytest.mark.parametrize("gone", [cut, dropped])
async def test_what_the_broker_lost_is_found_and_sent_again(
    corner: Corner, bed: Bed, gone: Callable[[Corner, str], Awaitable[object]]
) -> None:
    for number in range(12):
        await bed.post("/v1/partners", {**ENROL, "partner_id": f"p{number}"})
    await bed.settle()
    await gone(corner, "PartnerEnrolled")
    worker = bed.platform.workers["partners"]

    async def swept(*, repair: bool = False) -> Swept:
        """With eyes of its own, as a process of its own: the bus remembers what it has read."""
        ports = replace(worker.ports, bus=corner.bus())
        return await sweep(worker.context, ports, repair=repair).whole()

    before = await swept()
    assert (before.missing, before.equal) == (12, False)
    again = await swept(repair=True)
    assert (again.sent, again.equal) == (12, True)
    after = await swept()
    assert (after.missing, after.equal) == (0, True)
    read = kcat.consume(corner.servers, [f"{corner.prefix}PartnerEnrolled"])
    assert sorted(one.key.decode() for one in read) == sorted(f"p{n}" for n in range(12))
