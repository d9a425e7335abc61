"""Where a reader of the feed stands, as an opaque text: the position in each log of the bus."""

import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from shared.kernel.errors import Malformed

LONGEST = 256 << 10  # bytes that a cursor may unfold to
LOG = re.compile(r"[A-Za-z0-9._-]{1,249}/[0-9]{1,5}")
FAR = 1 << 60


def written(at: Mapping[str, int]) -> str:
    told = json.dumps({log: at[log] for log in sorted(at)}, separators=(",", ":"))
    return urlsafe_b64encode(zlib.compress(told.encode())).decode().rstrip("=")


def read(cursor: str) -> dict[str, int]:
    """`cursor-malformed` for what `written` did not write."""
    try:
        packed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        unpacking = zlib.decompressobj()
        told = unpacking.decompress(packed, LONGEST)
        found = json.loads(told) if unpacking.eof else None
    except (ValueError, zlib.error, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(map(_place, found, found.values())):
        raise Malformed("cursor-malformed", "send back the id of an event, unchanged")
    return found


def _place(log: str, at: object) -> bool:
    return bool(LOG.fullmatch(log)) and type(at) is int and 0 <= at < FAR
