"""Where a page ends, as a text that the caller gives back for the next one."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from shared.kernel.errors import Malformed


def mark(conditions: Iterable[Sequence[Any]], sort: str) -> str:
    """What a cursor belongs to: these conditions, in any order, and this sort."""
    asked = json.dumps([sort, *sorted(list(condition) for condition in conditions)])
    return sha256(asked.encode()).hexdigest()[:16]


def closed(mark: str, value: str, key: str) -> str:
    """The cursor behind the document that has this sorted value and this key."""
    return urlsafe_b64encode(json.dumps([mark, value, key], ensure_ascii=False).encode()).decode()


def opened(cursor: str, mark: str) -> tuple[str, str]:
    """The value and key of the document before; `Malformed` for another question's cursor."""
    try:
        raw = json.loads(urlsafe_b64decode(cursor.encode()))
        belongs, value, key = (part.encode().decode() for part in raw)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed("cursor-malformed", "take the cursor of the page before") from error
    if belongs != mark:
        raise Malformed("cursor-malformed", "the cursor belongs to another question")
    return value, key
