"""Waiting for what comes by itself, with a bound that is there only to end a test."""

import time
from collections.abc import Callable
from typing import TypeVar

from httpx2 import TransportError

T = TypeVar("T")
PATIENCE = 240.0


def until(look: Callable[[], T], *, seconds: float = PATIENCE) -> T:
    """The first answer that is true; what fails meanwhile fails again at the end."""
    end = time.monotonic() + seconds
    while True:
        last = time.monotonic() > end
        try:
            if found := look():
                return found
        except (AssertionError, TransportError):
            if last:
                raise
        assert not last, f"nothing came within {seconds} s"
        time.sleep(0.2)
