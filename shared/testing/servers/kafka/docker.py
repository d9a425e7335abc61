"""Apache Kafka's own image through testcontainers, where an engine answers and has the image."""

from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from shared.testing.servers import engine
from shared.testing.servers.kafka.artifacts import version
from shared.testing.servers.kafka.local import SETTINGS
from shared.testing.servers.ports import Port

IMAGE = f"apache/kafka:{version()}"
STOP_SECONDS = 30
START_SECONDS = 90


def available() -> bool:
    return engine.has(IMAGE)


class Container:
    """The container's own file system is the data: it outlives `stop` and `kill`."""

    restartable = True
    pid = None

    def __init__(self) -> None:
        self.against = f"{IMAGE} through testcontainers, KRaft, one node"
        self._port = Port()
        self.servers = f"127.0.0.1:{self._port.number}"
        self._container = DockerContainer(IMAGE).with_bind_ports(9092, self._port.number)
        for key, value in (_LISTENERS | SETTINGS).items():
            self._container.with_env(f"KAFKA_{key.replace('.', '_').upper()}", value)
        self._container.with_env(
            "KAFKA_ADVERTISED_LISTENERS", f"CLIENTS://{self.servers},INNER://localhost:9093"
        )
        self._running = False

    def start(self) -> None:
        if self._running:
            return
        if self._container._container is None:
            self._container.start()
        else:
            self._container.get_wrapped_container().start()
        wait_for_logs(self._container, "Kafka Server started", START_SECONDS)
        self._running = True

    def stop(self) -> None:
        if self._running:
            self._container.get_wrapped_container().stop(timeout=STOP_SECONDS)
            self._running = False

    def kill(self) -> None:
        if self._running:
            self._container.get_wrapped_container().kill()
            self._running = False

    def close(self) -> None:
        self._container.stop()
        self._port.release()


_LISTENERS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": "1@localhost:9094",
    "controller.listener.names": "CONTROLLER",
    "listeners": "CLIENTS://:9092,INNER://:9093,CONTROLLER://:9094",
    "inter.broker.listener.name": "INNER",
    "listener.security.protocol.map": "CLIENTS:PLAINTEXT,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT",
}
