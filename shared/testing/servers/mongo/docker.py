"""MongoDB's own image through testcontainers, where an engine answers and has the image."""

from pymongo import MongoClient
from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from shared.testing.servers import engine
from shared.testing.servers.server import Contained

IMAGE = "mongo:8.0"
START_SECONDS = 90


def available() -> bool:
    return engine.has(IMAGE)


class Container(Contained):
    """A replica set of one."""

    def __init__(self) -> None:
        super().__init__(f"{IMAGE}, a replica set of one")
        number = self._port.number
        self.uri = f"mongodb://127.0.0.1:{number}/?replicaSet=rs0"
        self._container = DockerContainer(IMAGE).with_bind_ports(number, number)
        self._container.with_command(
            ["mongod", "--replSet", "rs0", "--bind_ip_all", "--port", str(number)]
        )

    def _begin(self) -> None:
        wait_for_logs(self._container, "Waiting for connections", START_SECONDS)
        self._initiate()

    def _initiate(self) -> None:
        member = {"_id": 0, "host": f"127.0.0.1:{self._port.number}"}
        with self._client(f"mongodb://{member['host']}/?directConnection=true") as client:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})

    def _wait(self) -> None:
        with self._client(self.uri) as client:
            client.admin.command("ping")  # selects the primary: waits until there is one

    def _client(self, uri: str) -> "MongoClient[dict[str, object]]":
        return MongoClient(uri, serverSelectionTimeoutMS=START_SECONDS * 1000)
