"""W3C Trace Context: a trace goes on from a request through every fact that it caused."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
Trace = Callable[[str | None, str], AbstractContextManager[str | None]]
"""Where a trace goes on: from a `traceparent`, under a name; gives the one to hand on."""


def traced(traceparent: object) -> str | None:
    """What is none is taken for absent, as the standard says."""
    if isinstance(traceparent, str) and TRACE.fullmatch(traceparent):
        return traceparent
    return None


def untraced(traceparent: str | None, name: str) -> AbstractContextManager[str | None]:
    """Nobody looks: what came is handed on."""
    return nullcontext(traceparent)
