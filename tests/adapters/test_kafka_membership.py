"""Members of a group on a real Kafka share the logs, and one of them leads."""

import asyncio
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError

from shared.adapters.kafka import Group, Membership, apply, lead
from shared.kernel.errors import PortFailed, Unreachable
from tests.adapters.kafka_bed import PARTITIONS, Corner

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(400)]
LIVENESS = 120.0
TOPICS = ("ThingDone", "ThingUndone")
LOGS = frozenset(f"{topic}/{n}" for topic in TOPICS for n in range(PARTITIONS))


@dataclass(slots=True)
class Crew:
    corner: Corner
    topics: tuple[str, ...] = TOPICS
    session: int = 60  # so that a busy machine puts nobody out

    def hired(self, guard: asyncio.Lock | None = None, instance: str | None = None) -> Membership:
        group = Group(
            name=f"{self.corner.prefix}things",
            topics=self.topics,
            lead="qudao.lead.things",
            prefix=self.corner.prefix,
            session_seconds=self.session,
            instance=instance,
        )
        member = Membership(self.corner.link, group, guard or asyncio.Lock())
        self.corner.stack.push_async_callback(member.stop)
        return member

    async def at_work(self, instance: str | None = None) -> Membership:
        member = self.hired(instance=instance)
        await member.start()
        return member

    async def settled(self, *members: Membership, logs: frozenset[str] = LOGS) -> None:
        """Every log is with one of these."""

        def shared() -> bool:
            held = [log for member in members for log in member.assigned]
            return sorted(held) == sorted(logs) and sum(m.leads for m in members) == 1

        await until(shared)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIVENESS):
        while not holds():  # noqa: ASYNC110 - it is another member's doing
            await asyncio.sleep(0.05)


@pytest.fixture
async def crew(corner: Corner) -> Crew:
    await corner.topics(*TOPICS)
    await apply(corner.link, [lead("things")], prefix=corner.prefix)
    return Crew(corner)


async def test_one_who_is_alone_has_everything_and_leads(crew: Crew) -> None:
    member = crew.hired()
    assert (member.assigned, member.leads) == (frozenset(), False)
    await member.start()
    assert (member.assigned, member.leads) == (LOGS, True)
    consumer = member._consumer
    assert consumer and consumer.paused() == consumer.assignment()  # it reads nothing
    assert member.holds("ThingDone/5")
    assert not member.holds("qudao.lead.things/0")
    assert not member.holds("ThingDone/6")


async def test_two_share_the_logs_and_exactly_one_leads(crew: Crew) -> None:
    first = await crew.at_work()
    epoch = first.epoch
    second = await crew.at_work()
    await crew.settled(first, second)
    assert len(first.assigned) == len(second.assigned) == len(LOGS) // 2
    assert first.epoch > epoch


async def test_a_partition_of_all_topics_is_with_one_member(crew: Crew) -> None:
    members = [await crew.at_work() for _ in range(4)]
    await crew.settled(*members)
    for n in range(PARTITIONS):
        (holder,) = {m for m in members if m.holds(f"ThingDone/{n}")}
        assert all(holder.holds(f"{topic}/{n}") for topic in TOPICS)


async def test_when_one_stops_the_other_takes_all(crew: Crew) -> None:
    crew.session = 600  # so nobody is missed, but by taking leave
    first, second = await crew.at_work(), await crew.at_work()
    await crew.settled(first, second)
    epoch = first.epoch
    await first.stop()
    assert (first.assigned, first.leads) == (frozenset(), False)
    assert first.epoch > epoch
    await crew.settled(second)


