"""A fact as the server keeps it: data byte for byte, the rest of the envelope beside it."""

import json
from dataclasses import fields

from kurrentdbclient import NewEvent, RecordedEvent

from shared.contracts.event import Envelope
from shared.kernel.codec import document, restored

ITS_OWN = {"id", "type", "sequence", "data"}
BESIDE = tuple(f.name for f in fields(Envelope) if f.name not in ITS_OWN)


def written(fact: Envelope) -> NewEvent:
    beside = document({name: getattr(fact, name) for name in BESIDE})
    metadata = json.dumps(beside, ensure_ascii=False, separators=(",", ":")).encode()
    return NewEvent(type=fact.type, data=fact.data, metadata=metadata, id=fact.id)


def read(event: RecordedEvent) -> Envelope:
    own = {"id": event.id, "type": event.type, "sequence": event.stream_position + 1}
    fact: Envelope = restored({**json.loads(event.metadata), **own, "data": event.data}, Envelope)
    return fact
