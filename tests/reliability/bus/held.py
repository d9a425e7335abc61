"""A request that a server has taken and that is not complete."""

import json
import socket
from dataclasses import dataclass

from tests.reliability.bus.load import Business, outcome, payment

SECONDS = 120.0


@dataclass(slots=True)
class Held:
    """The server has said "100 Continue", so it asked for the body, which has not been sent."""

    one: Business
    operation: int
    connection: socket.socket
    body: bytes

    @classmethod
    def of(cls, one: Business) -> "Held":
        operation, number, partner, amount = one.line.next()
        body = json.dumps(payment(number, partner, amount)).encode()
        host, _, port = one.there.api.address.removeprefix("http://").rpartition(":")
        connection = socket.create_connection((host, int(port)), SECONDS)
        headers = {
            "Host": host,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Idempotency-Key": f"pay-{number}",
            "Expect": "100-continue",
            **one.users.headers("finance"),
        }
        lines = ["POST /v1/payments HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        held = cls(one, operation, connection, body)
        assert held._status() == 100
        return held

    def answered(self) -> int:
        """Its status; 0 when the server hung up."""
        try:
            self.connection.sendall(self.body)
            status = self._status()
        except OSError:
            status = 0
        finally:
            self.connection.close()
        self.one.journal.told(self.operation, outcome(status) if status else "unknown")
        return status

    def _status(self) -> int:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (more := self.connection.recv(4096)):
                raise ConnectionError("it hung up")
            head += more
        return int(head.split()[1])
