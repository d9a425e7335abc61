"""The OpenAPI document: what FastAPI knows, and what every operation of ours has in common."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from shared.runtime.reading import read

Document = dict[str, Any]
CONTEXT = "x-context"
SECURITY = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
TITLES = {
    "400": "the request cannot be read, or its Idempotency-Key is missing",
    "401": "no valid token",
    "403": "this role may not do that",
    "404": "missing, or not yours to know",
    "409": "refused by the rules, or others changed it at the same time",
    "412": "If-Match is not the present version",
    "413": "the body is too large",
    "422": "the shape is wrong, or the Idempotency-Key belongs to another request",
    "429": "too many requests",
    "503": "the view is catching up with the token, or a part of the platform is away",
    "507": "the disk is full: nothing was written",
}
LATE = {"504": "not everything has settled in the time given: ask again"}
SETTLED = "/v1/settled"
READS = ("401", "403", "404", "422", "429", "503", "507")
WRITES = tuple(TITLES)
PROBLEM: Document = {
    "type": "object",
    "description": "RFC 9457; slugs are stable, see docs/problems.md",
    "required": ["type", "title", "titles", "slug", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "titles": {
            "type": "object",
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
        },
        "slug": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


def completed(schema: Document, routes: Sequence[BaseRoute]) -> Document:
    """Adds the problems, the token, and what dependencies read off a request themselves."""
    components = schema.setdefault("components", {})
    components["securitySchemes"] = SECURITY
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    schema["security"] = [{"bearer": []}]
    for path, method, operation in operations(schema):
        if not path.startswith("/v1/"):
            operation["security"] = []
            continue
        told = {status: TITLES[status] for status in (READS if method == "get" else WRITES)}
        for status, title in {**told, **(LATE if path == SETTLED else {})}.items():
            operation["responses"][status] = _problem(title)
    for path, method, parameters in read(routes):
        if parameters:
            operation = schema["paths"][path][method]
            operation["parameters"] = [*operation.get("parameters", []), *parameters]
    return schema


def owned(schema: Document, contexts: Mapping[str, APIRouter]) -> Document:
    """Names the context of each operation that is one's; the rest is the platform's."""
    for context, router in contexts.items():
        own = get_openapi(title=context, version="1", routes=router.routes)
        for path, method, _ in operations(own):
            schema["paths"][f"/v1{path}"][method][CONTEXT] = context
    return schema


def operations(schema: Document) -> Iterator[tuple[str, str, Document]]:
    """Each operation with its path and its method in small letters."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _problem(title: str) -> Document:
    media = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": title, "content": {"application/problem+json": media}}
