"""The relay publishes what is public, keyed by partner; it repeats, and it loses nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from services.partners.context import CONTEXT as PARTNERS
from shared.contracts import partners as contracts
from shared.kernel.codec import pack, unpack
from shared.kernel.errors import PortFailed, StaleOwner
from shared.kernel.ports import Bus, Record
from shared.kernel.relay import Relay
from shared.kernel.step import STORE, Own
from tests.kernel.conftest import Toys
from tests.kernel.passing import Passing
from tests.kernel.things import THINGS

TOPICS = ["ThingMade", "ThingPainted", "ThingSold", "AlarmSet"]


@dataclass
class Fragile(Passing):
    """A bus that fails before or after it has stored what it was given."""

    before: bool = False
    after: bool = False
    batches: list[list[Record]] = field(default_factory=list)

    async def publish(self, records: Sequence[Record]) -> None:
        if self.before:
            raise PortFailed("the broker is gone")
        self.batches.append([*records])
        await self.bus.publish(records)
        if self.after:
            raise PortFailed("the broker went before it confirmed")


def relay(toys: Toys, bus: Bus | None = None, overlap: int = 0) -> Relay:
    ports = toys.ports["things"]
    return Relay(
        name="things.relay",
        published=THINGS.published,
        feed=Own(ports.store),
        bus=bus or ports.bus,
        views=ports.views,
        people=ports.people,
        overlap=overlap,
    )


async def sent(toys: Toys) -> list[Record]:
    found = await toys.ports["things"].bus.fetch(TOPICS, after={}, limit=10_000)
    return [delivery.record for delivery in found]


async def position(toys: Toys) -> int:
    return (await toys.ports["things"].views.positions("things.relay")).get(STORE, 0)


async def some(toys: Toys, count: int = 1) -> None:
    await toys.host(replace(THINGS, processes=()))
    for number in range(count):
        await toys.make(f"t{number}")
        await toys.paint(f"t{number}", "red")
        await toys.sell(f"t{number}")


def test_location_is_visibility() -> None:
    hidden = {fact.__name__ for fact in PARTNERS.facts} - PARTNERS.published
    assert "PartnerEnrolled" in PARTNERS.published
    assert all(vars(contracts).get(name) is None for name in hidden)


async def test_a_private_fact_never_leaves_and_a_public_one_leaves_as_it_was_stored(
    toys: Toys,
) -> None:
    await some(toys)
    assert [await relay(toys).step(), await relay(toys).step()] == [3, 0]
    made, _, sold = await toys.ports["things"].store.read("things.thing-t0")
    assert {(r.topic, r.key, r.value) for r in await sent(toys)} == {
        ("ThingMade", "acme", pack(made)),
        ("ThingSold", "acme", pack(sold)),
    }
    assert all(b"fingerprint" not in r.value for r in await sent(toys))


async def test_facts_leave_in_the_order_in_which_they_were_stored(toys: Toys) -> None:
    await some(toys, 5)
    bus = Fragile(toys.ports["things"].bus)
    await relay(toys, bus).step()
    (batch,) = bus.batches
    stored = [fact for _, fact in await toys.ports["things"].store.follow(after=0, limit=99)]
    public = [fact.id for fact in stored if fact.type in THINGS.published]
    assert [unpack(record.value).id for record in batch] == public


async def test_the_position_moves_after_the_bus_confirmed(toys: Toys) -> None:
    await some(toys)
    with pytest.raises(PortFailed):
        await relay(toys, Fragile(toys.ports["things"].bus, before=True)).step()
    assert (await position(toys), await sent(toys)) == (0, [])
    with pytest.raises(PortFailed):
        await relay(toys, Fragile(toys.ports["things"].bus, after=True)).step()
    assert (await position(toys), len(await sent(toys))) == (0, 2)
    await relay(toys).step()
    assert (await position(toys), len(await sent(toys))) == (3, 4)
    assert len({record.value for record in await sent(toys)}) == 2


async def test_two_relays_at_once_repeat_but_lose_nothing(toys: Toys) -> None:
    await some(toys)
    done = await asyncio.gather(relay(toys).step(), relay(toys).step(), return_exceptions=True)
    assert all(d in (0, 3) or isinstance(d, StaleOwner) for d in done)
    assert {record.topic for record in await sent(toys)} == {"ThingMade", "ThingSold"}
    assert await relay(toys).step() == 0


async def test_at_start_the_last_facts_before_its_position_are_sent_again_once(
    toys: Toys,
) -> None:
    await some(toys, 4)
    first = relay(toys, overlap=1_000)
    await first.step()
    await first.step()
    assert len(await sent(toys)) == 8
    bus = Fragile(toys.ports["things"].bus)
    again = relay(toys, bus, overlap=6)
    assert [await again.step(), await again.step()] == [0, 0]
    (batch,) = bus.batches
    assert {unpack(record.value).subject for record in batch} == {
        "things.thing-t2",
        "things.thing-t3",
    }
    assert await position(toys) == 12


async def test_an_overlap_that_failed_is_sent_when_the_bus_is_back(toys: Toys) -> None:
    await some(toys)
    await relay(toys).step()
    bus = Fragile(toys.ports["things"].bus, before=True)
    again = relay(toys, bus, overlap=1_000)
    with pytest.raises(PortFailed):
        await again.step()
    bus.before = False
    await again.step()
    assert [len(batch) for batch in bus.batches] == [2]


async def test_what_the_broker_lost_is_there_again_after_a_restart(toys: Toys) -> None:
    """Its own log is empty, our position is not: the overlap fills it up."""
    await some(toys)
    await relay(toys).step()
    other = Fragile(toys.ports["things"].bus)
    await relay(toys, other, overlap=1_000).step()
    assert [record.topic for record in other.batches[0]] == ["ThingMade", "ThingSold"]


async def test_a_hosted_relay_whose_place_another_one_took_goes_on(toys: Toys) -> None:
    await toys.host()
    await toys.make("t1")
    await toys.settle()
    await toys.sell("t1")
    await relay(toys).step()
    await toys.settle()
    assert await position(toys) == await toys.ports["things"].store.end()
