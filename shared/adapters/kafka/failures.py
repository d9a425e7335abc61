"""What the client libraries say, in the kernel's words."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from aiokafka.errors import (
    BrokerNotAvailableError,
    KafkaError,
    KafkaTimeoutError,
    ReplicaNotAvailableError,
    UnknownError,
)
from confluent_kafka import KafkaError as Error
from confluent_kafka import KafkaException, Producer

from shared.adapters.kafka.link import Link
from shared.kernel.ending import asked_to_end
from shared.kernel.errors import PortFailed, Unreachable

PATIENCE = 5.0
"""Seconds in which brokers that are there have answered."""
PASSING = (BrokerNotAvailableError, KafkaTimeoutError, ReplicaNotAvailableError, UnknownError)
"""Errors that pass, though the library would not try again."""


@asynccontextmanager
async def answered(doing: str, seconds: float = PATIENCE) -> AsyncIterator[None]:
    """`Unreachable` when no broker answers in time, or the client gives up by itself; `PortFailed`
    when one answers with a no.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except asyncio.CancelledError as error:
        if asked_to_end():
            raise
        raise Unreachable(f"{doing}: the client was ended") from error
    except TimeoutError as error:
        raise Unreachable(f"{doing}: no answer from Kafka in {seconds:g} s") from error
    except KafkaError as error:
        raise failed(doing, error) from error


def failed(doing: str, error: KafkaError) -> PortFailed:
    gone = error.retriable or isinstance(error, PASSING)
    return (Unreachable if gone else PortFailed)(f"{doing}: {error!r}")


def missing(topics: Iterable[str]) -> PortFailed:
    return PortFailed(f"Kafka has no topic {', '.join(sorted(topics))}: run `qudao topics apply`")


REFUSED = {Error._AUTHENTICATION, Error._SSL}
PROBE = 2.0


def reason(link: Link) -> PortFailed:
    """Why nobody can be reached, as librdkafka says it: aiokafka keeps it to its log."""
    heard: list[Error] = []
    probe = Producer({**link.librdkafka(), "error_cb": heard.append, "log_level": 0})
    with suppress(KafkaException):
        probe.list_topics(timeout=PROBE)
    while probe.poll(0):
        pass
    for error in heard:
        if error.code() in REFUSED:
            return PortFailed(f"Kafka at {link.servers} refuses us: {error.str()}")
    said = f": {heard[0].str()}" if heard else ""
    return Unreachable(f"Kafka at {link.servers} cannot be reached{said}")
