"""UmaDB, its own server beside its own Python client: every append is synced before the answer."""

import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from measured import in_threads, one_by_one, tell, told
from traffic import encoded, zipf
from umadb import AppendCondition, Client, Event, Query, QueryItem, TransportError


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def server(folder):
    port = free_port()
    command = [str(Path(sys.executable).with_name("umadb"))]
    options = ["--listen", f"127.0.0.1:{port}", "--db-path", str(Path(folder) / "uma.db")]
    with open(Path(folder) / "log", "wb") as log:
        running = subprocess.Popen(command + options, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(200):
                try:
                    Client(url).head()
                except TransportError:
                    time.sleep(0.05)
                else:
                    break
            yield url
        finally:
            running.terminate()
            running.wait()


def event(stream, number):
    return Event("PaymentReceived", encoded(number), [stream])


def guarded(stream, after):
    """Nobody wrote to this stream since: the same promise as an expected version."""
    return AppendCondition(Query([QueryItem(tags=[stream])]), after)


def append(asked, url):
    client, size = Client(url), asked.get("size", 1)
    head = client.head()

    def call(number):
        nonlocal head
        stream = f"s{number}"
        events = [event(stream, number) for _ in range(size)]
        head = client.append(events, guarded(stream, head))

    return one_by_one(call, asked["seconds"], size)


def concurrent(asked, url):
    clients = [Client(url) for _ in range(asked["clients"])]
    chosen = [zipf(1_000, client) for client in range(asked["clients"])]
    heads = [{} for _ in clients]

    def call(client, number):
        stream = next(chosen[client])
        name = f"{client}/{stream}"
        after = heads[client].get(stream)
        heads[client][stream] = clients[client].append([event(name, number)], guarded(name, after))

    return in_threads(call, asked["clients"], asked["seconds"])


def main():
    asked = told()
    with tempfile.TemporaryDirectory(dir=asked["disk"]) as folder, server(folder) as url:
        tell(globals()[asked["what"]](asked, url).sample())


if __name__ == "__main__":
    main()
