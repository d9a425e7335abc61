"""Facts as they arrive, and a reader that has nothing to read."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contracts.event import Envelope
from shared.contracts.orders import PaymentAllocated, PaymentReceived
from shared.kernel.codec import encode, pack
from shared.kernel.ports import Document, Page, Query, Record

NOW = datetime(2025, 3, 9, tzinfo=UTC)


def sealed(sequence: int) -> Envelope:
    return Envelope(
        id=UUID(int=sequence),
        source="/orders",
        type="PaymentReceived",
        subject="orders.account-acme",
        time=NOW,
        dataschema="/schemas/PaymentReceived.v1.json",
        sequence=sequence,
        partitionkey="acme",
        correlationid=UUID(int=0),
        causationid=None,
        commandid=UUID(int=0),
        actor="pat",
        occurredat=NOW,
        data=b"{}",
    )


def on_the_bus(fact: PaymentReceived | PaymentAllocated, n: int, at: datetime = NOW) -> Record:
    """As orders publishes it."""
    envelope = sealed(n)._replace(
        type=type(fact).__name__,
        dataschema=f"/schemas/{fact.schema_name()}",
        partitionkey=fact.partner_id,
        data=encode(fact),
        time=at,
        occurredat=at,
    )
    return Record(envelope.type, envelope.partitionkey, pack(envelope))


class NothingToRead:
    async def fold(self, stream: str) -> Any:
        raise AssertionError(stream)

    async def facts(self, stream: str) -> Sequence[tuple[Any, Envelope]]:
        raise AssertionError(stream)

    async def find(self, view: str, query: Query) -> Page:
        raise AssertionError(view)

    async def get(self, view: str, key: str) -> Document | None:
        raise AssertionError(view)
