"""A blob's name tells whether it is still whole."""

import re
from hashlib import sha256

from shared.kernel.errors import PortFailed

NAME = re.compile(r"[0-9a-f]{64}")


def named(data: bytes) -> str:
    return sha256(data).hexdigest()


def is_name(name: str) -> bool:
    return NAME.fullmatch(name) is not None


def whole(name: str, data: bytes, where: str) -> bytes:
    if (found := named(data)) != name:
        raise PortFailed(f"{where} is damaged: its bytes are those of {found}")
    return data
