"""A fact as the server keeps it: data byte for byte, the rest of the envelope beside it."""

import json
from typing import get_type_hints

from kurrentdbclient import NewEvent, RecordedEvent

from shared.contracts.event import Envelope
from shared.kernel.codec import document, restored

ITS_OWN = {"id", "type", "sequence", "data"}
BESIDE = {name: hint for name, hint in get_type_hints(Envelope).items() if name not in ITS_OWN}


def written(fact: Envelope) -> NewEvent:
    beside = document({name: getattr(fact, name) for name in BESIDE})
    metadata = json.dumps(beside, ensure_ascii=False, separators=(",", ":")).encode()
    return NewEvent(type=fact.type, data=fact.data, metadata=metadata, id=fact.id)


def read(event: RecordedEvent) -> Envelope:
    beside = {
        name: restored(value, BESIDE[name]) for name, value in json.loads(event.metadata).items()
    }
    sequence = event.stream_position + 1
    return Envelope(id=event.id, type=event.type, sequence=sequence, data=event.data, **beside)
