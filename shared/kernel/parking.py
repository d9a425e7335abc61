"""A failing fact is parked at once, so that it neither stops the others nor gets lost.

Parked facts are documents of `<context>.parked`, written in the commit that moves the position.
From the own store, later facts of the same stream wait behind a parked one; from the bus nothing
does. A parked fact is retried by the clock, then it waits for a person.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from shared.kernel.errors import PortFailed, Refused, StaleOwner
from shared.kernel.ports import Document, Index, View
from shared.kernel.step import STORE, Entry

T = TypeVar("T")
PAUSES = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
HEADS = ("retrying", "waiting")  # the states of what did not wait behind another one


@dataclass(frozen=True, slots=True)
class Failure:
    """What one fact, and only this fact, could not do."""

    slug: str
    error: str


async def attempt(work: Awaitable[T]) -> T | Failure:
    """The one blind except: whatever this fact raises is its own; what a port raises is not."""
    try:
        return await work
    except (PortFailed, StaleOwner):
        raise
    except Refused as refusal:
        return Failure(refusal.slug, str(refusal))
    except Exception as error:  # noqa: BLE001
        return failed(error)


def failed(error: Exception) -> Failure:
    return Failure("fact-failed", f"{type(error).__name__}: {error}")


def view(context: str) -> View:
    indexes = (Index("consumer"), Index("stream"), Index("state"), Index("due", "instant"))
    return View(name=f"{context}.parked", indexes=(*indexes, Index("position", "decimal")))


def key(consumer: str, entry: Entry) -> str:
    return f"{consumer}/{entry.log}/{entry.position}"


def parked(consumer: str, entry: Entry, failure: Failure, now: datetime) -> Document:
    return _document(consumer, entry, now) | _after(1, failure, now)


def behind(consumer: str, entry: Entry, now: datetime) -> Document:
    """Nothing is wrong with it; an earlier fact of its stream is parked."""
    return _document(consumer, entry, now) | {"state": "behind", "due": None, "attempts": 0}


def overdue(consumer: str, timer: Document, failure: Failure, now: datetime) -> Document:
    """A timer that failed when it fired."""
    named = f"{consumer}/{timer['stream']}/{timer['name']}"
    place = {"key": named, "consumer": consumer, "log": "timers", "position": 0}
    told = {"stream": timer["stream"], "fact": timer["set_by"], "type": timer["name"]}
    return place | told | {"since": now.isoformat(), "timer": timer} | _after(1, failure, now)


def again(document: Document, failure: Failure, now: datetime) -> Document:
    return document | _after(int(document["attempts"]) + 1, failure, now)


def unknown(document: Document) -> Document:
    """It waits for the code that parked it, or for a person who drops it."""
    told = "no consumer of this name in this code: start the one that parked it, or drop it"
    return document | {"state": "waiting", "due": None, "slug": "consumer-unknown", "error": told}


def _document(consumer: str, entry: Entry, now: datetime) -> Document:
    return {
        "key": key(consumer, entry),
        "consumer": consumer,
        "log": entry.log,
        "position": entry.position,
        "since": now.isoformat(),
        **_told(entry),
    }


def _told(entry: Entry) -> Document:
    if entry.log != STORE or entry.sealed is None:
        told = {"stream": None, "fact": None, "type": entry.log.rpartition("/")[0]}
        return told | {"sha256": entry.digest}
    sealed = entry.sealed
    return {"stream": sealed.subject, "fact": str(sealed.id), "type": sealed.type}


def _after(attempts: int, failure: Failure, now: datetime) -> Document:
    said = {"attempts": attempts, "slug": failure.slug, "error": failure.error}
    if attempts > len(PAUSES):
        return said | {"state": "waiting", "due": None}
    return said | {"state": "retrying", "due": (now + PAUSES[attempts - 1]).isoformat()}
