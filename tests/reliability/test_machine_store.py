"""The event store and the handler before it, beside a dictionary that says what must be there.

Appends at right and wrong versions, the same append again, rivals at once, commands that come
again with the same content and with another one, a second process, and restarts in between.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from shared.adapters.sqlite import SqliteStore
from shared.contracts.event import Envelope, Event
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import Malformed, Mismatch, StaleVersion
from shared.kernel.handler import Cause, Handler
from shared.testing.contracts.store import sealed
from tests.reliability.machines import told
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(3_600)]
RUNS, STEPS = trials(40, 2_000), 40
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PURSES, STREAMS = ("purse.purse-a", "purse.purse-b"), ("raw-a", "raw-b")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinsPut(Event):
    coins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PutCoins:
    """As many facts as there are coins; a purse holds a hundred."""

    coins: int
    at: datetime = NOW


def decide(command: PutCoins, inside: int) -> list[CoinsPut]:
    room = min(command.coins, 100 - inside)
    return [CoinsPut(coins=1)] * room


PURSE = Aggregate(
    name="purse",
    decider=Decider(decide, lambda inside, fact: inside + fact.coins, 0),
    facts=(CoinsPut,),
)
streams, purses, some = st.sampled_from(STREAMS), st.sampled_from(PURSES), st.integers(1, 4)
keys, coins = st.integers(1, 12), st.integers(0, 30)


class Stores(RuleBasedStateMachine):
    """`facts`: what must be in each stream; `log`: in which order it was committed."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "purse.store.db"
        self.facts: dict[str, list[Envelope]] = {}
        self.log: list[Envelope] = []
        self.answers: dict[tuple[str, int], tuple[int, int]] = {}
        self.read: list[Envelope] = []
        self.place = 0

    @initialize()
    def start(self) -> None:
        self.store = SqliteStore(self.path, "OFF")
        self.other = SqliteStore(self.path, "OFF")
        both = (self.store, self.other)
        self.hands = [Handler("purse", [PURSE], one, lambda: NOW) for one in both]

    def teardown(self) -> None:
        self.store.close()
        self.other.close()
        self.loop.close()
        self.folder.cleanup()

    def wait(self, work: "Coroutine[Any, Any, T]") -> T:
        return self.loop.run_until_complete(work)

    def kept(self, stream: str, facts: Sequence[Envelope]) -> None:
        self.facts.setdefault(stream, []).extend(facts)
        self.log.extend(facts)

    def version(self, stream: str) -> int:
        return len(self.facts.get(stream, ()))

    @rule(stream=streams, count=some, off=st.sampled_from([0, 0, 0, -1, 1]), by=keys)
    def append(self, stream: str, count: int, off: int, by: int) -> None:
        """A new one; at a version that is not the stream's, nothing."""
        expected = max(0, self.version(stream) + off)
        right = expected == self.version(stream)
        facts = [
            sealed(stream, expected + n, by=f"{by}/{right}/{len(self.log)}")
            for n in range(1, count + 1)
        ]
        try:
            position = self.wait(self.store.append(stream, facts, expected=expected))
        except StaleVersion:
            assert not right
            self.seen["stale appends"] += 1
        else:
            assert right
            self.kept(stream, facts)
            assert position == len(self.log)
            self.seen["appends"] += 1

    @precondition(lambda self: any(self.facts.get(one) for one in STREAMS))
    @rule(stream=streams, first=st.integers(0, 99), count=some)
    def append_again(self, stream: str, first: int, count: int) -> None:
        """What is there already, from wherever: stored once."""
        if there := self.facts.get(stream):
            again = there[first % len(there) :][:count]
            expected = again[0].sequence - 1
            try:
                position = self.wait(self.other.append(stream, again, expected=expected))
            except StaleVersion:
                self.seen["repeats"] += 1
            else:
                assert self.log[position - 1] == again[-1]

    @rule(stream=streams, count=some)
    def append_at_once(self, stream: str, count: int) -> None:
        """Two processes at one version: one wins, whole."""
        at = self.version(stream)
        rivals = [
            [sealed(stream, at + n, by=f"{who}/{len(self.log)}") for n in range(1, count + 1)]
            for who in range(2)
        ]

        async def race() -> list[Any]:
            asked = zip((self.store, self.other), rivals, strict=True)
            return await asyncio.gather(
                *(one.append(stream, facts, expected=at) for one, facts in asked),
                return_exceptions=True,
            )

        told = self.wait(race())
        (winner,) = [who for who, one in enumerate(told) if isinstance(one, int)]
        assert isinstance(told[1 - winner], StaleVersion)
        self.kept(stream, rivals[winner])
        self.seen["races"] += 1

    @rule(stream=purses, key=keys, number=coins, hand=st.integers(0, 1), shown=st.integers(-1, 1))
    def command(self, stream: str, key: int, number: int, hand: int, shown: int) -> None:
        """With an If-Match at times; a known key repeats its answer, or is another request's."""
        at, known = self.version(stream), self.answers.get((stream, key))
        expected = None if shown == 0 else at if shown == 1 else at + 1
        cause = Cause(
            commandid=named("machine", key),
            actor="pat",
            correlationid=named("machine", key),
            outside=True,
            expected=expected,
        )
        try:
            done = self.wait(self.hands[hand](stream, PutCoins(coins=number), cause))
        except Malformed:
            assert known and known[1] != number
            self.seen["keys used for another request"] += 1
        except Mismatch:
            assert known is None and shown == -1
            self.seen["mismatches"] += 1
        else:
            self.answered(stream, key, number, done.version)

    def answered(self, stream: str, key: int, number: int, version: int) -> None:
        if known := self.answers.get((stream, key)):
            assert known == (version, number)
            self.seen["commands again"] += 1
            return
        at = self.version(stream)
        room = min(number, 100 - at)
        assert version == at + room
        if room:
            fresh = self.wait(self.store.read(stream, after=at))
            assert [one.sequence for one in fresh] == list(range(at + 1, version + 1))
            self.kept(stream, fresh)
            self.answers[stream, key] = version, number
            self.seen["commands"] += 1

    @rule(limit=st.integers(1, 7))
    def follow(self, limit: int) -> None:
        """A reader beside: everything once, in the order of the commits, without gaps."""
        for position, envelope in self.wait(self.other.follow(after=self.place, limit=limit)):
            assert position == self.place + 1
            self.place = position
            self.read.append(envelope)
        assert self.read == self.log[: self.place]

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.other.close()
        self.start()
        self.seen["restarts"] += 1

    @invariant()
    def everything_is_there_once(self) -> None:
        if not hasattr(self, "store"):
            return
        for stream, facts in self.facts.items():
            assert self.wait(self.store.read(stream)) == facts
        assert self.wait(self.store.end()) == len(self.log)
        ids = [one.id for one in self.log]
        assert len(ids) == len(set(ids))


def test_the_store_does_what_a_dictionary_would_do(tally: Tally) -> None:
    Stores.seen.clear()
    told(Stores, RUNS, STEPS)
    tally(
        "A4 machine of the store",
        {"stories": RUNS},
        seen=dict(Stores.seen),
        never={"differences from the model": []},
    )
