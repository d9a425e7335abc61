"""W16: how long until everybody who follows the feed has been told."""

import asyncio
import re
import resource
from pathlib import Path
from time import perf_counter, process_time

from shared.runtime.http import Caller
from shared.runtime.tokens import LOCAL, Issuer
from tests.bench.contest import OURS, Asked, Goal, Workload
from tests.bench.peers import http_client
from tests.bench.peers.measured import Meter
from tests.bench.workloads.requests import command, token

FACT = re.compile(rb'"partner_id":"([^"]+)"')
PATH = "/v1/feed?type=PartnerEnrolled"
OVERLAP = 200  # bytes of a frame that may be cut between two chunks
CHUNK, RATE, PATIENCE = 1 << 16, 50.0, 30.0


class Listener:
    """Counts each fact once, from the answer to its command until its frame is here."""

    def __init__(self, answered: dict[str, float], meter: Meter) -> None:
        self._answered, self._meter, self._heard = answered, meter, set[str]()
        self.listening = asyncio.Event()

    async def listen(self, port: int, shown: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET {PATH} HTTP/1.1\r\nHost: qudao\r\nAuthorization: Bearer {shown}\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.readuntil(http_client.END)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.decode())
        self.listening.set()
        rest = b""
        while chunk := await reader.read(CHUNK):
            now, seen = perf_counter(), rest + chunk
            for found in FACT.findall(seen):
                self._note(found.decode(), now)
            rest = seen[-OVERLAP:]

    def _note(self, partner: str, now: float) -> None:
        if partner not in self._heard:
            self._heard.add(partner)
            self._meter.done += 1
            self._meter.latencies.add(max(0.0, now - self._answered.get(partner, now)))


def ours(asked: Asked, folder: Path) -> Meter:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a socket for each, at both ends
    mine, port = token(folder), http_client.free_port()
    with http_client.server(command("whole", folder, port), folder, port):
        meter: Meter = asyncio.run(_told(asked, folder, port, mine))
        return meter


async def _told(asked: Asked, folder: Path, port: int, mine: str) -> Meter:
    answered, meter, issuer = dict[str, float](), Meter(), Issuer.of(folder)
    listeners = [Listener(answered, meter) for _ in range(asked["clients"])]
    tasks = []
    for number, one in enumerate(listeners):
        who = Caller(issuer=LOCAL, subject=f"bench-{number}", role="manager")
        tasks.append(asyncio.create_task(one.listen(port, issuer.token(who))))
        await asyncio.wait_for(one.listening.wait(), PATIENCE)

    def acknowledged(partner: str) -> None:
        answered[partner] = perf_counter()

    began = process_time()
    with meter.running():
        sent = http_client.opened(port, mine, RATE, asked["seconds"], acknowledged)
        asking = await sent
        until = perf_counter() + PATIENCE
        while meter.done < len(listeners) * len(answered) and perf_counter() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    untold = len(listeners) * len(answered) - meter.done
    meter.figures |= {
        "never told": float(untold),
        "answer p99 ms": asking.latencies.milliseconds()["p99"],
        "client busy": (process_time() - began) / meter.seconds,
    }
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return meter


FANOUT = Workload(
    id="W16",
    title="The feed: 1, 100, 1,000 listeners, 50 facts/s, from the answer to the frame",
    unit="frames/s",
    ours={OURS: ours},
    cases={"1": {"clients": 1}, "100": {"clients": 100}, "1000": {"clients": 1_000}},
    goals=(
        Goal("p99 in ms, 1,000 listeners", lambda f: f.ms("1000", "p99"), 150.0, at_most=True),
        Goal("never told", lambda f: f.figure("1000", "never told"), 0.0, at_most=True),
        Goal("p99 in ms, 1 listener", lambda f: f.ms("1", "p99"), 45.0, at_most=True),
    ),
)
