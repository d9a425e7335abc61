"""How many trials: a few with every commit, the number that is published in the long tier."""

import os
from typing import TypeVar

T = TypeVar("T")
SOAK = "QUDAO_SOAK"


def trials(commit: T, long: T) -> T:
    """Known when tests are collected, so it may stand in a decorator too."""
    return long if os.environ.get(SOAK) == "1" else commit
