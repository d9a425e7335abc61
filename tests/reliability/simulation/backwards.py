"""`python -m tests.reliability.simulation.backwards SEED`: a map is read from its other end.

A map has no order: what reads one must not depend on any. A story told this way goes as ever.
"""

import runpy
from collections.abc import Callable, Iterator
from typing import Any

import immutables
from immutables.map import Map  # the same map, in Python


def turned(reading: Callable[[Any], Any]) -> Callable[[Any], Iterator[Any]]:
    return lambda whole: reversed([*reading(whole)])


if __name__ == "__main__":
    for name in ("__iter__", "keys", "values", "items"):
        setattr(Map, name, turned(getattr(Map, name)))
    immutables.Map = Map  # type: ignore[misc, assignment]
    runpy.run_module("tests.reliability.simulation", run_name="__main__")
