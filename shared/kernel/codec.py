"""Bytes to facts and back: the only place that knows msgspec."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

import msgspec

from shared.contracts.event import Envelope, Event
from shared.kernel.decider import Aggregate, Command, Upcast
from shared.kernel.errors import UnknownVersion
from shared.kernel.ports import Document

E = TypeVar("E", bound=Event)
NO_UPCASTS: Mapping[str, Upcast] = MappingProxyType({})


class Codec(Generic[E]):
    """Reads trusted bytes: our own, or another context's, both written by `encode`."""

    def __init__(
        self, facts: Iterable[type[E]], upcasts: Mapping[str, Upcast] = NO_UPCASTS
    ) -> None:
        known = tuple(facts)
        self._types = frozenset(fact.__name__ for fact in known)
        self._decoders = {fact.schema_name(): msgspec.json.Decoder(fact) for fact in known}
        self._upcasts = upcasts

    @classmethod
    def of(cls, aggregates: Iterable[Aggregate]) -> "Codec[Any]":
        every = tuple(aggregates)
        upcasts = {name: upcast for one in every for name, upcast in one.upcasts.items()}
        return Codec(dict.fromkeys(fact for one in every for fact in one.facts), upcasts)

    def only(self, facts: Iterable[type[E]]) -> "Codec[E]":
        """The same upcasts, fewer types."""
        return Codec(facts, self._upcasts)

    def __contains__(self, type_: str) -> bool:
        return type_ in self._types

    def decode(self, envelope: Envelope) -> E:
        schema, data = envelope.dataschema.rpartition("/")[2], envelope.data
        while upcast := self._upcasts.get(schema):
            schema, data = upcast(data)
        if decoder := self._decoders.get(schema):
            return decoder.decode(data)
        raise UnknownVersion(envelope.dataschema)


def encode(fact: Event) -> bytes:
    return msgspec.json.encode(fact)


def document(value: object) -> Any:
    """What JSON can hold: dataclasses as objects, Decimals, dates, instants, ids as strings."""
    return msgspec.to_builtins(value, enc_hook=_plain)


def _plain(value: object) -> object:
    raise TypeError(f"{type(value).__name__} has no place in a document")


def parsed(text: str) -> Any:
    """A document as it lies in a view."""
    return msgspec.json.decode(text)


def restored(raw: Document, type_: type[Any]) -> Any:
    """A value of `type_` from what `document` made of it."""
    return msgspec.convert(raw, type_, strict=False)


BESIDE = frozenset({"at", "origin", "found"})


def fingerprint_of(command: Command) -> str:
    """The same for the same request: when it came, where a claim lay, and what was found in our
    own views and streams for it is not its content.
    """
    body = {name: getattr(command, name) for name in _content(type(command))}
    return sha256(msgspec.json.encode([type(command).__name__, body])).hexdigest()


@cache
def _content(command: type[Command]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(command) if f.name not in BESIDE)


class _CloudEvent(msgspec.Struct, kw_only=True):
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"
    tenant: str = "main"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    sequence: str
    partitionkey: str
    correlationid: UUID
    causationid: UUID | None
    commandid: UUID
    actor: str
    occurredat: datetime
    traceparent: str | msgspec.UnsetType = msgspec.UNSET
    data: msgspec.Raw


_DECODER = msgspec.json.Decoder(_CloudEvent)


def pack(envelope: Envelope) -> bytes:
    """Structured CloudEvents JSON; the fingerprint stays behind."""
    event = _CloudEvent(
        id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        subject=envelope.subject,
        time=envelope.time,
        dataschema=envelope.dataschema,
        sequence=str(envelope.sequence),
        partitionkey=envelope.partitionkey,
        correlationid=envelope.correlationid,
        causationid=envelope.causationid,
        commandid=envelope.commandid,
        actor=envelope.actor,
        occurredat=envelope.occurredat,
        traceparent=envelope.traceparent or msgspec.UNSET,
        data=msgspec.Raw(envelope.data),
    )
    return msgspec.json.encode(event)


def unpack(raw: bytes, fingerprint: str = "") -> Envelope:
    event = _DECODER.decode(raw)
    return Envelope(
        id=event.id,
        source=event.source,
        type=event.type,
        subject=event.subject,
        time=event.time,
        dataschema=event.dataschema,
        sequence=int(event.sequence),
        partitionkey=event.partitionkey,
        correlationid=event.correlationid,
        causationid=event.causationid,
        commandid=event.commandid,
        actor=event.actor,
        occurredat=event.occurredat,
        traceparent=event.traceparent or None,
        data=bytes(event.data),
        fingerprint=fingerprint,
    )
