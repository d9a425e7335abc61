"""The vendor's image through testcontainers, where an engine answers and has the image."""

import time
from urllib.error import URLError
from urllib.request import urlopen

from shared.testing.servers import engine
from shared.testing.servers.server import Contained

IMAGE = "kurrentplatform/kurrentdb:25.1.0"
START_SECONDS = 90.0
SETTINGS = {"INSECURE": "true", "RUN_PROJECTIONS": "None", "STATS_PERIOD_SEC": "3600"}


def available() -> bool:
    return engine.has(IMAGE)


class Container(Contained):
    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415

        super().__init__(f"{IMAGE}, one node")
        self.uri = f"kurrentdb://127.0.0.1:{self._port.number}?tls=false"
        self._container = DockerContainer(IMAGE).with_bind_ports(2113, self._port.number)
        for key, value in SETTINGS.items():
            self._container.with_env(f"KURRENTDB_{key}", value)

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
