"""A producer that was ended is gone, with its threads and connections."""

import gc
from time import monotonic, sleep
from weakref import ref

from shared.adapters.kafka.publisher import SETTINGS, Heard, Line
from tests.runtime.running import free_port

BOUND = 30.0


def test_a_line_that_was_ended_needs_no_collector_to_go() -> None:
    """The collector looks at everything seldom (`hosting.GARBAGE`)."""
    gc.disable()
    try:
        line = Line({**SETTINGS, "bootstrap.servers": f"127.0.0.1:{free_port()}"}, Heard())
        left = ref(line)
        line.end()
        del line
        end = monotonic() + BOUND
        while left() and monotonic() < end:
            sleep(0.05)
        assert left() is None
    finally:
        gc.enable()
