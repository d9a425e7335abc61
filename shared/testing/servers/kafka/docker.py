"""Apache Kafka's own image through testcontainers, where an engine answers and has the image."""

from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from shared.testing.servers import engine
from shared.testing.servers.kafka.artifacts import version
from shared.testing.servers.kafka.local import SETTINGS
from shared.testing.servers.server import Contained

IMAGE = f"apache/kafka:{version()}"
START_SECONDS = 90


def available() -> bool:
    return engine.has(IMAGE)


class Container(Contained):
    def __init__(self) -> None:
        super().__init__(f"{IMAGE}, KRaft, one node")
        self.servers = f"127.0.0.1:{self._port.number}"
        self._container = DockerContainer(IMAGE).with_bind_ports(9092, self._port.number)
        for key, value in (_LISTENERS | SETTINGS).items():
            self._container.with_env(f"KAFKA_{key.replace('.', '_').upper()}", value)
        self._container.with_env(
            "KAFKA_ADVERTISED_LISTENERS", f"CLIENTS://{self.servers},INNER://localhost:9093"
        )

    def _wait(self) -> None:
        wait_for_logs(self._container, "Kafka Server started", START_SECONDS)


_LISTENERS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": "1@localhost:9094",
    "controller.listener.names": "CONTROLLER",
    "listeners": "CLIENTS://:9092,INNER://:9093,CONTROLLER://:9094",
    "inter.broker.listener.name": "INNER",
    "listener.security.protocol.map": "CLIENTS:PLAINTEXT,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT",
}
