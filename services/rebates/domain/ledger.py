"""A ledger: what one partner paid in one business year, every revision of it, for ever."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from immutables import Map

from services.rebates.domain.commands import RecordBasis
from services.rebates.domain.events import BasisRecorded, Document
from shared.kernel.decider import Aggregate, Decider


class Record(NamedTuple):
    """A recorded revision, at its version of the ledger."""

    version: int
    basis: BasisRecorded


@dataclass(frozen=True, slots=True)
class Ledger:
    version: int = 0
    days: Map[date, Map[Document, tuple[Record, ...]]] = Map()  # noqa: RUF009 (it is frozen)
    returned: Map[date, frozenset[tuple[date, Document]]] = Map()  # noqa: RUF009
    """By the day of a refund, which payments it took from."""

    def revisions(self, day: date, document: Document) -> tuple[Record, ...]:
        """Of one payment, in the order in which they became known to us."""
        return self.days.get(day, Map()).get(document, ())

    def all(self) -> Iterator[BasisRecorded]:
        return self.between(date.min, date.max)

    def between(self, first: date, last: date) -> Iterator[BasisRecorded]:
        """Of payments of these days, and of those of other days that were refunded in them."""
        for record in self._between(first, last):
            yield record.basis

    def until(self, version: int, first: date, last: date) -> Iterator[BasisRecorded]:
        """As the ledger was at that version."""
        for record in self._between(first, last):
            if record.version <= version:
                yield record.basis

    def _between(self, first: date, last: date) -> Iterator[Record]:
        for day in sorted(one for one in self.days if first <= one <= last):
            for _, records in sorted(self.days[day].items()):
                yield from records
        elsewhere = {
            payment
            for day, payments in self.returned.items()
            if first <= day <= last
            for payment in payments
            if not first <= payment[0] <= last
        }
        for day, document in sorted(elsewhere):
            yield from self.revisions(day, document)


def decide(command: RecordBasis, ledger: Ledger) -> list[BasisRecorded]:
    document = (command.document_no, command.source_system)
    known = ledger.revisions(command.paid_on, document)
    if any(record.basis.source == command.source for record in known):
        return []
    return [
        BasisRecorded(
            partner_id=command.partner_id,
            source=command.source,
            source_system=command.source_system,
            document_no=command.document_no,
            paid_on=command.paid_on,
            revision=command.revision,
            occurred_at=command.at,
            recorded_at=command.recorded_at,
            pieces=command.pieces,
            kind=command.kind,
            returned_on=command.returned_on,
        )
    ]


def evolve(ledger: Ledger, fact: BasisRecorded) -> Ledger:
    version = ledger.version + 1
    known = ledger.revisions(fact.paid_on, fact.document)
    documents = ledger.days.get(fact.paid_on, Map())
    documents = documents.set(fact.document, (*known, Record(version, fact)))
    days, returned = ledger.days.set(fact.paid_on, documents), ledger.returned
    if fact.returned_on:
        there = returned.get(fact.returned_on, frozenset())
        returned = returned.set(fact.returned_on, there | {(fact.paid_on, fact.document)})
    return Ledger(version, days, returned)


def ledger_stream(partner_id: str, year: int) -> str:
    return f"rebates.ledger-{partner_id}.{year}"


DECIDER: Decider[RecordBasis, Ledger, BasisRecorded] = Decider(decide, evolve, Ledger())
LEDGER = Aggregate(name="ledger", decider=DECIDER, facts=(BasisRecorded,))
