"""JSON Web Tokens: who asks, in which role, for which partner. Verified on every request."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, get_args

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey
from pydantic import TypeAdapter, ValidationError

from shared.contracts.ids import Id
from shared.kernel.errors import Incompatible, Malformed
from shared.runtime.http import Caller, Role
from shared.runtime.settings import Settings

LOCAL, AUDIENCE, ALGORITHMS = "qudao-local", "qudao", ["Ed25519", "ES256", "RS256"]
MONTH = 30 * 24 * 3600
LEEWAY = 60
REMEMBERED = 4_096  # tokens whose signature was looked at
KEY = Path("keys/issuer.json")
LONGEST = 200  # characters of a subject
OWNER: TypeAdapter[str] = TypeAdapter(Id)


class Unauthorized(Exception):
    """No token, or none that we trust; never says which."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs with the key of this data folder: the command line, the demo and tests."""

    key: OKPKey

    @classmethod
    def of(cls, folder: Path, *, make: bool = True) -> "Issuer":
        """`make`: the first to ask makes the key; in production it is there, or nobody starts."""
        path = folder / KEY
        if not (path.exists() or make):
            raise Incompatible(f"{path} is missing: `qudao token` makes one, for every process")
        if not path.exists():
            _made(path)
        with _readable(path):
            return cls(OKPKey.import_key(json.loads(path.read_text())))

    @staticmethod
    def kept(folder: Path) -> bool:
        return (folder / KEY).exists()

    def token(self, caller: Caller, seconds: int = MONTH) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": LOCAL,
            "aud": AUDIENCE,
            "sub": caller.subject,
            "role": caller.role,
            "regions": list(caller.regions),
            "iat": now,
            "exp": now + seconds,
        }
        if caller.partner_id:
            claims["partner_id"] = caller.partner_id
        return jwt.encode({"alg": "Ed25519", "kid": "local"}, claims, self.key, ["Ed25519"])


@dataclass(frozen=True, slots=True)
class Verifier:
    """`keys` by issuer: the local one, and the OIDC provider of the installation.

    A signature is looked at once, as that costs more than the rest of a request; what a token
    claims, and until when, every time. Tokens that nobody signed are not remembered.
    """

    keys: dict[str, tuple[str, KeySet]]
    _signed: dict[tuple[str, bytes], dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings, issuer: Issuer) -> "Verifier":
        keys = {LOCAL: (AUDIENCE, KeySet([issuer.key]))}
        return cls(keys | provided(settings))

    def caller(self, authorization: str | None) -> Caller:
        scheme, _, raw = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized
        for issuer, (audience, keys) in self.keys.items():
            claims = self._claims(raw.strip(), issuer, keys)
            if claims and _valid(claims, issuer, audience):
                return _caller(issuer, claims)
        raise Unauthorized

    def _claims(self, raw: str, issuer: str, keys: KeySet) -> dict[str, Any] | None:
        token = issuer, sha256(raw.encode()).digest()
        if (known := self._signed.get(token)) is not None:
            return known
        if claims := _signed(raw, keys):
            self._signed[token] = claims
            if len(self._signed) > REMEMBERED:
                del self._signed[next(iter(self._signed))]
        return claims


def provided(settings: Settings) -> dict[str, tuple[str, KeySet]]:
    """By its issuer: what the provider of the installation signs with, if there is one."""
    if not (settings.oidc_issuer and settings.oidc_jwks):
        return {}
    with _readable(settings.oidc_jwks):
        public = KeySet.import_key_set(json.loads(settings.oidc_jwks.read_text()))
    return {settings.oidc_issuer: (settings.oidc_audience, public)}


def _made(path: Path) -> None:
    """Of processes that start at once one makes it, and it is whole when it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = OKPKey.generate_key("Ed25519", parameters={"kid": "local"}, private=True)
    with NamedTemporaryFile("w", dir=path.parent) as file:  # for its owner only
        json.dump(fresh.as_dict(private=True), file)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (JoseError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Incompatible(f"{path} holds no key: {type(error).__name__}") from error


def _signed(raw: str, keys: KeySet) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(raw, keys, ALGORITHMS).claims)
    except (JoseError, ValueError):
        return None


def _valid(claims: dict[str, Any], issuer: str, audience: str) -> bool:
    registry = jwt.JWTClaimsRegistry(
        now=int(time.time()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        registry.validate(claims)
    except (JoseError, ValueError):
        return False
    return True


def _caller(issuer: str, claims: dict[str, Any]) -> Caller:
    try:
        return known(
            role=claims.get("role"),
            subject=claims["sub"],
            partner_id=claims.get("partner_id"),
            regions=claims.get("regions") or (),
            issuer=issuer,
        )
    except Malformed as error:
        raise Unauthorized from error


def known(
    *, role: object, subject: object, partner_id: object, regions: object, issuer: str = LOCAL
) -> Caller:
    """A caller from untyped claims; a partner always has a partner id, nobody else does."""
    spelled = str(role).lower().replace("_", "-").replace(" ", "-").removeprefix("channel-")
    if spelled not in get_args(Role):
        raise Malformed("role-unknown", f"one of {', '.join(get_args(Role))}")
    if not (isinstance(subject, str) and 0 < len(subject) <= LONGEST):
        raise Malformed("subject-missing", "say who it is for (sub)")
    owner = _owner(partner_id)
    if (spelled == "partner") != (owner is not None):
        raise Malformed(
            "partner-missing", "a partner_id belongs to the role partner, and to it only"
        )
    if not isinstance(regions, list | tuple):
        raise Malformed("regions-malformed", "a list of regions")
    return Caller(
        issuer=issuer,
        subject=subject,
        role=spelled,  # type: ignore[arg-type]
        partner_id=owner,
        regions=tuple(map(str, regions)),
    )


def _owner(partner_id: object) -> str | None:
    try:
        return OWNER.validate_python(partner_id, strict=True)
    except ValidationError:
        return None
