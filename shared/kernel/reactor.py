"""Runs a policy, a process or a courier: a command is done before the position moves."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from shared.contracts.event import Envelope, Event
from shared.contracts.ids import named
from shared.kernel.codec import Codec
from shared.kernel.consumer import Consumer, Effects, Place
from shared.kernel.decider import Command
from shared.kernel.errors import TwoCommands
from shared.kernel.handler import Cause, Handler
from shared.kernel.policy import Asked
from shared.kernel.step import Entry, Feed


@dataclass(frozen=True, slots=True)
class Reaction:
    """A policy, a process or a courier, with what it may use bound to it."""

    name: str
    facts: Collection[type[Event]]
    react: Callable[[Any, Envelope], Awaitable[Iterable[Asked]]]


class Reactor(Consumer):
    """The handler knows a command that comes again; an empty answer is remembered as seen."""

    def __init__(self, reaction: Reaction, handle: Handler, feed: Feed, place: Place) -> None:
        super().__init__(reaction.name, feed, place)
        self._codec: Codec[Any] = Codec(reaction.facts)
        self._react, self._handle = reaction.react, handle

    async def apply(self, entry: Entry, effects: Effects) -> None:
        envelope = entry.envelope
        if envelope.type not in self._codec:
            self.skipped += entry.sealed is None
            return
        if entry.sealed is None:
            if await self.repeated(envelope.id):
                return
            effects.seen.add(envelope.id)
        with self._place.trace(envelope.traceparent, self.name) as traceparent:
            asked = once(await self._react(self._codec.decode(envelope), envelope), self.name)
            for stream, command in asked.items():
                await self._handle(stream, command, self._cause(stream, envelope, traceparent))

    def _cause(self, stream: str, envelope: Envelope, traceparent: str | None = None) -> Cause:
        return Cause(
            commandid=named(envelope.id, self.name, stream),
            actor=self.name,
            correlationid=envelope.correlationid,
            causationid=envelope.id,
            traceparent=traceparent or envelope.traceparent,
        )


def once(asked: Iterable[Asked], by: str) -> dict[str, Command]:
    """At most one command a stream: two would have the same command id."""
    commands: dict[str, Command] = {}
    for stream, command in asked:
        if stream in commands:
            raise TwoCommands(f"{by} asks {stream} twice")
        commands[stream] = command
    return commands
