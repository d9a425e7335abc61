"""AsyncAPI 3.1 of the topics: what we publish, what we take, what we rejected."""

from collections.abc import Iterable, Sequence
from dataclasses import MISSING
from functools import cache
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from shared.contracts.event import Event
from shared.kernel.expiry import KEPT
from shared.kernel.outbox import CLOUDEVENT
from shared.kernel.outbox import REJECTED as SUFFIX
from shared.runtime.context import Context
from shared.runtime.settings import Settings

Json = dict[str, Any]
PARTS = "#/components/schemas/{model}"
BINDING = "0.5.0"  # the version of AsyncAPI's Kafka bindings
TEXT: Json = {"type": "string"}
ID: Json = {"type": "string", "format": "uuid"}
INSTANT: Json = {"type": "string", "format": "date-time"}
TRACE: Json = {
    "type": "string",
    "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
    "description": "W3C Trace Context of the request that caused it, if it had one",
}
FORMAT: Json = {
    "type": "object",
    "properties": {"content-type": {"const": CLOUDEVENT["content-type"]}},
    "required": ["content-type"],
}

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
        "traceparent": TRACE,
    },
}
ENVELOPE["required"] = [
    *(name for name in ENVELOPE["properties"] if name != "traceparent"),
    "data",
]

CLAIM: Json = {
    "title": "Claim",
    "description": "A structured CloudEvent of another system; source and id are its identity.",
    "type": "object",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": TEXT,
        "source": TEXT,
        "type": {**TEXT, "description": "the topic"},
        "time": INSTANT,
        "subject": TEXT,
        "dataschema": {**TEXT, "description": "the sender's own, or ours in this version"},
        "traceparent": TRACE,
    },
    "required": ["specversion", "id", "source", "type", "data"],
}


def _keyed(key: Json) -> Json:
    return {"kafka": {"key": key, "bindingVersion": BINDING}}


REJECTED: Json = {
    "title": "Rejected",
    "summary": "The bytes of a claim as they came; the headers say why it was rejected.",
    "contentType": "application/octet-stream",
    "payload": {"type": "string", "format": "binary"},
    "headers": {
        "type": "object",
        "properties": {
            "qudao-slug": {**TEXT, "description": "why, for machines: stable for ever"},
            "qudao-detail": {**TEXT, "description": "why, for people; never a value"},
            "qudao-log": {**TEXT, "description": "where it lay: topic/partition@position"},
            "qudao-sha256": {
                **TEXT,
                "description": "of its bytes, also once they are gone",
            },
        },
        "required": ["qudao-slug", "qudao-detail", "qudao-log", "qudao-sha256"],
    },
    "bindings": _keyed({**ID, "description": "names the rejected record"}),
}


SERVERS: Json = {
    "kafka": {
        "host": "{bootstrap}",
        "protocol": "kafka-secure",
        "description": "Inside one's own walls also without TLS and user (protocol `kafka`).",
        "variables": {
            "bootstrap": {"default": "localhost:9092", "description": "QUDAO_KAFKA"},
        },
        "security": [
            {"$ref": f"#/components/securitySchemes/{name}"}
            for name in ("scram512", "scram256", "plain", "certificate")
        ],
        "bindings": {"kafka": {"bindingVersion": BINDING}},
    }
}
SECURITY: Json = {
    "scram512": {"type": "scramSha512", "description": "SASL/SCRAM-SHA-512 over TLS"},
    "scram256": {"type": "scramSha256", "description": "SASL/SCRAM-SHA-256 over TLS"},
    "plain": {"type": "plain", "description": "SASL/PLAIN over TLS"},
    "certificate": {"type": "X509", "description": "the client's certificate"},
}


def served(app: FastAPI, contexts: Sequence[Context], settings: Settings) -> None:
    """Without a token, as the description of the API is."""

    @cache
    def told() -> Json:
        return asyncapi(contexts, partitions=settings.partitions, prefix=settings.topic_prefix)

    @app.get("/asyncapi.json", include_in_schema=False)
    async def document() -> JSONResponse:
        return JSONResponse(told())


def asyncapi(contexts: Sequence[Context], *, partitions: int = 6, prefix: str = "") -> Json:
    """Every topic of these contexts, seen from us: we send facts and receive claims."""
    sent = {fact.__name__: fact for it in contexts for fact in it.facts if _leaves(it, fact)}
    taken = {claim.topic: claim.fact for it in contexts for claim in it.claims}
    rejected = [f"{topic}{SUFFIX}" for topic in taken]
    actions = {**dict.fromkeys([*sent, *rejected], "send"), **dict.fromkeys(taken, "receive")}
    channels = {
        topic: _channel(topic, partitions, prefix, for_ever=topic in sent)
        for topic in sorted(actions)
    }
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Qudao",
            "version": "1",
            "description": "One topic per fact, named by it; the key is the partner.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": SERVERS,
        "channels": channels,
        "operations": {f"{actions[t]}{t}": _operation(actions[t], t) for t in sorted(actions)},
        "components": {
            "messages": {
                **{name: _sent(fact) for name, fact in sent.items()},
                **{name: _taken(name) for name in taken},
                **({"Rejected": REJECTED} if rejected else {}),
            },
            "schemas": {
                "Envelope": ENVELOPE,
                "Claim": CLAIM,
                **_schemas([*sent.values(), *taken.values()]),
            },
            "securitySchemes": SECURITY,
        },
    }


def _leaves(context: Context, fact: type[Event]) -> bool:
    return fact.__name__ in context.published


def _channel(topic: str, partitions: int, prefix: str, *, for_ever: bool) -> Json:
    message = "Rejected" if topic.endswith(SUFFIX) else topic
    keep = -1 if for_ever else int(KEPT.total_seconds() * 1000)
    return {
        "address": f"{prefix}{topic}",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {
            "kafka": {
                "topic": f"{prefix}{topic}",
                "partitions": partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": keep},
                "bindingVersion": BINDING,
            }
        },
    }


def _operation(action: str, topic: str) -> Json:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}


def _sent(fact: type[Event]) -> Json:
    schema = {"type": "string", "pattern": rf"/{fact.__name__}\.v{fact.schema_version}\.json$"}
    return {
        **_message(fact.__name__, "Envelope", {"dataschema": schema}),
        "headers": FORMAT,
        "bindings": _keyed({**TEXT, "description": f"`partitionkey`: {_key(fact)}"}),
    }


def _taken(name: str) -> Json:
    """Headers are the sender's business, and so is the key."""
    return {
        **_message(name, "Claim", {}),
        "bindings": _keyed({**TEXT, "description": "any"}),
    }


def _key(fact: type[Event]) -> str:
    partner = getattr(fact, "__dataclass_fields__", {}).get("partner_id")
    if partner is None:
        return "the stream"
    return "the partner" if partner.default is MISSING else "the partner, or else the stream"


def _message(name: str, envelope: str, properties: Json) -> Json:
    data = {"$ref": PARTS.format(model=name)}
    own = {"type": "object", "properties": {"type": {"const": name}, **properties, "data": data}}
    return {
        "name": name,
        "title": name,
        "contentType": "application/cloudevents+json",
        "payload": {"allOf": [{"$ref": PARTS.format(model=envelope)}, own]},
    }


def _schemas(facts: Iterable[type[Event]]) -> Json:
    """Every fact's data, with the parts that several share told once."""
    mode: Literal["validation"] = "validation"
    adapters = [(fact.__name__, mode, TypeAdapter[Any](fact)) for fact in facts]
    _, found = TypeAdapter.json_schemas(adapters, ref_template=PARTS)
    return dict(sorted(found.get("$defs", {}).items()))
