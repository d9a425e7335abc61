"""What a story is made of: who asks what, when. Told through the API, like any client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.runtime.http import Role

CURRENCY = "CNY"
START = datetime.fromisoformat("2024-10-08T09:00:00+08:00")
LAPSE = datetime.fromisoformat("2026-01-15T18:00:00+08:00")
"""Until the end it is a quarter: what the time-lapse plays."""
END = datetime.fromisoformat("2026-04-15T18:00:00+08:00")
LINE_A, LINE_B = "A", "B"  # 离心泵, 阀门


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked up first: the thing at `path`, or of a list the item that matches."""

    path: str
    match: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One command. `look` fills the `{…}` of the path and of the partner with what it found.

    `file` is the body instead of JSON; `sub` is who asks, where it matters.
    """

    at: datetime
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    role: Role = "manager"
    partner: str | None = None
    sub: str | None = None
    look: Look | None = None
    file: bytes | None = None


def on(day: str, time: str = "10:00") -> datetime:
    """In Shanghai."""
    return datetime.fromisoformat(f"{day}T{time}+08:00")


def yuan(amount: str | int) -> dict[str, str]:
    return {"amount": str(amount), "currency": CURRENCY}
