"""The proxy does what it is asked, or what stands on it proves nothing."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic

import pytest

from tests.reliability.bus.proxy import Proxy, proxied

LIVENESS = 30.0
HUSH = 0.3


class Echo:
    """Sends back what it hears, and remembers it."""

    def __init__(self, on: socket.socket) -> None:
        self.heard = b""
        self._on = on
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._on.accept()
            except OSError:
                return
            Thread(target=self._answer, args=[client], daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client:
            try:
                while said := client.recv(1 << 16):
                    self.heard += said
                    client.sendall(said)
            except OSError:
                return


@pytest.fixture
def echo() -> Iterator[tuple[Echo, Proxy]]:
    with socket.create_server(("127.0.0.1", 0)) as on:
        host, port = on.getsockname()
        with proxied(f"{host}:{port}") as proxy:
            yield Echo(on), proxy
        on.shutdown(socket.SHUT_RDWR)


@contextmanager
def connected(proxy: Proxy) -> Iterator[socket.socket]:
    host, _, port = proxy.address.rpartition(":")
    with socket.create_connection((host, int(port)), LIVENESS) as client:
        yield client


def heard(client: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += client.recv(count - len(found))
    return found


def silent(client: socket.socket) -> bool:
    client.settimeout(HUSH)
    try:
        return not client.recv(1)
    except TimeoutError:
        return True
    finally:
        client.settimeout(LIVENESS)


def test_what_is_said_comes_back(echo: tuple[Echo, Proxy]) -> None:
    _, proxy = echo
    with connected(proxy) as client:
        said = bytes(range(256)) * 4_000
        Thread(target=client.sendall, args=[said], daemon=True).start()
        assert heard(client, len(said)) == said
        assert proxy.open == 1
    assert proxy.passed == {"up": len(said), "down": len(said)}


def test_a_cut_holds_one_direction_and_loses_nothing(echo: tuple[Echo, Proxy]) -> None:
    other, proxy = echo
    with connected(proxy) as client:
        proxy.cut("up")
        client.sendall(b"up")
        assert silent(client) and other.heard == b"" and proxy.held == 1
        proxy.heal()
        assert heard(client, 2) == b"up"
        proxy.cut("down")
        client.sendall(b"down")
        assert silent(client) and other.heard == b"updown"
        proxy.heal()
        assert heard(client, 4) == b"down"


def test_a_reset_ends_what_stands_and_a_new_connection_is_well(echo: tuple[Echo, Proxy]) -> None:
    _, proxy = echo
    with connected(proxy) as client:
        client.sendall(b"x")
        assert heard(client, 1) == b"x"
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            while client.recv(1):
                continue
    assert proxy.resets >= 1
    with connected(proxy) as client:
        client.sendall(b"y")
        assert heard(client, 1) == b"y"


@pytest.mark.parametrize(
    ("how", "seconds"), [({"latency": 0.3}, 0.6), ({"bandwidth": 8 << 10}, 1.0)]
)
def test_it_is_as_slow_as_asked(
    echo: tuple[Echo, Proxy], how: dict[str, float], seconds: float
) -> None:
    """There and back; never faster."""
    _, proxy = echo
    with connected(proxy) as client:
        proxy.slow(**how)  # type: ignore[arg-type]
        began = monotonic()
        client.sendall(bytes(8 << 10))
        heard(client, 8 << 10)
        took = monotonic() - began
    assert took >= seconds * 0.9
