"""The vendor's image through testcontainers, where an engine answers and has the image."""

import time
from urllib.error import URLError
from urllib.request import urlopen

from shared.testing.servers import engine
from shared.testing.servers.ports import Port

IMAGE = "kurrentplatform/kurrentdb:25.1.0"
START_SECONDS = 90.0
STOP_SECONDS = 30
SETTINGS = {"INSECURE": "true", "RUN_PROJECTIONS": "None", "STATS_PERIOD_SEC": "3600"}


def available() -> bool:
    return engine.has(IMAGE)


class Container:
    """The container's own file system is the data: it outlives `stop` and `kill`."""

    restartable = True
    pid = None

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415

        self.against = f"{IMAGE} through testcontainers, one node"
        self._port = Port()
        self.uri = f"kurrentdb://127.0.0.1:{self._port.number}?tls=false"
        self._container = DockerContainer(IMAGE).with_bind_ports(2113, self._port.number)
        for key, value in SETTINGS.items():
            self._container.with_env(f"KURRENTDB_{key}", value)
        self._started = False

    def start(self) -> None:
        if self._started:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._started = True
        self._wait()

    def stop(self) -> None:
        self._container.get_wrapped_container().stop(timeout=STOP_SECONDS)

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def close(self) -> None:
        self._container.stop()
        self._port.release()

    def _wait(self) -> None:
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{self._port.number}/health/live", timeout=2):
                    return
            except (URLError, OSError) as error:
                if time.monotonic() > give_up:
                    raise RuntimeError(f"{IMAGE} does not answer: {error}") from error
            time.sleep(0.5)
