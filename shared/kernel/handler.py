"""Read, fold, decide, append: the only way a command becomes facts."""

from asyncio import Lock
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from shared.contracts.event import Envelope, Event
from shared.contracts.ids import named
from shared.kernel.codec import Codec, encode, fingerprint_of
from shared.kernel.decider import Aggregate, Command
from shared.kernel.errors import Malformed, Mismatch, Refused, StaleVersion
from shared.kernel.ports import Clock, EventStore
from shared.kernel.trace import Trace, untraced

CACHED = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Who asked, and in answer to what. The command id makes a repeat decide once.

    `outside`: a repeat is compared by fingerprint. `expected`: the version the caller saw.
    """

    commandid: UUID
    actor: str
    correlationid: UUID
    causationid: UUID | None = None
    outside: bool = False
    expected: int | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The version after the command's last fact; the store holds it at or before `position`."""

    version: int
    position: int
    fresh: bool = True


@dataclass(slots=True)
class Folded:
    """A stream up to a version: its state, and what each command was answered.

    `answers` are kept by the bytes of command ids, as an id is three times as large.
    """

    version: int
    state: Any
    answers: dict[bytes, tuple[int, str]] = field(default_factory=dict)


Watch = Callable[[str, str, float], None]


def unwatched(command: str, outcome: str, seconds: float) -> None:
    """Nobody measures."""


class Handler:
    """Commands to the streams of one context, routed to an aggregate by the stream's name."""

    def __init__(
        self,
        context: str,
        aggregates: Sequence[Aggregate],
        store: EventStore,
        clock: Clock,
        watch: Watch = unwatched,
    ) -> None:
        self.context = context
        self.codec: Codec[Any] = Codec.of(aggregates)
        self._deciders = {f"{context}.{one.name}": one.decider for one in aggregates}
        self._store, self._clock, self._watch = store, clock, watch
        self.trace: Trace = untraced
        self._cache: OrderedDict[str, Folded] = OrderedDict()
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    async def __call__(self, stream: str, command: Command, cause: Cause) -> Done:
        """Decide once, however often it is asked; wait for the disk before answering."""
        began, outcome = perf_counter(), "failed"
        try:
            with self.trace(cause.traceparent, type(command).__name__) as traceparent:
                async with self._locks.setdefault(stream, Lock()):
                    if traceparent != cause.traceparent:
                        cause = replace(cause, traceparent=traceparent)
                    done = await self._attempt(stream, command, cause)
            outcome = "done" if done.fresh else "repeated"
            return done
        except Refused as refusal:
            outcome = refusal.slug
            raise
        except StaleVersion:
            outcome = "stale"
            raise
        finally:
            self._watch(type(command).__name__, outcome, perf_counter() - began)

    async def fold(self, stream: str) -> Any:
        async with self._locks.setdefault(stream, Lock()):
            return (await self._catch_up(stream)).state

    async def version(self, stream: str) -> int:
        async with self._locks.setdefault(stream, Lock()):
            return (await self._catch_up(stream)).version

    async def facts(self, stream: str) -> list[tuple[Any, Envelope]]:
        """The stream's facts in order, for questions that no present state answers."""
        return [(self.codec.decode(e), e) for e in await self._store.read(stream)]

    async def _attempt(self, stream: str, command: Command, cause: Cause) -> Done:
        if done := await self._ventured(stream, command, cause):
            return done
        for _ in range(3):
            known = await self._catch_up(stream)
            if answer := known.answers.get(cause.commandid.bytes):
                return await self._repeated(stream, answer, command, cause)
            if cause.expected not in {None, known.version}:
                raise Mismatch("version-mismatch", f"the stream is at version {known.version}")
            facts = self._decide(stream, known, command, cause)
            if not facts:
                return Done(known.version, await self._store.end())
            with suppress(StaleVersion):
                return await self._append(stream, known, facts)
        raise StaleVersion(stream)

    async def _ventured(self, stream: str, command: Command, cause: Cause) -> Done | None:
        """Decided by what is folded already: the store takes it if nothing came in between. All
        else (refused, nothing to do, answered before) counts only after a look at the store."""
        known = self._cache.get(stream)
        if not known or cause.commandid.bytes in known.answers:
            return None
        with suppress(Refused, StaleVersion):
            if cause.expected in {None, known.version} and (
                facts := self._decide(stream, known, command, cause)
            ):
                return await self._append(stream, known, facts)
        return None

    async def _append(self, stream: str, known: Folded, facts: Sequence[Envelope]) -> Done:
        position = await self._store.append(stream, facts, expected=known.version)
        self._grow(stream, known, facts)
        return Done(known.version, position)

    async def _repeated(
        self, stream: str, answer: tuple[int, str], command: Command, cause: Cause
    ) -> Done:
        """The first answer again."""
        version, fingerprint = answer
        if cause.outside and fingerprint != fingerprint_of(command):
            raise Malformed(
                "idempotency-key-reused", "the key belongs to another request: use a new one"
            )
        return Done(version, await self._store.position(stream, version), fresh=False)

    async def _catch_up(self, stream: str) -> Folded:
        """The cache spares folding again, not the look at the store: several may append."""
        initial = self._deciders[stream.partition("-")[0]].initial
        known = self._cache.get(stream) or Folded(0, initial)
        self._grow(stream, known, await self._store.read(stream, after=known.version))
        return known

    def _grow(self, stream: str, known: Folded, fresh: Sequence[Envelope]) -> None:
        """Decoded, even what was decided a moment ago: a state is folded from what is stored."""
        evolve, state = self._deciders[stream.partition("-")[0]].evolve, known.state
        for envelope in fresh:
            state = evolve(state, self.codec.decode(envelope))
        for envelope in fresh:
            known.answers[envelope.commandid.bytes] = (envelope.sequence, envelope.fingerprint)
            known.version = envelope.sequence
        known.state = state
        self._remember(stream, known)

    def _remember(self, stream: str, known: Folded) -> None:
        self._cache[stream] = known
        self._cache.move_to_end(stream)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)

    def _decide(
        self, stream: str, known: Folded, command: Command, cause: Cause
    ) -> list[Envelope]:
        facts = self._deciders[stream.partition("-")[0]].decide(command, known.state)
        sealed = self._seal(stream, command, cause)
        return [sealed(fact, known.version + n, n) for n, fact in enumerate(facts, start=1)]

    def _seal(
        self, stream: str, command: Command, cause: Cause
    ) -> Callable[[Event, int, int], Envelope]:
        now, fingerprint = self._clock(), fingerprint_of(command)

        def seal(fact: Event, sequence: int, index: int) -> Envelope:
            return Envelope(
                id=named(stream, cause.commandid, index),
                source=f"/{self.context}",
                type=type(fact).__name__,
                subject=stream,
                time=now,
                dataschema=f"qudao:/schemas/{fact.schema_name()}",
                sequence=sequence,
                partitionkey=getattr(fact, "partner_id", None) or stream,
                correlationid=cause.correlationid,
                causationid=cause.causationid,
                commandid=cause.commandid,
                actor=cause.actor,
                occurredat=command.at,
                data=encode(fact),
                traceparent=cause.traceparent,
                fingerprint=fingerprint,
            )

        return seal
