"""An authority for one test, and who it vouches for; PEM files that servers and clients take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pair:
    """`both` is the key and the certificate in one file, as Kafka's brokers take it."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder, self._name = folder, _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.ca = folder / f"{name}.pem"
        self.ca.write_bytes(self._vouched(self._name, self._key.public_key(), ca=True))

    def pair(self, name: str, *hosts: str) -> Pair:
        """For somebody at the loopback address, and of these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._vouched(_name(name), key.public_key(), ca=False, hosts=hosts)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        files = [self._folder / f"{name}{end}.pem" for end in ("", "-key", "-both")]
        for file, content in zip(files, (certificate, secret, secret + certificate), strict=True):
            file.write_bytes(content)
        return Pair(*files)

    def _vouched(
        self,
        who: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        ca: bool,
        hosts: Sequence[str] = (),
    ) -> bytes:
        names = [x509.IPAddress(ip_address("127.0.0.1")), *map(x509.DNSName, hosts)]
        loopback = x509.SubjectAlternativeName(names)
        made = (
            x509.CertificateBuilder(self._name, who, key, x509.random_serial_number())
            .not_valid_before(SINCE)
            .not_valid_after(UNTIL)
            .add_extension(loopback, critical=False)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(self._key, SHA256())
        )
        return made.public_bytes(Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
