"""What the gateway answers itself: the routes of the context that is named like it."""

from dataclasses import dataclass
from typing import cast

from fastapi import APIRouter

from shared.kernel.ports import Clock
from shared.runtime.context import Service
from shared.runtime.hosting import load


@dataclass(frozen=True, slots=True)
class Streamless:
    """All of a service that a context without streams and views can have."""

    clock: Clock


def own(clock: Clock) -> dict[str, APIRouter]:
    service = cast(Service, Streamless(clock))
    return {one.name: one.routes(service) for one in load(("gateway",)) if one.routes}
