"""The three servers that an installation stands on, real or as near as this machine has them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.testing.servers import kafka, mongo
from shared.testing.servers.kurrent import AGAINST
from shared.testing.servers.ports import Port
from shared.testing.servers.process import Process


@dataclass(frozen=True, slots=True)
class Servers:
    """`against` says what they are. The document server is stopped and started by its process."""

    kafka: kafka.Broker
    kurrent: Process
    mongo: mongo.Server
    settings: dict[str, str]

    @property
    def against(self) -> str:
        return f"{self.kafka.against}; {AGAINST}; {self.mongo.against}"


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    port = Port()
    for name in ("kafka", "mongo"):
        (folder / name).mkdir(parents=True)
    double = [sys.executable, "-m", "shared.testing.servers.kurrent", "--port", str(port.number)]
    command = [*double, "--folder", str(folder / "kurrent")]
    kurrent = Process(command, folder / "kurrent.log", "ready ")
    try:
        kurrent.start()
        with (
            kafka.broker(folder / "kafka", own=True) as broker,
            mongo.server(folder / "mongo", own=True) as documents,
        ):
            settings = {
                "QUDAO_KAFKA": broker.servers,
                "QUDAO_KURRENT": f"kurrentdb://127.0.0.1:{port.number}?tls=false",
                "QUDAO_MONGO": documents.uri,
            }
            yield Servers(broker, kurrent, documents, settings)
    finally:
        kurrent.kill()
        port.release()
