"""B5: facts that fail for ever, and facts that fail twice, in every consumer of a context.

Others flow on; of a stream nothing is applied out of order; a fact is tried six times at most;
and once its cause is gone, a person's wish brings everything to where it had been without it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.event import Envelope
from shared.kernel.ports import Record
from shared.runtime.context import Context
from shared.runtime.hiring import hire
from shared.runtime.hosting import load
from shared.runtime.platform import HandTurned, Platform
from shared.runtime.worker import Worker
from shared.testing.embedded import embedded
from tests.reliability.looking import differing, documents, every
from tests.reliability.redelivery import START, recorded, repeated
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(3_600)]
SEEDS = trials(6, 200)
LATER = timedelta(days=3)  # beyond the last of five retries
TRIES = 6
POLICY, VIEW = "forecast.when-payment-told-record", "forecast.collected"


@dataclass(slots=True)
class Poison:
    """A share of the facts fails, each in its own consumer; `applied` is what went well, in the
    order in which it did so last: of a batch that is folded in one go nothing is kept when
    something in it raises (what counts twice shows in the documents).
    """

    random: Random
    healed: bool = False
    fates: dict[tuple[str, UUID], str] = field(default_factory=dict)
    tries: Counter[tuple[str, UUID]] = field(default_factory=Counter)
    applied: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def taste(self, consumer: str, envelope: Envelope) -> None:
        key = consumer, envelope.id
        fate = self.fates.setdefault(key, self.random.choice((*["good"] * 16, "twice", "ever")))
        self.tries[key] += 1
        if not self.healed and (fate == "ever" or (fate == "twice" and self.tries[key] < 3)):
            raise ZeroDivisionError(f"planted: {fate}")
        applied = self.applied[consumer, envelope.subject]
        if consumer != POLICY and envelope.sequence in applied:
            applied.remove(envelope.sequence)
        applied.append(envelope.sequence)

    def in_fold(self, name: str, keys: Callable[..., Any], fold: Callable[..., Any]) -> Any:
        """A fact is tried when it is folded into the first of its documents."""

        def folded(key: str, before: Any, fact: Any, envelope: Envelope) -> Any:
            if key == min(keys(fact, envelope)):
                self.taste(name, envelope)
            return fold(key, before, fact, envelope)

        return folded

    def in_react(self, name: str, react: Callable[..., Any]) -> Callable[..., Any]:
        async def reacted(fact: Any, envelope: Envelope, read: Any) -> Any:
            self.taste(name, envelope)
            return await react(fact, envelope, read)

        return reacted

    def over(self, context: Context) -> Context:
        """The same context, with failing views and reactions before its own."""
        projections = [
            replace(o, fold=self.in_fold(o.name, o.keys, o.fold)) for o in context.projections
        ]
        policies = [replace(o, react=self.in_react(o.name, o.react)) for o in context.policies]
        return replace(context, projections=projections, policies=policies)


@asynccontextmanager
async def hosted(folder: Path, context: Context) -> AsyncIterator[tuple[Platform, Worker]]:
    folder.mkdir()
    clock = HandTurned(datetime.fromisoformat(START).astimezone(UTC))
    with embedded(folder, context.name, clock=clock) as ports:
        worker = await hire(context, ports[context.name])
        yield Platform(workers={context.name: worker}, clock=clock), worker


async def shown(worker: Worker) -> dict[str, list[str]]:
    return await documents(worker, without={"forecast.timers": {"set_by"}})


async def parked(worker: Worker) -> list[dict[str, Any]]:
    return await every(worker, f"{worker.context.name}.parked")


@pytest.mark.parametrize("name", ["forecast"])
async def test_poison_stops_its_stream_alone_and_is_digested_once_its_cause_is_gone(
    tmp_path: Path, tally: Tally, name: str
) -> None:
    trade = await recorded(tmp_path / "trade", 7)
    payments = [one for one in trade.published if one.topic.startswith("Payment")]
    (context,), seen = load([name]), Counter[str]()
    async with hosted(tmp_path / "clean", context) as (platform, worker):
        await worker.ports.bus.publish(payments)
        await platform.settle(60)
        clean = await shown(worker)
    wrong: dict[str, list[str]] = defaultdict(list)
    for seed in range(SEEDS):
        poison = Poison(Random(seed))
        folder = tmp_path / f"{seed}"
        async with hosted(folder, poison.over(context)) as (platform, worker):
            deliveries = repeated(payments, Random(seed))
            await worker.ports.bus.publish(deliveries)
            await endured(platform, worker, poison, seen, wrong)
            wrong["documents that differ"] += differing(clean, await shown(worker))
        wrong["tried more often"] += tried_more(poison, deliveries)
        wrong["applied out of order"] += [
            f"seed {seed} {key}: {applied}"
            for key, applied in poison.applied.items()
            if key[0] != POLICY and applied != sorted({*applied})
        ]
    tally("B5 poison", {"seeds": SEEDS}, seen=dict(seen), never=wrong)


async def endured(
    platform: Platform, worker: Worker, poison: Poison, seen: Counter[str], wrong: Any
) -> None:
    await platform.settle(60)
    first = await parked(worker)
    seen["parked at once"] += sum(one["state"] == "retrying" for one in first)
    seen["waiting behind"] += sum(one["state"] == "behind" for one in first)
    behind = {one["stream"] for one in first if one["consumer"].startswith(f"{VIEW}.v")}
    wrong["others that were stopped"] += await stopped(worker, poison, behind)
    assert isinstance(platform.clock, HandTurned)
    await platform.advance_to(platform.clock() + LATER, platform.clock)
    poison.healed = True
    for _ in range(100):
        waiting = [one for one in await parked(worker) if one["state"] == "waiting"]
        if not waiting:
            break
        seen["waited for a person"] += len(waiting)
        for one in waiting:
            await worker.retries.hasten(one["key"])
        await platform.settle(60)
    wrong["still parked"] += [one["key"] for one in await parked(worker)]


async def stopped(worker: Worker, poison: Poison, behind: set[str]) -> list[str]:
    """Facts of streams that nothing poisonous lies in and that a view has not seen."""
    facts = [e for _, e in await worker.ports.store.follow(after=0, limit=99_999)]
    actuals = [e for e in facts if e.type == "ActualRecorded"]
    expected = Counter(e.subject for e in actuals if json.loads(e.data)["deltas"])
    return [
        f"{stream}: {len(poison.applied[VIEW, stream])} of {count}"
        for stream, count in expected.items()
        if stream not in behind and len(poison.applied[VIEW, stream]) < count
    ]


def tried_more(poison: Poison, deliveries: Sequence[Record]) -> list[str]:
    """Six times at most and once for a person: each place of its own store, or of the bus. Into a
    view it is folded with its batch first.
    """
    places = Counter(json.loads(one.value)["id"] for one in deliveries)
    return [
        f"{consumer}: {id_}, {times} times"
        for (consumer, id_), times in poison.tries.items()
        if times > ((TRIES + 1) * places[str(id_)] if consumer == POLICY else TRIES + 2)
    ]
