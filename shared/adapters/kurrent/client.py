"""From settings to a client: TLS, the user, and how a lost connection is noticed."""

from pathlib import Path

import grpc  # type: ignore[import-untyped]
from kurrentdbclient import AsyncKurrentDBClient

from shared.kernel.errors import PortFailed

LIVENESS = ("keepaliveinterval=10000", "keepalivetimeout=5000")
"""Milliseconds: a server that went without a word is noticed within 15 s."""
RECONNECT = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 3_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)
"""gRPC would wait up to two minutes before it knocks again, and hand that wait on to a new
channel to the same place. The third is the time that one attempt to connect may take.
"""


class Client(AsyncKurrentDBClient):
    """The vendor's client, for a user and password of any characters: it decodes no %-escapes."""

    def __init__(self, uri: str, user: str, password: str, ca: bytes | None) -> None:
        self._user, self._password = user, password
        super().__init__(uri, root_certificates=ca)
        self.grpc_options += RECONNECT

    def construct_call_credentials(
        self, username: str | None, password: str | None
    ) -> grpc.CallCredentials | None:
        if self._user:
            return super().construct_call_credentials(self._user, self._password)
        return super().construct_call_credentials(username, password)


def client(uri: str, user: str, password: str, ca: Path | None) -> Client:
    """`PortFailed` in one line, without a secret in it, for settings that cannot work."""
    whole = _completed(uri, user)
    try:
        made = Client(whole, user, password, ca.read_bytes() if ca else None)
    except (ValueError, OSError) as error:
        raise PortFailed(f"KurrentDB: {str(error).replace(whole, '').rstrip(': ')}") from None
    options = made.connection_spec.options
    if user and not options.tls:
        raise PortFailed("KurrentDB: a password goes over TLS only, and tls=false is set")
    if options.node_preference != "leader":
        raise PortFailed("KurrentDB: only the leader has what was answered: nodePreference=leader")
    return made


def _completed(uri: str, user: str) -> str:
    """With TLS the client insists on a user in the address; ours is given to it aside."""
    head, _, query = uri.partition("?")
    options = query.split("&") if query else []
    known = {option.partition("=")[0].lower() for option in options}
    options += [one for one in LIVENESS if one.partition("=")[0] not in known]
    if user and "@" not in head:
        head = head.replace("://", "://given:aside@", 1)
    return f"{head}?{'&'.join(options)}"
