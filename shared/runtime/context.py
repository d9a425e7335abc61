"""A bounded context, described as one value the runtime can host, alone or with others."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from shared.contracts.event import Event
from shared.kernel.claim import REJECTION, Claim
from shared.kernel.courier import Courier
from shared.kernel.decider import Aggregate
from shared.kernel.dispatch import Carrier, Dispatch
from shared.kernel.handler import Handler
from shared.kernel.policy import Policy, Read
from shared.kernel.ports import (
    Blobs,
    Bus,
    Channel,
    Clock,
    Condition,
    Document,
    EventStore,
    People,
    Views,
)
from shared.kernel.process import Process
from shared.kernel.projection import Projection
from shared.kernel.stream import Stream
from shared.kernel.timer import Timers


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Store, views and people are the context's own; bus and clock are everybody's."""

    store: EventStore
    views: Views
    people: People
    bus: Bus
    clock: Clock
    channels: Mapping[str, Channel] = field(default_factory=dict)
    carriers: Mapping[str, Carrier] = field(default_factory=dict)
    blobs: Blobs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a context's routes work with: ask `handle`, look with `read`."""

    handle: Handler
    read: Read
    clock: Clock
    people: People
    blobs: Blobs | None = None
    carriers: Mapping[str, Carrier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The table of contents of a context."""

    name: str
    aggregates: tuple[Aggregate, ...] = ()
    projections: Sequence[Projection[Any]] = ()
    policies: Sequence[Policy[Any]] = ()
    processes: Sequence[Process[Any]] = ()
    timers: Timers[Any] | None = None
    claims: Sequence[Claim[Any]] = ()
    couriers: Sequence[Courier[Any]] = ()
    dispatches: Sequence[Dispatch] = ()
    stream: Stream[Any] | None = None
    routes: Callable[[Service], APIRouter] | None = None
    waiting: Sequence[tuple[str, Condition]] = ()
    """Views, and what is asked of them, that list claims which wait for what they name."""
    gauges: Mapping[str, Callable[[Service], Awaitable[float]]] = field(default_factory=dict)
    """What operations should see of it, `qudao_<name>`, measured when they look."""

    trial: Callable[[Path, date | None, str], Document] | None = None
    """Its figures tried on a folder of somebody's history, for the command line."""

    @property
    def streams(self) -> tuple[Aggregate, ...]:
        """Its aggregates, and the rejections of what it could not accept."""
        return (*self.aggregates, REJECTION) if self.claims else self.aggregates

    @property
    def facts(self) -> tuple[type[Event], ...]:
        return tuple(dict.fromkeys(fact for one in self.streams for fact in one.facts))

    @property
    def published(self) -> frozenset[str]:
        """Location is visibility: a fact defined among the contracts leaves."""
        public = f"shared.contracts.{self.name}."
        return frozenset(
            fact.__name__ for fact in self.facts if f"{fact.__module__}.".startswith(public)
        )
