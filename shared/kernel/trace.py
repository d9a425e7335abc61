"""W3C Trace Context: a trace goes on from a request through every fact that it caused."""

import re

TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def traced(traceparent: object) -> str | None:
    """What is none is taken for absent, as the standard says."""
    if isinstance(traceparent, str) and TRACE.fullmatch(traceparent):
        return traceparent
    return None
