"""What a data team may rely on, checked on the raw record and with nothing of our own code:
CloudEvents 1.0 and its Kafka binding, the frozen JSON Schemas, and that topic, type and key fit.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema_rs import Draft202012Validator

SCHEMAS = Path(__file__).parents[1] / "contracts" / "schemas"
FORMAT = "application/cloudevents+json"
NAME = re.compile(r"[a-z0-9]{1,20}")
TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
SEQUENCE = re.compile(r"[1-9][0-9]*")
SLUG = re.compile(r"[a-z]+(-[a-z0-9]+)+")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
REJECTED = ".rejected"

CLOUDEVENTS = ("specversion", "id", "source", "type", "subject", "time", "dataschema")
OURS = ("sequence", "partitionkey", "correlationid", "commandid", "actor", "occurredat", "tenant")


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


SHAPES: Mapping[str, Callable[[str], object]] = {
    "time": RFC3339.fullmatch,
    "occurredat": RFC3339.fullmatch,
    "sequence": SEQUENCE.fullmatch,
    "traceparent": TRACE.fullmatch,
    **dict.fromkeys(("id", "correlationid", "causationid", "commandid"), _is_uuid),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A record as any client reads it. A header without a value is an empty one."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, bytes] = field(default_factory=dict)


def faults(record: Raw) -> list[str]:
    """What is wrong with a record of a fact's topic or of a `.rejected` one; nothing is best."""
    if record.topic.endswith(REJECTED):
        return [*_rejected(record)]
    try:
        event = json.loads(record.value.decode(), object_pairs_hook=_unique)
    except ValueError as error:
        return [f"no JSON: {error}"]
    if not isinstance(event, dict):
        return ["no object"]
    told = [*_cloudevent(record, event), *_ours(record, event)]
    return told or [*_data(record, event)]


def _cloudevent(record: Raw, event: Mapping[str, Any]) -> Iterator[str]:
    """The SDK's judgement, and the rules of the specification that it leaves out."""
    if not record.headers.get("content-type", b"").decode().startswith(FORMAT):
        yield f"the header content-type is not {FORMAT}"
    yield from _judged(record)
    for name, value in event.items():
        yield from _attribute(name, value)
    if not urlsplit(str(event.get("dataschema", ""))).scheme:
        yield "dataschema is no absolute URI"
    if event.get("datacontenttype") != "application/json":
        yield "datacontenttype is not application/json"


def _judged(record: Raw) -> Iterator[str]:
    try:
        message = KafkaMessage(headers=dict(record.headers), key=record.key, value=record.value)
        from_kafka(message, JSONFormat(), CloudEvent)
    except (CloudEventValidationError, ValueError, TypeError) as error:
        yield f"the CloudEvents SDK says: {error}"


def _attribute(name: str, value: object) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"{name} is no name of an attribute"
    elif name != "data" and not isinstance(value, str | bool | int | None):
        yield f"{name} has no value of an attribute"
    elif isinstance(value, str) and UNPRINTABLE.search(value):
        yield f"{name} has characters that no attribute has"


def _ours(record: Raw, event: Mapping[str, Any]) -> Iterator[str]:
    for name in (*CLOUDEVENTS, *OURS):
        if not isinstance(event.get(name), str) or not event[name]:
            yield f"{name} is missing"
    for name, fits in SHAPES.items():
        if event.get(name) is not None and not fits(str(event[name])):
            yield f"{name} is {event[name]}"
    if event.get("type") != record.topic:
        yield f"a {event.get('type')} on {record.topic}"
    if str(event.get("partitionkey")).encode() != record.key:
        yield f"the key is not the partitionkey {event.get('partitionkey')}"


def _data(record: Raw, event: Mapping[str, Any]) -> Iterator[str]:
    name = event["dataschema"].rpartition("/")[2]
    if not re.fullmatch(rf"{re.escape(record.topic)}\.v[1-9][0-9]*\.json", name):
        yield f"dataschema names {name}"
    elif not (SCHEMAS / name).exists():
        yield f"{name} is not committed"
    else:
        yield from (
            f"data/{'/'.join(map(str, wrong.instance_path))}: {wrong.message}"
            for wrong in _validator(name).iter_errors(event.get("data"))
        )


def _rejected(record: Raw) -> Iterator[str]:
    """A claim's bytes as they came, or none once they were forgotten; the headers say why."""
    headers = {name: value.decode() for name, value in record.headers.items()}
    topic = record.topic.removesuffix(REJECTED)
    expected: Mapping[str, Callable[[str], object]] = {
        "qudao-slug": SLUG.fullmatch,
        "qudao-detail": lambda text: True,
        "qudao-log": re.compile(rf"{re.escape(topic)}/[0-9]+@[1-9][0-9]*").fullmatch,
        "qudao-sha256": re.compile(r"[0-9a-f]{64}").fullmatch,
    }
    for name, fits in expected.items():
        if name not in headers:
            yield f"the header {name} is missing"
        elif not fits(headers[name]):
            yield f"the header {name} is {headers[name]}"
    if not _is_uuid(record.key.decode(errors="replace")):
        yield "the key is no UUID"
    if record.value and sha256(record.value).hexdigest() != headers.get("qudao-sha256"):
        yield "these are not the bytes that were rejected"


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return Draft202012Validator(schema, validate_formats=True)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice in one object")
    return found
