"""Documents as MongoDB keeps them: natively, or as text where that would not be exact.

A native document can be asked for by anybody (`document.partner_id`). BSON has no integers
beyond 64 bits and no NUL in a name, a driver takes `{"$ref": …}` for something of its own, and
depth has a limit: such a document is kept as its JSON, as SQLite keeps every one.
"""

import json
import re
from typing import Any

from bson import CodecOptions, encode
from bson.binary import UuidRepresentation
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from shared.kernel.ports import Document

LARGEST = 16 * 1024 * 1024
DEEPEST = 60
STANDARD = CodecOptions[dict[str, Any]](uuid_representation=UuidRepresentation.STANDARD)
UNLIKE = re.compile(r'"\$|\\u0000|\d{19}')
"""Where it may not be exact: too often costs nothing but readability."""


def sealed(whole: dict[str, Any], document: Any) -> RawBSONDocument:
    """Encoded once, however often it is sent; `TypeError` or `ValueError` for what is no JSON."""
    text = _text(document)
    raw = _native(whole, document, text) or encode(whole | {"text": text}, codec_options=STANDARD)
    if len(raw) > LARGEST:
        raise ValueError(f"{len(raw)} bytes are too large for a document")
    return RawBSONDocument(raw)


def loaded(found: dict[str, Any]) -> Document:
    document: Document = json.loads(found["text"]) if "text" in found else found["document"]
    return document


def _text(document: Any) -> str:
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except RecursionError as error:
        raise ValueError("too deep for a document") from error


def _native(whole: dict[str, Any], document: Any, text: str) -> bytes | None:
    if UNLIKE.search(text) or _deep(text, document):
        return None
    try:
        return encode(whole | {"document": document}, codec_options=STANDARD)
    except BSONError:  # a name that is no text
        return None


def _deep(text: str, document: object) -> bool:
    return text.count("{") + text.count("[") > DEEPEST and _deeper(document, DEEPEST)


def _deeper(value: object, than: int) -> bool:
    if not isinstance(value, dict | list | tuple):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return than == 0 or any(_deeper(one, than - 1) for one in inner)
