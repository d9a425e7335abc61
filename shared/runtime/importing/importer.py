"""An import: programmes, partners, orders, payments, each drained before the next begins."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol, TypeVar

from shared.contracts.money import Money
from shared.kernel.codec import restored
from shared.runtime.cli.reach import Answered, Platformed, once
from shared.runtime.importing.cells import Fault
from shared.runtime.importing.doors import Denied, Doors
from shared.runtime.importing.outcome import Outcome, Standing
from shared.runtime.importing.plan import Plan
from shared.runtime.importing.records import Record

AT_ONCE = 16
DRAINING = 24  # waits of up to five minutes
MONEY = ("amount", "unallocated")
T = TypeVar("T")
Knock = Callable[[Record], Awaitable[bool]]


class Watch(Protocol):
    def begin(self, what: str, total: int) -> None: ...

    def step(self) -> None: ...


class Unwatched:
    """Nobody looks."""

    def begin(self, what: str, total: int) -> None: ...

    def step(self) -> None: ...


@dataclass(slots=True)
class Importer:
    platform: Platformed
    plan: Plan
    watch: Watch = field(default_factory=Unwatched)
    outcome: Outcome = field(default_factory=Outcome)

    async def run(self) -> Outcome:
        began, before = perf_counter(), await self._facts()
        mapping = self.plan.mapping
        strategy = mapping.payments.strategy if mapping.payments else ""
        doors = Doors(self.platform, mapping.source, strategy)
        await self._publish()
        await self._phase("partners", "partner_id", self.plan.partners, doors.partner)
        await self._phase("orders", "order_id", self.plan.orders, doors.order)
        await self._phase("payments", "document_no", self.plan.payments, doors.payment)
        self.outcome.standing = await self._standing()
        self.outcome.facts = await self._facts() - before
        self.outcome.seconds = perf_counter() - began
        self.outcome.faults = sorted({*self.plan.strays, *self.outcome.faults})
        return self.outcome

    async def _publish(self) -> None:
        """A programme that is refused ends the import: nothing was sent yet."""
        for programme in self.plan.programmes:
            key = once("programme", json.dumps(programme, sort_keys=True))
            await self.platform.post("/v1/rebates/programmes", programme, key=key)
        await self._drain("programmes")

    async def _phase(self, kind: str, name: str, records: Sequence[Record], knock: Knock) -> None:
        if not records:
            return
        self.watch.begin(kind, len(records))
        self.outcome.counts[kind].read = len(records)
        sound = list(self._once_each(kind, name, records))

        async def ask(record: Record) -> None:
            try:
                repeated = await knock(record)
            except Denied as denied:
                self._refuse(kind, denied.faults(record, name))
            else:
                self._count(kind, "repeated" if repeated else "accepted")

        await _spread(self._chains(kind, sound), ask)
        await self._drain(kind)

    def _once_each(self, kind: str, name: str, records: Iterable[Record]) -> Iterator[Record]:
        """Sound records, each id once: the same row again is a repeat, another one a fault."""
        found: dict[str, Record] = {}
        for record in records:
            if record.faults:
                self._refuse(kind, record.faults)
                continue
            first = found.setdefault(record.body[name], record)
            if first is record:
                yield record
            elif first.body == record.body:
                self._count(kind, "repeated")
            else:
                self._refuse(kind, [Fault(record.home(name), "row-duplicate")])

    def _chains(self, kind: str, records: list[Record]) -> Iterable[list[Record]]:
        """What must come one after another: the payments of one partner, in their order."""
        payments = self.plan.mapping.payments
        if kind != "payments" or payments is None:
            return ([record] for record in records)
        records.sort(key=lambda record: [record.body[name] for name in payments.order_by])
        chains: dict[str, list[Record]] = {}
        for record in records:
            chains.setdefault(record.body["partner_id"], []).append(record)
        return chains.values()

    def _refuse(self, kind: str, faults: Iterable[Fault]) -> None:
        self.outcome.faults += faults
        self._count(kind, "refused")

    def _count(self, kind: str, what: str) -> None:
        count = self.outcome.counts[kind]
        setattr(count, what, getattr(count, what) + 1)
        self.watch.step()

    async def _drain(self, after: str) -> None:
        """However long it takes: a large import may outlast one wait."""
        self.watch.begin(f"{after}: settling", 0)
        for left in reversed(range(DRAINING)):
            try:
                told = await self.platform.settle()
            except Answered as answer:
                if answer.slug != "not-settled" or not left:
                    raise
            else:
                self.outcome.parked = told["parked"]
                return

    async def _standing(self) -> Standing:
        """Every payment of this source, whichever run brought it."""
        mapping = self.plan.mapping
        zero = Money.zero(mapping.currency).rounded()
        standing = Standing(0, zero, zero)
        async for row in self.platform.pages("/v1/payments", status="received"):
            amount, unallocated = (restored(row[name], Money) for name in MONEY)
            if (row["source_system"], amount.currency) == (mapping.source, zero.currency):
                standing.matched_exact += row["matched"] == "exact"
                standing.collected += amount
                standing.unallocated += unallocated
        return standing

    async def _facts(self) -> int:
        counts: dict[str, int] = (await self.platform.get("/v1/facts"))["contexts"]
        return sum(counts.values())


async def _spread(chains: Iterable[list[T]], work: Callable[[T], Awaitable[None]]) -> None:
    """Several chains at once, each in its own order; the first failure ends all."""
    waiting = iter(chains)

    async def one_after_another() -> None:
        for chain in waiting:
            for item in chain:
                await work(item)

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(one_after_another())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
