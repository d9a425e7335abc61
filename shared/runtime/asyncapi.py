"""AsyncAPI 3.1 of the topics: what we publish, what we take, what we rejected."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import TypeAdapter

from shared.contracts.event import Event
from shared.runtime.context import Context

Json = dict[str, Any]
PARTS = "#/components/schemas/{model}"
TEXT: Json = {"type": "string"}
ID: Json = {"type": "string", "format": "uuid"}
INSTANT: Json = {"type": "string", "format": "date-time"}

ENVELOPE: Json = {
    "title": "Envelope",
    "description": "CloudEvents 1.0, structured mode: what every published fact travels in.",
    "type": "object",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": ID,
        "source": {**TEXT, "description": "the context, /orders"},
        "type": {**TEXT, "description": "the fact, which is the topic"},
        "subject": {**TEXT, "description": "the stream"},
        "time": {**INSTANT, "description": "when it was recorded"},
        "dataschema": {**TEXT, "description": "the frozen JSON Schema of the data"},
        "datacontenttype": {"const": "application/json"},
        "sequence": {**TEXT, "description": "the version of the stream, counted from 1"},
        "partitionkey": {**TEXT, "description": "the record's key: the partner, or the stream"},
        "correlationid": ID,
        "causationid": {"anyOf": [ID, {"type": "null"}]},
        "commandid": ID,
        "actor": {**TEXT, "description": "a user id"},
        "occurredat": {**INSTANT, "description": "when the business did it"},
        "tenant": TEXT,
    },
}
ENVELOPE["required"] = list(ENVELOPE["properties"])

CLAIM: Json = {
    "title": "Claim",
    "description": "A structured CloudEvent of another system; source and id are its identity.",
    "type": "object",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": TEXT,
        "source": TEXT,
        "type": {**TEXT, "description": "the topic"},
    },
    "required": ["specversion", "id", "source", "type", "data"],
}

REJECTED: Json = {
    "title": "Rejected",
    "summary": "The bytes of a claim as they came; the headers say why it was rejected.",
    "contentType": "application/octet-stream",
    "payload": {"type": "string", "format": "binary"},
    "headers": {
        "type": "object",
        "properties": {
            "qudao-slug": TEXT,
            "qudao-detail": TEXT,
            "qudao-log": TEXT,
            "qudao-sha256": TEXT,
        },
        "required": ["qudao-slug", "qudao-log", "qudao-sha256"],
    },
}


def asyncapi(contexts: Sequence[Context]) -> Json:
    """Every topic of these contexts, seen from us: we send facts and receive claims."""
    sent = {fact.__name__: fact for it in contexts for fact in it.facts if _leaves(it, fact)}
    taken = {claim.topic: claim.fact for it in contexts for claim in it.claims}
    rejected = [f"{topic}.rejected" for topic in taken]
    actions = {**dict.fromkeys([*sent, *rejected], "send"), **dict.fromkeys(taken, "receive")}
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Qudao",
            "version": "1",
            "description": "One topic per fact, named by it; the key is the partner.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic: _channel(topic) for topic in sorted(actions)},
        "operations": {f"{actions[t]}{t}": _operation(actions[t], t) for t in sorted(actions)},
        "components": {
            "messages": {
                **{name: _message(name, "Envelope") for name in sent},
                **{name: _message(name, "Claim") for name in taken},
                **({"Rejected": REJECTED} if rejected else {}),
            },
            "schemas": {
                "Envelope": ENVELOPE,
                "Claim": CLAIM,
                **_schemas([*sent.values(), *taken.values()]),
            },
        },
    }


def _leaves(context: Context, fact: type[Event]) -> bool:
    return fact.__name__ in context.published


def _channel(topic: str) -> Json:
    message = "Rejected" if topic.endswith(".rejected") else topic
    return {"address": topic, "messages": {message: {"$ref": f"#/components/messages/{message}"}}}


def _operation(action: str, topic: str) -> Json:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}


def _message(name: str, envelope: str) -> Json:
    data = {"$ref": PARTS.format(model=name)}
    own = {"type": "object", "properties": {"type": {"const": name}, "data": data}}
    return {
        "name": name,
        "title": name,
        "payload": {"allOf": [{"$ref": PARTS.format(model=envelope)}, own]},
    }


def _schemas(facts: Iterable[type[Event]]) -> Json:
    """Every fact's data, with the parts that several share told once."""
    mode: Literal["validation"] = "validation"
    adapters = [(fact.__name__, mode, TypeAdapter[Any](fact)) for fact in facts]
    _, found = TypeAdapter.json_schemas(adapters, ref_template=PARTS)
    return dict(sorted(found.get("$defs", {}).items()))
