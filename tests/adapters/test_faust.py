"""Faust on a real broker: restarts and rebalances change no figure, and an alarm is told once."""

import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from services.forecast.tests.envelopes import on_the_bus
from services.forecast.tests.test_episodes import NINE, after
from services.forecast.tests.test_rates import arrive, told
from shared.adapters.kafka.bus import KafkaBus
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.topics import apply
from shared.contracts.event import Envelope
from shared.contracts.forecast import SalesAnomalyDetected
from shared.contracts.ids import named
from shared.kernel.codec import Codec
from shared.kernel.ports import Record
from shared.runtime.hosting import load
from shared.runtime.topics import every
from shared.testing.platform import platform
from shared.testing.servers import kafka
from tests.adapters.authority import Authority
from tests.adapters.kafka_bed import Corner
from tests.adapters.streaming import (
    MONDAY,
    PARTITIONS,
    Crew,
    Figures,
    Paid,
    Worker,
    payments,
    reckoned,
)

PAYMENTS = 50
pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def crew(tmp_path: Path, corner: Corner) -> Iterator[Crew]:
    settings = {"QUDAO_KAFKA": corner.servers, "QUDAO_TOPIC_PREFIX": corner.prefix}
    with ExitStack() as stack:
        yield Crew(tmp_path / "data", settings, stack)


@pytest.fixture
async def bus(corner: Corner) -> AsyncIterator[KafkaBus]:
    await apply(corner.link, every(load(), PARTITIONS), prefix=corner.prefix)
    yield corner.bus()


def shown(crew: Crew, wanted: Figures, *workers: Worker) -> None:
    """In the end, and for a while."""
    assert crew.figures(*workers, wanted=wanted) == wanted


async def tell(bus: KafkaBus, facts: Sequence[Paid]) -> None:
    numbers = [named(fact.payment_id, fact.revision).int >> 64 for fact in facts]
    await bus.publish([on_the_bus(fact, n) for fact, n in zip(facts, numbers, strict=True)])


async def test_no_order_no_repeat_and_no_restart_changes_a_figure(
    crew: Crew, bus: KafkaBus
) -> None:
    random = Random(9)
    facts = list(payments(random, 900))
    first, second, third = facts[:700], facts[700:1_100], facts[1_100:]
    for some in (first, second, third):
        some.extend(random.choices(facts, k=100))  # repeated, or ahead of their time
        random.shuffle(some)
    await tell(bus, first)
    worker = crew.start()
    shown(crew, reckoned(first), worker)
    assert worker.stop() == 0
    await tell(bus, second)
    worker = crew.start()
    shown(crew, reckoned([*first, *second]), worker)
    await tell(bus, third)
    worker.stop(signal.SIGKILL)
    shown(crew, reckoned(facts), crew.start())


async def test_another_worker_takes_its_share_and_gives_it_back(crew: Crew, bus: KafkaBus) -> None:
    facts = list(payments(Random(4), 500))
    await tell(bus, facts[:300])
    one = crew.start()
    alone = reckoned(facts[:300])
    shown(crew, alone, one)
    other = crew.start()
    shown(crew, alone, one, other)
    assert one.shows()[1] and other.shows()[1]
    await tell(bus, facts[300:500])
    other.stop(signal.SIGKILL)
    await tell(bus, facts[500:])
    shown(crew, reckoned(facts), one)
    third = crew.start()
    shown(crew, reckoned(facts), one, third)
    assert one.stop() == 0
    shown(crew, reckoned(facts), third)


async def test_what_nobody_can_read_is_counted_and_left_behind(crew: Crew, bus: KafkaBus) -> None:
    facts = list(payments(Random(5), 40))
    await bus.publish([Record("PaymentReceived", "acme", raw) for raw in (b"\xff{", b"{}")])
    await tell(bus, facts)
    worker = crew.start()
    await bus.publish([Record("qudao.forecast.stream-grouped", "acme", b"{}")])
    shown(crew, reckoned(facts), worker)
    assert worker.shows()[0]["qudao_stream_skipped_total"] == 3


