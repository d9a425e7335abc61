"""The published language: a fact, and the CloudEvents 1.0 envelope it travels in."""

from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID


class Event:
    """A fact that happened. Its class name is its type and topic, and never changes meaning."""

    __slots__ = ()
    schema_version: ClassVar[int] = 1
    staff_only: ClassVar[frozenset[str]] = frozenset()
    """Fields that the fact's own partner is not shown: they name other partners (ruling x7)."""

    @classmethod
    def schema_name(cls) -> str:
        return f"{cls.__name__}.v{cls.schema_version}.json"


class Envelope(NamedTuple):
    """CloudEvents attributes under their own names; `data` is encoded once and never again.

    A tuple, as one is made for each fact that anybody reads, and a frozen dataclass takes several
    times as long. `time` is recorded_at (the owner's clock at append), `occurredat` is
    business time.
    """

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    sequence: int
    partitionkey: str
    correlationid: UUID
    causationid: UUID | None
    commandid: UUID
    actor: str
    occurredat: datetime
    data: bytes
    traceparent: str | None = None  # W3C Trace Context of the request that caused it
    fingerprint: str = ""  # known to the store alone
