"""How the brokers are reached: one description for both client libraries."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from shared.kernel.errors import PortFailed

Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`ca` is the authority that signed the brokers' certificates (else the system's);
    `certificate` and `key` are our own, where brokers ask for one. All are PEM files.
    """

    servers: str
    security: Security = "PLAINTEXT"
    mechanism: Mechanism = "PLAIN"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if self._sasl and not (self.user and self.password):
            raise PortFailed(f"Kafka with {self.security} needs a user and a password")
        if (self.certificate is None) != (self.key is None):
            raise PortFailed("Kafka's client certificate and its key go together")

    def asyncio(self) -> dict[str, Any]:
        """What aiokafka's clients take."""
        common = {"bootstrap_servers": self.servers, "security_protocol": self.security}
        return {
            **common,
            "ssl_context": self._context() if self._tls else None,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user or None,
            "sasl_plain_password": self.password or None,
        }

    def librdkafka(self) -> dict[str, str]:
        """What confluent-kafka's clients take."""
        config = {"bootstrap.servers": self.servers, "security.protocol": self.security}
        if self._sasl:
            config["sasl.mechanism"] = self.mechanism
            config["sasl.username"], config["sasl.password"] = self.user, self.password
        files = {"ca": self.ca, "certificate": self.certificate, "key": self.key}
        if self._tls:
            config |= {f"ssl.{name}.location": str(file) for name, file in files.items() if file}
        return config

    @property
    def _tls(self) -> bool:
        return self.security.endswith("SSL")

    @property
    def _sasl(self) -> bool:
        return self.security.startswith("SASL")

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as error:  # ssl.SSLError is one
            raise PortFailed(f"Kafka's certificates cannot be used: {error}") from error
        return context
