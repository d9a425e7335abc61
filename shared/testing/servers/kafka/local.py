"""A real Apache Kafka as a child process: KRaft, one node, data in a folder of the test."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from shared.testing.servers.kafka.artifacts import prepare, version
from shared.testing.servers.ports import Port
from shared.testing.servers.process import Process

CLUSTER = "cXVkYW8tdGVzdC1rYWZrYQ"  # any 16 bytes in base64url
FORMAT_SECONDS = 180


class Local:
    """Stopped, killed and started again on the same port and the same data.

    `told` is the address that it names to clients, if that is another one (a proxy's); `inner` is
    a second listener, which names itself.
    """

    restartable = True

    def __init__(
        self, folder: Path, protocol: str, extra: Mapping[str, str], told: str = ""
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.against = f"Apache Kafka {version()} from its Maven artifacts, KRaft, one node"
        self._ports = Port(), Port(), Port()
        clients, inner, controller = (port.number for port in self._ports)
        self.servers = f"127.0.0.1:{clients}"
        self.inner = f"127.0.0.1:{inner}"
        self._settings = folder / "server.properties"
        listeners = (
            f"CLIENTS://127.0.0.1:{clients},INNER://{self.inner}",
            f"CONTROLLER://127.0.0.1:{controller}",
        )
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": ",".join(listeners),
            "advertised.listeners": f"CLIENTS://{told or self.servers},INNER://{self.inner}",
            "inter.broker.listener.name": "INNER",
            "listener.security.protocol.map": (
                f"CLIENTS:{protocol},INNER:PLAINTEXT,CONTROLLER:PLAINTEXT"
            ),
            "log.dirs": str(folder / "data"),
            **SETTINGS,
            **extra,
        }
        self._settings.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        self._java = ("java", "-cp", f"{prepare()}/*", "-Xmx384m", "-XX:+UseSerialGC")
        self._process = Process(
            (*self._java, "kafka.Kafka", str(self._settings)),
            folder / "kafka.log",
            "Kafka Server started",
        )

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def start(self) -> None:
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()
        self._process.start()

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        try:
            self.stop()
        finally:
            for port in self._ports:
                port.release()

    def _format(self) -> None:
        tool = ("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self._settings))
        answer = subprocess.run(
            (*self._java, *tool),
            capture_output=True,
            text=True,
            timeout=FORMAT_SECONDS,
            check=False,
        )
        if answer.returncode != 0:
            raise RuntimeError(f"kafka-storage format: {answer.stderr[-2000:]}")


SETTINGS = {
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "6000",  # a start after a kill waits until this has passed
}
