"""MongoDB's own image through testcontainers, where an engine answers and has the image."""

from pymongo import MongoClient
from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from shared.testing.servers import engine
from shared.testing.servers.ports import Port

IMAGE = "mongo:8.0"
STOP_SECONDS = 30
START_SECONDS = 90


def available() -> bool:
    return engine.has(IMAGE)


class Container:
    """A replica set of one. The container's file system is the data: it outlives a `kill`."""

    restartable = True
    pid = None

    def __init__(self) -> None:
        self.against = f"{IMAGE} through testcontainers, a replica set of one"
        self._port = Port()
        number = self._port.number
        self.uri = f"mongodb://127.0.0.1:{number}/?replicaSet=rs0"
        self._container = DockerContainer(IMAGE).with_bind_ports(number, number)
        self._container.with_command(
            ["mongod", "--replSet", "rs0", "--bind_ip_all", "--port", str(number)]
        )
        self._running = False

    def start(self) -> None:
        if self._running:
            return
        if self._container._container is None:
            self._container.start()
            wait_for_logs(self._container, "Waiting for connections", START_SECONDS)
            self._initiate()
        else:
            self._container.get_wrapped_container().start()
        self._running = True
        self._wait()

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

    def _initiate(self) -> None:
        member = {"_id": 0, "host": f"127.0.0.1:{self._port.number}"}
        with self._client(f"mongodb://{member['host']}/?directConnection=true") as client:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})

    def _wait(self) -> None:
        with self._client(self.uri) as client:
            client.admin.command("ping")  # selects the primary: waits until there is one

    def _client(self, uri: str) -> "MongoClient[dict[str, object]]":
        return MongoClient(uri, serverSelectionTimeoutMS=START_SECONDS * 1000)
