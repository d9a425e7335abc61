"""The double in the test's own process, with its faults in the test's hand."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio  # type: ignore[import-untyped]
from kurrentdbclient.protos.v1.gossip_pb2_grpc import add_GossipServicer_to_server
from kurrentdbclient.protos.v1.streams_pb2_grpc import add_StreamsServicer_to_server

from shared.testing.servers.kurrent import AGAINST
from shared.testing.servers.kurrent.log import Log
from shared.testing.servers.kurrent.service import Access, Faults, Gossip, Streams
from shared.testing.servers.kurrent.wire import Wire
from shared.testing.servers.ports import Port

OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", 16 << 20),
    ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
    ("grpc.http2.max_ping_strikes", 0),
)


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM: a key, and the certificate that a client's authority has signed for 127.0.0.1."""

    key: bytes
    certificate: bytes


async def serve(
    address: str, log: Log, *, access: Access, faults: Faults, tls: Tls | None = None
) -> tuple[Any, int]:
    """A running server and its port."""
    server = grpc.aio.server(options=OPTIONS)
    if tls:
        pair = grpc.ssl_server_credentials([(tls.key, tls.certificate)])
        port = server.add_secure_port(address, pair)
    else:
        port = server.add_insecure_port(address)
    add_StreamsServicer_to_server(Streams(log, access, faults), server)  # type: ignore[no-untyped-call]
    add_GossipServicer_to_server(Gossip(port), server)  # type: ignore[no-untyped-call]
    await server.start()
    return server, port


@dataclass
class Double:
    """Stopped and started it keeps its port and its data, as a server with a disk does."""

    file: Path | None = None
    access: Access = field(default_factory=Access)
    tls: Tls | None = None
    faults: Faults = field(default_factory=Faults)
    against: str = AGAINST

    def __post_init__(self) -> None:
        self._port, self.log = Port(), Log(self.file)
        self._server: Any = None

    @property
    def uri(self) -> str:
        if self.tls:
            return f"kurrentdb://127.0.0.1:{self._port.number}"
        return f"kurrentdb://127.0.0.1:{self._port.number}?tls=false"

    async def start(self) -> None:
        self._server, behind = await serve(
            "127.0.0.1:0", self.log, access=self.access, faults=self.faults, tls=self.tls
        )
        self.wire = Wire(self._port.number, behind)
        self.faults.cut = self.wire.cut
        await self.wire.start()

    async def stop(self) -> None:
        if self._server:
            await self.wire.stop()
            await self._server.stop(0)
            self._server = None

    async def close(self) -> None:
        await self.stop()
        self.log.close()
        self._port.release()
