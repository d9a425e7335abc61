"""One OpenAPI document from those of the contexts, as one process of all would serve it."""

import json
from collections.abc import Iterable, Iterator

from shared.runtime.openapi import CONTEXT, Document, operations

SCHEMAS = "#/components/schemas/"


def of(document: Document, context: str | None) -> Iterator[tuple[str, str, Document]]:
    """The operations of a context, or of the platform."""
    for path, method, operation in operations(document):
        if operation.get(CONTEXT) == context:
            yield path, method, operation


def merged(own: Document, learnt: Iterable[tuple[str, Document]]) -> Document:
    """Each context's operations, the gateway's own, and the platform's as the first tells them."""
    paths: Document = {}
    schemas: Document = {}
    platform: list[tuple[str, str, Document]] = []
    for context, document in learnt:
        told = _apart(context, document, schemas)
        schemas |= told["components"]["schemas"]
        _put(paths, of(told, context))
        platform = platform or [*of(told, None)]
    _put(paths, operations(own))
    _put(paths, platform)
    components = own["components"] | {"schemas": schemas | own["components"]["schemas"]}
    return own | {"paths": paths, "components": components}


def _put(paths: Document, found: Iterable[tuple[str, str, Document]]) -> None:
    for path, method, operation in found:
        paths.setdefault(path, {})[method] = operation


def _apart(context: str, document: Document, taken: Document) -> Document:
    """With other names for the schemas whose names mean something else to another context."""
    schemas = document["components"]["schemas"]
    clashes = [name for name, one in schemas.items() if taken.get(name, one) != one]
    if not clashes:
        return document
    text = json.dumps(document)
    for name in clashes:
        text = text.replace(f'"{SCHEMAS}{name}"', f'"{SCHEMAS}{context}.{name}"')
    told: Document = json.loads(text)
    renamed = told["components"]["schemas"]
    for name in clashes:
        renamed[f"{context}.{name}"] = renamed.pop(name)
    return _apart(context, told, taken)  # what refers to them means something else now, too
