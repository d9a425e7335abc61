"""Facts of others as they arrive, and what the rules make of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.notifications.domain.events import Notice
from services.notifications.domain.rule import Wording
from shared.contracts.event import Envelope, Event
from shared.contracts.orders import OrderHeld, OrderReleased
from shared.kernel.codec import encode, pack
from shared.kernel.ports import Record

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)


def held(*reasons: str) -> OrderHeld:
    return OrderHeld(order_id="o-1", partner_id="acme", reasons=reasons or ("credit",))


def released() -> OrderReleased:
    return OrderReleased(order_id="o-1", partner_id="acme", reason="payment")


def notice(
    rule: str = "held", key: str | None = None, channels: tuple[str, ...] = ("inbox", "log")
) -> Notice:
    return Notice(
        rule=rule,
        version=1,
        key=key,
        recipients=("partner:acme", "role:finance"),
        channels=channels,
        severity="critical",
        title=Wording(zh="订单 o-1 暂挂", en="Order o-1 is held"),
        body=Wording(zh="信用", en="credit"),
    )


def sealed(
    fact: Event,
    sequence: int = 1,
    *,
    subject: str = "orders.order-o-1",
    late: timedelta = timedelta(),
) -> Envelope:
    return Envelope(
        id=UUID(int=sequence),
        source="/orders",
        type=type(fact).__name__,
        subject=subject,
        time=NOW + timedelta(seconds=sequence),
        dataschema=f"/schemas/{fact.schema_name()}",
        sequence=sequence,
        partitionkey="acme",
        correlationid=UUID(int=0),
        causationid=None,
        commandid=UUID(int=0),
        actor="pat",
        occurredat=NOW + timedelta(seconds=sequence) - late,
        data=b"{}",
    )


def on_the_bus(fact: Event, sequence: int, late: timedelta = timedelta()) -> Record:
    """As orders publishes it."""
    envelope = sealed(fact, sequence, late=late)._replace(data=encode(fact))
    return Record(envelope.type, envelope.partitionkey, pack(envelope))
