"""How many requests in how long, as settings write it: `600/minute`."""

import re
from dataclasses import dataclass

WINDOWS = {"second": 1, "minute": 60, "hour": 3_600}
FORM = re.compile(rf"([1-9][0-9]{{0,8}})/({'|'.join(WINDOWS)})")
UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class Quota:
    requests: int
    seconds: int
    text: str


def quota(text: str) -> Quota | None:
    """None is no limit; ValueError for what cannot be read."""
    if text == UNLIMITED:
        return None
    if shown := FORM.fullmatch(text):
        return Quota(int(shown[1]), WINDOWS[shown[2]], text)
    raise ValueError(f"{text} is no rate: write it like 600/minute, or {UNLIMITED}")
