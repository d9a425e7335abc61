"""Ids: given by their owner, or computed. Nothing in Qudao is named by chance."""

from json.encoder import encode_basestring
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import StringConstraints

QUDAO = UUID("5d0c4f0e-7a58-5b6e-9d6a-3c1f0d5e2a11")

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""What an owner may call a thing: a partner, an order, a programme."""

Label = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""What another system calls a thing: a document number, a system's own name."""


def named(*parts: object) -> UUID:
    """uuid5 over the JSON array of the parts: the one way an id is computed here."""
    return uuid5(QUDAO, f"[{', '.join([encode_basestring(str(part)) for part in parts])}]")
