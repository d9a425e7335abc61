"""How every contender measures itself, ours and others' alike: the standard library only."""

import asyncio
import json
import math
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

STEPS = 50  # buckets for each factor of e: a latency is kept to 2 %
PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
WARM = 0.2  # of the measured time


class Histogram:
    """Latencies in buckets of equal width on a logarithmic scale."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.largest = 0.0

    def add(self, seconds: float) -> None:
        bucket = math.ceil(STEPS * math.log(max(seconds, 1e-9)))
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self.largest = max(self.largest, seconds)

    def at(self, share: float) -> float:
        """Seconds under which that share of all latencies lies."""
        left = share * sum(self.counts.values())
        for bucket in sorted(self.counts):
            left -= self.counts[bucket]
            if left <= 0:
                return min(self.largest, math.exp(bucket / STEPS))
        return self.largest

    def milliseconds(self) -> dict[str, float]:
        if not self.counts:
            return {}
        found = {name: 1_000 * self.at(share) for name, share in PERCENTILES.items()}
        return {**found, "max": 1_000 * self.largest}


class Meter:
    """Counts what is done, and how long each took; `rate` is per second of the measured time."""

    def __init__(self) -> None:
        self.done, self.latencies, self.figures = 0, Histogram(), dict[str, float]()
        self._began = self._ended = time.perf_counter()

    @contextmanager
    def running(self) -> Iterator[None]:
        self.done, self.latencies, self._began = 0, Histogram(), time.perf_counter()
        yield
        self._ended = time.perf_counter()

    @property
    def seconds(self) -> float:
        return self._ended - self._began

    def sample(self) -> dict[str, Any]:
        rate = self.done / self.seconds if self.seconds else 0.0
        milliseconds = self.latencies.milliseconds()
        return {"rate": rate, "n": self.done, "ms": milliseconds, "figures": self.figures}


def one_by_one(call: Callable[[int], object], seconds: float, events: int = 1) -> Meter:
    """One client that waits for each answer. `events`: what one call stores."""
    meter, number = Meter(), 0
    for length in (WARM * seconds, seconds):
        with meter.running():
            until = time.perf_counter() + length
            while (began := time.perf_counter()) < until:
                call(number)
                meter.latencies.add(time.perf_counter() - began)
                meter.done += events
                number += 1
    return meter


async def in_flight(
    call: Callable[[int, int], Awaitable[object]], clients: int, seconds: float, events: int = 1
) -> Meter:
    """`call(client, number)`: each client waits for its answer before it asks again."""
    meter, numbers = Meter(), [0] * clients

    async def client(which: int, until: float) -> None:
        while (began := time.perf_counter()) < until:
            await call(which, numbers[which])
            meter.latencies.add(time.perf_counter() - began)
            meter.done += events
            numbers[which] += 1

    for length in (WARM * seconds, seconds):
        with meter.running():
            until = time.perf_counter() + length
            await asyncio.gather(*(client(which, until) for which in range(clients)))
    return meter


def in_threads(call: Callable[[int, int], object], clients: int, seconds: float) -> Meter:
    """The same for what blocks."""
    meter, numbers = Meter(), [0] * clients

    def client(which: int, until: float) -> None:
        while (began := time.perf_counter()) < until:
            call(which, numbers[which])
            meter.latencies.add(time.perf_counter() - began)
            meter.done += 1
            numbers[which] += 1

    for length in (WARM * seconds, seconds):
        with meter.running():
            until = time.perf_counter() + length
            threads = [Thread(target=client, args=(which, until)) for which in range(clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    return meter


async def open_loop(
    call: Callable[[int], Awaitable[object]], per_second: float, seconds: float
) -> Meter:
    """Asked at fixed times, whatever was answered; a latency counts from the intended time."""
    meter, asked = Meter(), set[asyncio.Task[None]]()

    async def one(number: int, due: float) -> None:
        await call(number)
        meter.latencies.add(time.perf_counter() - due)
        meter.done += 1

    with meter.running():
        began = time.perf_counter()
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            asked.add(asyncio.create_task(one(number, due)))
        await asyncio.gather(*asked)
    return meter


def resident() -> float:
    """MiB in memory now."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / (1 << 20)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def told() -> dict[str, Any]:
    """What the harness asks of this process."""
    asked: dict[str, Any] = json.loads(sys.argv[-1])
    return asked


def tell(sample: dict[str, Any]) -> None:
    """The last line is the answer."""
    sys.stdout.write(json.dumps(sample) + "\n")