async def test_when_one_is_killed_the_other_takes_all(crew: Crew) -> None:
    survivor = await crew.at_work()
    arguments = crew.corner.servers, crew.corner.prefix
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.adapters.kafka_member", *arguments, stdout=-1
    )
    try:
        assert other.stdout and (await other.stdout.readline()) == b"member\n"
        await until(lambda: len(survivor.assigned) == len(LOGS) // 2)
    finally:
        other.send_signal(signal.SIGKILL)
        await other.wait()
    await crew.settled(survivor)


async def test_a_member_that_comes_waits_until_the_batch_of_the_other_has_ended(
    crew: Crew,
) -> None:
    guard = asyncio.Lock()
    first = crew.hired(guard)
    await first.start()
    async with guard:
        epoch = first.epoch
        coming = asyncio.create_task(crew.at_work())
        await asyncio.sleep(4)  # longer than the first needs to hear of it
        assert (first.assigned, first.leads, first.epoch) == (LOGS, True, epoch)
        assert not coming.done()
        # what it lets go it lets go at once, before the other has it
        let_go = asyncio.create_task(_seen(first, guard))
        await asyncio.sleep(0)
    assert await let_go == (frozenset(), False)
    second = await coming
    await crew.settled(first, second)
    assert first.epoch >= epoch + 2


async def _seen(member: Membership, guard: asyncio.Lock) -> tuple[frozenset[str], bool]:
    """What the next batch would find."""
    async with guard:
        return member.assigned, member.leads


async def test_a_context_that_reads_nothing_has_a_leader_all_the_same(crew: Crew) -> None:
    crew.topics = ()
    first, second = await crew.at_work(), await crew.at_work()
    await crew.settled(first, second, logs=frozenset())
    leader = first if first.leads else second
    await leader.stop()
    await until(lambda: first.leads is not second.leads)


async def test_a_restart_with_an_instance_keeps_its_part(crew: Crew) -> None:
    first, second = await crew.at_work(instance="w-0"), await crew.at_work(instance="w-1")
    await crew.settled(first, second)
    part, epoch = second.assigned, first.epoch
    await second.stop()
    again = await crew.at_work(instance="w-1")
    assert again.assigned == part
    assert first.epoch == epoch


async def test_positions_are_reported_for_whoever_watches_the_lag(crew: Crew) -> None:
    member = await crew.at_work()
    await member.report({"ThingDone/1": 7, "ThingUndone/3": 2, "Elsewhere/0": 9, "store": 4})
    assert await _reported(crew) == {("ThingDone", 1): 7, ("ThingUndone", 3): 2}
    await member.report({})
    await member.stop()
    await member.report({"ThingDone/1": 8})
    assert await _reported(crew) == {("ThingDone", 1): 7, ("ThingUndone", 3): 2}


async def test_a_report_in_a_rebalance_harms_nobody(crew: Crew) -> None:
    guard = asyncio.Lock()
    first = crew.hired(guard)
    await first.start()
    async with guard:
        coming = asyncio.create_task(crew.at_work())
        for n in range(30):
            await first.report({"ThingDone/1": n})
            await asyncio.sleep(0.1)
    await crew.settled(first, await coming)


async def test_a_topic_that_nobody_made_is_named(crew: Crew) -> None:
    crew.topics = (*TOPICS, "Nowhere")
    with pytest.raises(PortFailed, match=r"Nowhere.*`qudao topics apply`"):
        await crew.at_work()


async def test_run_lasts_as_long_as_the_membership(crew: Crew) -> None:
    member = await crew.at_work()
    running = asyncio.create_task(member.run())
    await asyncio.sleep(1)
    assert not running.done()
    await member.stop()
    await asyncio.wait_for(running, LIVENESS)


async def test_a_membership_that_cannot_be_healed_ends_run_with_an_error(crew: Crew) -> None:
    member = await crew.at_work()
    running = asyncio.create_task(member.run())
    consumer: AIOKafkaConsumer = member._consumer
    pushed = asyncio.ensure_future(
        consumer._coordinator._push_error_to_user(GroupAuthorizationFailedError("things"))
    )
    with pytest.raises(PortFailed, match="GroupAuthorizationFailed") as raised:
        await asyncio.wait_for(running, LIVENESS)
    assert not isinstance(raised.value, Unreachable)
    await member.stop()
    await pushed


async def _reported(crew: Crew) -> dict[tuple[str, int], int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=crew.corner.servers)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(f"{crew.corner.prefix}things")
    finally:
        await admin.close()
    prefix = crew.corner.prefix
    return {(at.topic.removeprefix(prefix), at.partition): o.offset for at, o in found.items()}
