"""The three servers that an installation stands on, real or as near as this machine has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.testing.servers import kafka, kurrent, mongo


@dataclass(frozen=True, slots=True)
class Servers:
    """`against` says what they are."""

    kafka: kafka.Broker
    kurrent: kurrent.Server
    mongo: mongo.Server

    @property
    def settings(self) -> dict[str, str]:
        return {
            "QUDAO_KAFKA": self.kafka.servers,
            "QUDAO_KURRENT": self.kurrent.uri,
            "QUDAO_MONGO": self.mongo.uri,
        }

    @property
    def against(self) -> str:
        return f"{self.kafka.against}; {self.kurrent.against}; {self.mongo.against}"


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    for name in ("kafka", "kurrent", "mongo"):
        (folder / name).mkdir(parents=True)
    with (
        kafka.broker(folder / "kafka", own=True) as broker,
        kurrent.server(folder / "kurrent", own=True) as store,
        mongo.server(folder / "mongo", own=True) as documents,
    ):
        yield Servers(broker, store, documents)
