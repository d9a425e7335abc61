"""SecantusDB as a child process, its data in a folder of the test."""

from collections.abc import Sequence
from pathlib import Path

from shared.testing.servers.mongo.environment import prepare, version
from shared.testing.servers.ports import Port
from shared.testing.servers.process import Process


class Local:
    """Stopped, killed and started again on the same port and the same data.

    Every commit is synced, as `journal` asks of a real MongoDB.
    """

    restartable = True

    def __init__(self, folder: Path, extra: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.against = (
            f"SecantusDB {version()} (MongoDB's protocol over WiredTiger, one node), not MongoDB"
        )
        self._port = Port()
        self.uri = f"mongodb://127.0.0.1:{self._port.number}/"
        address = ("--host", "127.0.0.1", "--port", str(self._port.number))
        stored = ("--storage-path", str(folder / "data"), "--sync-on-commit")
        config = folder / "secantusd.toml"  # else it looks for one in the home folder
        config.touch()
        self._process = Process(
            (str(prepare()), "--config", str(config), *address, *stored, *extra),
            folder / "mongo.log",
            "secantus listening on",
        )

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        try:
            self.stop()
        finally:
            self._port.release()
