"""Topics are made once, as the installation needs them, and never changed behind its back."""

import asyncio
from datetime import timedelta

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.adapters.kafka import Link, Topic, apply, check, lead
from shared.kernel.errors import Incompatible, PortFailed, Unreachable
from shared.testing.servers.ports import Port
from tests.adapters.kafka_bed import Corner

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]
HEARD = 1.0
"""Seconds after which a broker has heard of what the controller did."""
MONTH = timedelta(days=30)
TOPICS = [
    Topic("OrderApproved", 6),
    Topic("PaymentReported", 6, MONTH),
    Topic("PaymentReported.rejected", 6, MONTH),
    lead("orders"),
]


async def applied(corner: Corner, *topics: Topic) -> list[str]:
    return await apply(corner.link, topics or TOPICS, prefix=corner.prefix)


async def test_made_once_and_then_nothing_is_left_to_do(corner: Corner) -> None:
    assert await applied(corner) == [
        "made OrderApproved with 6 partitions",
        "made PaymentReported with 6 partitions",
        "made PaymentReported.rejected with 6 partitions",
        "made qudao.lead.orders with 1 partitions",
    ]
    assert await applied(corner) == []
    assert await applied(corner, Topic("OrderApproved", 6), Topic("OrderHeld", 6)) == [
        "made OrderHeld with 6 partitions"
    ]
    await check(corner.link, TOPICS, prefix=corner.prefix)


async def test_facts_are_kept_for_ever_and_what_came_from_outside_for_a_month(
    corner: Corner,
) -> None:
    await applied(corner)
    kept = {topic.name: (await settings(corner, topic.name))["retention.ms"] for topic in TOPICS}
    assert kept == {
        "OrderApproved": "-1",
        "PaymentReported": str(30 * 24 * 3_600_000),
        "PaymentReported.rejected": str(30 * 24 * 3_600_000),
        "qudao.lead.orders": "3600000",
    }
    assert (await settings(corner, "OrderApproved"))["retention.bytes"] == "-1"


async def test_a_rejection_has_room_for_what_was_rejected(corner: Corner) -> None:
    await applied(corner)
    inbound = await settings(corner, "PaymentReported")
    rejected = await settings(corner, "PaymentReported.rejected")
    assert int(rejected["max.message.bytes"]) > int(inbound["max.message.bytes"])


async def test_a_setting_that_was_changed_is_set_again_and_others_stay(corner: Corner) -> None:
    await applied(corner)
    name = f"{corner.prefix}OrderApproved"
    changed = {"retention.ms": "1000", "segment.bytes": "2000000"}
    async with Admin(corner) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, changed)])
    async with asyncio.timeout(60):
        while not (said := await applied(corner)):  # noqa: ASYNC110 - the broker's
            await asyncio.sleep(HEARD)
    assert "set OrderApproved retention.ms to -1" in said
    now = await settings(corner, "OrderApproved")
    assert (now["retention.ms"], now["segment.bytes"]) == ("-1", "2000000")
    assert await applied(corner) == []


async def test_another_number_of_partitions_is_refused(corner: Corner) -> None:
    await applied(corner)
    wanted = [Topic("OrderApproved", 12), Topic("New", 12)]
    for ask in (
        apply(corner.link, wanted, prefix=corner.prefix),
        check(corner.link, [wanted[0]], prefix=corner.prefix),
    ):
        with pytest.raises(Incompatible, match=r"OrderApproved has 6 partitions .* 12: keys"):
            await ask
    with pytest.raises(PortFailed, match="New"):  # nothing was made either
        await check(corner.link, [Topic("New", 12)], prefix=corner.prefix)
    async with Admin(corner) as admin:
        await admin.create_partitions({f"{corner.prefix}OrderApproved": NewPartitions(8)})
    with pytest.raises(Incompatible, match="OrderApproved has 8 partitions and should have 6"):
        async with asyncio.timeout(60):
            while True:  # until the broker has heard of it
                await applied(corner)
                await asyncio.sleep(HEARD)


async def test_what_is_missing_is_said_in_one_line(corner: Corner) -> None:
    await applied(corner, TOPICS[0])
    with pytest.raises(PortFailed) as raised:
        await check(corner.link, TOPICS, prefix=corner.prefix)
    said = str(raised.value)
    assert "PaymentReported, PaymentReported.rejected, qudao.lead.orders" in said
    assert "qudao topics apply" in said
    assert "OrderApproved" not in said
    assert "\n" not in said


async def test_more_replicas_than_brokers_is_said_in_one_line(corner: Corner) -> None:
    with pytest.raises(PortFailed, match="OrderApproved") as raised:
        await apply(corner.link, TOPICS[:1], replication=3, prefix=corner.prefix)
    assert not isinstance(raised.value, Unreachable)
    assert "\n" not in str(raised.value)


async def test_nobody_there_is_said_in_one_line() -> None:
    port = Port()
    link = Link(servers=f"127.0.0.1:{port.number}")
    for ask in (apply(link, TOPICS), check(link, TOPICS)):
        with pytest.raises(Unreachable, match=str(port.number)) as raised:
            await ask
        assert "\n" not in str(raised.value)
    port.release()


class Admin:
    def __init__(self, corner: Corner) -> None:
        self._client = AIOKafkaAdminClient(bootstrap_servers=corner.servers)

    async def __aenter__(self) -> AIOKafkaAdminClient:
        await self._client.start()
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()


async def settings(corner: Corner, topic: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, f"{corner.prefix}{topic}")
    async with Admin(corner) as admin:
        (answer,) = await admin.describe_configs([resource])
    ((_, _, _, _, entries),) = answer.resources
    return {entry[0]: entry[1] for entry in entries}