async def test_a_broker_with_tls_and_users_that_goes_and_comes_back_is_waited_for(
    tmp_path: Path,
) -> None:
    facts, authority = list(payments(Random(6), 200)), Authority(tmp_path)
    with (
        kafka.broker(
            tmp_path / "kafka", own=True, protocol="SASL_SSL", extra=secured(authority)
        ) as broker,
        ExitStack() as stack,
    ):
        link = Link(
            servers=broker.servers,
            security="SASL_SSL",
            user="qudao",
            password="secret",
            ca=authority.ca,
        )
        await apply(link, every(load(), PARTITIONS))
        bus, crew = KafkaBus(link), Crew(tmp_path / "data", told_to(link), stack)
        await tell(bus, facts[:100])
        worker = crew.start()
        crew.figures(worker)
        broker.kill()
        broker.start()
        await tell(bus, facts[100:])
        await bus.close()
        shown(crew, reckoned(facts), worker)


def secured(authority: Authority) -> dict[str, str]:
    of, user = "listener.name.clients", 'required user_qudao="secret"'
    return {
        f"{of}.ssl.keystore.type": "PEM",
        f"{of}.ssl.keystore.location": str(authority.pair("broker").both),
        f"{of}.sasl.enabled.mechanisms": "PLAIN",
        f"{of}.plain.sasl.jaas.config": (
            f"org.apache.kafka.common.security.plain.PlainLoginModule {user};"
        ),
    }


def told_to(link: Link) -> dict[str, str]:
    return {
        "QUDAO_KAFKA": link.servers,
        "QUDAO_KAFKA_SECURITY": link.security,
        "QUDAO_KAFKA_MECHANISM": link.mechanism,
        "QUDAO_KAFKA_USER": link.user,
        "QUDAO_KAFKA_PASSWORD": link.password,
        "QUDAO_KAFKA_CA": str(link.ca),
    }


async def test_f_08_both_find_the_same_week_and_tell_it_once(
    crew: Crew, bus: KafkaBus, tmp_path: Path
) -> None:
    facts = small([*NINE, "65"], "华东", 0) + small([*NINE, "99"], "华北", 1)
    Random(8).shuffle(facts)  # judged before all is read, each region would look abnormal
    assert after(10) == MONDAY
    await tell(bus, facts)
    worker = crew.start()
    (found,) = await crew.reported()
    worker.stop(signal.SIGKILL)
    crew.figures(crew.start())
    assert await crew.reported() == [found]
    (embedded,) = await by_the_timers(tmp_path / "embedded", facts)
    codec = Codec([SalesAnomalyDetected])
    fact = codec.decode(found)
    assert (fact.region, fact.week, str(fact.z)) == ("华东", after(9), "-3.5000")
    assert codec.decode(embedded) == fact
    assert (embedded.subject, embedded.occurredat) == (found.subject, found.occurredat)


def small(weeks: Sequence[str], region: str, number: int) -> list[Paid]:
    """Each week's money in many payments of one and the same size."""
    sizes = [(n, str(Decimal(net) / PAYMENTS)) for n, net in enumerate(weeks)]
    return [
        told(number * 10_000 + n * 100 + k, after(n), size, region=region, partner=f"p{k % 9}")
        for n, size in sizes
        for k in range(PAYMENTS)
    ]


async def by_the_timers(folder: Path, facts: Sequence[Paid]) -> Sequence[Envelope]:
    folder.mkdir()
    async with platform(folder, f"{after(9)}T12:00:00+08:00", contexts=("forecast",)) as bed:
        await arrive(bed, *facts)
        await bed.advance(f"{after(10)}T12:00:00+08:00")
        stored = await bed.platform.workers["forecast"].ports.store.last(20)
        return [one for _, one in stored if one.type == SalesAnomalyDetected.__name__]


async def test_a_start_that_cannot_be_is_one_plain_line(crew: Crew, corner: Corner) -> None:
    assert crew.refuses("QUDAO_KAFKA") == (
        1,
        "not started: a stream reads Kafka: set QUDAO_KAFKA (embedded, the timers do it)\n",
    )
    code, said = crew.refuses()
    assert code == 1
    assert said.startswith("not started: Kafka has no topic ")
    assert said.count("\n") == 1
