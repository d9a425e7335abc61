"""Tokens: one that is not exactly right opens nothing, and is not told why."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from shared.kernel.errors import Malformed
from shared.runtime.http import Caller
from shared.runtime.settings import Settings
from shared.runtime.tokens import (
    AUDIENCE,
    LEEWAY,
    LOCAL,
    REMEMBERED,
    Issuer,
    Unauthorized,
    Verifier,
    known,
)
from shared.testing.platform import Bed

GOOD: dict[str, Any] = {"iss": LOCAL, "aud": AUDIENCE, "sub": "pat", "role": "manager"}
KID = {"alg": "Ed25519", "kid": "local"}


def now() -> int:
    return int(time.time())  # noqa: TID251 - the life of a token is the machine's business


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(issuer: Issuer, without: str = "", **other: Any) -> str:
    claims = {**GOOD, "iat": now(), "exp": now() + 60, **other}
    claims.pop(without, None)
    return jwt.encode(KID, claims, issuer.key, ["Ed25519"])


def wrong_claims(issuer: Issuer) -> Iterator[str]:
    yield from (signed(issuer, without=claim) for claim in ("iss", "aud", "exp", "sub", "role"))
    yield signed(issuer, exp=now() - 3_600)
    yield signed(issuer, exp="never")
    yield signed(issuer, nbf=now() + 3_600)
    yield signed(issuer, iss="https://elsewhere")
    yield signed(issuer, iss=[LOCAL])
    yield signed(issuer, aud="other")
    yield signed(issuer, aud=[])
    yield signed(issuer, sub="")
    yield signed(issuer, sub=7)
    yield signed(issuer, role="god")
    yield signed(issuer, role=["manager"])
    yield signed(issuer, role="partner")
    yield signed(issuer, role="partner", partner_id="")
    yield signed(issuer, role="partner", partner_id="../p1")
    yield signed(issuer, role="partner", partner_id=["p1"])
    yield signed(issuer, partner_id="p1")
    yield signed(issuer, regions="east")


def wrong_signatures(issuer: Issuer) -> Iterator[str]:
    claims = {**GOOD, "exp": now() + 60}
    good = signed(issuer)
    head, body, signature = good.split(".")
    public = json.dumps(issuer.key.as_dict(private=False)).encode()
    yield f"{part({'alg': 'none'})}.{part(claims)}."
    yield f"{part({'alg': 'None', 'kid': 'local'})}.{part(claims)}.{signature}"
    yield f"{head}.{body}."
    yield f"{head}.{body}.{signature[:-4]}AAAA"
    yield f"{head}.{part({**claims, 'role': 'director'})}.{signature}"
    yield f"{part({'alg': 'ES256', 'kid': 'local'})}.{body}.{signature}"
    yield jwt.encode({"alg": "HS256", "kid": "local"}, claims, OctKey.import_key(public))
    stranger = OKPKey.generate_key("Ed25519", parameters={"kid": "local"})
    yield jwt.encode(KID, claims, stranger, ["Ed25519"])
    yield jwt.encode({"alg": "RS256", "kid": "local"}, claims, RSAKey.generate_key(2048))
    yield jwt.encode({"alg": "ES256", "kid": "local"}, claims, ECKey.generate_key("P-256"))
    yield jwt.encode({**KID, "kid": "../../etc/passwd"}, claims, issuer.key, ["Ed25519"])
    jwk = {"jwk": stranger.as_dict(private=False)}
    yield f"{part({**KID, **jwk})}.{part(claims)}.{signature}"
    yield f"{part({**KID, 'jku': 'https://elsewhere'})}.{part(claims)}.{signature}"
    yield f"{part({**KID, 'crit': ['exp']})}.{body}.{signature}"
    yield f"{part({**KID, 'b64': False, 'crit': ['b64']})}.{body}.{signature}"


def payload_signed(issuer: Issuer, payload: bytes) -> str:
    """With our own signature: what only a bug of the issuer could make."""
    return jws.serialize_compact(KID, payload, issuer.key, ["Ed25519"])


def garbage(issuer: Issuer) -> Iterator[str]:
    head, body, signature = signed(issuer).split(".")
    yield from ("", "x", ".", "..", "...", "....", "a.b.c", "a.b.c.d.e", "null", "ü.ü.ü", "\t")
    odd: list[Any] = [[], None, "text", 7, {}, {"alg": 7}, {"alg": None}, {"kid": {}}]
    for header in [*odd, KID | {"kid": 7}]:
        yield f"{part(header)}.{body}.{signature}"
    for deep in (b"[" * 100_000, b'{"a":' * 50_000, b"\xff", b"NaN", b"9" * 5_000):
        yield f"{part(deep)}.{body}.{signature}"
    yield f"{head}.{body}.{signature}.{signature}"
    yield f"{head}.{body}.{signature}{'A' * 200_000}"
    yield "A" * 1_000_000
    yield f"{head}.{body}"
    yield f"{head} .{body}.{signature}"
    for payload in (b"[]", b"null", b'"text"', b"7", b"[" * 100_000, b"\xff", b"{"):
        yield payload_signed(issuer, payload)


def bad(issuer: Issuer) -> list[str]:
    return [*wrong_claims(issuer), *wrong_signatures(issuer), *garbage(issuer)]


async def test_every_bad_token_gets_the_same_answer(bed: Bed) -> None:
    tokens = bad(bed.house.issuer)
    assert len(tokens) >= 60
    answers = []
    for token in tokens:
        headers = [(b"Authorization", f"Bearer {token}".encode())]
        answers.append(await bed.http.get("/v1/me", headers=headers))
    missing = await bed.http.get("/v1/me")
    assert {(a.status_code, a.content) for a in answers} == {(401, missing.content)}


@pytest.mark.parametrize("scheme", ["", "Basic", "bearerx", "Token", "Bearer,"])
async def test_only_a_bearer_token_is_one(bed: Bed, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {bed.token()}"}
    assert (await bed.http.get("/v1/me", headers=headers)).status_code == 401


async def test_a_good_token_says_who_asks(bed: Bed) -> None:
    for form in ("Bearer {}", "bearer {}", "BEARER  {} "):
        headers = {"Authorization": form.format(signed(bed.house.issuer))}
        answer = await bed.http.get("/v1/me", headers=headers)
        assert (answer.status_code, answer.json()["role"]) == (200, "manager")


async def test_a_clock_that_is_a_little_off_locks_nobody_out(bed: Bed) -> None:
    late = signed(bed.house.issuer, exp=now() - 30)
    answer = await bed.http.get("/v1/me", headers={"Authorization": f"Bearer {late}"})
    assert answer.status_code == 200


async def test_anybody_may_be_anybody_where_the_doors_are_open(bed: Bed) -> None:
    wish = {"role": "channel manager", "sub": "pat", "regions": ["east"]}
    token = (await bed.http.post("/v1/tokens", json=wish)).json()["token"]
    me = await bed.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (me.json()["role"], me.json()["regions"]) == ("manager", ["east"])


@pytest.mark.parametrize(
    ("wish", "slug"),
    [
        ({"role": "god", "sub": "pat"}, "role-unknown"),
        ({"role": "partner", "sub": "pat"}, "partner-missing"),
        ({"role": "partner", "sub": "pat", "partner_id": ""}, "partner-missing"),
        ({"role": "partner", "sub": "pat", "partner_id": "a b"}, "partner-missing"),
        ({"role": "manager", "sub": "pat", "partner_id": "p1"}, "partner-missing"),
        ({"role": "manager", "sub": ""}, "subject-missing"),
        ({"role": "manager", "sub": "x" * 201}, "subject-missing"),
        ({"role": "manager"}, "request-malformed"),
    ],
)
async def test_a_wish_for_an_impossible_token_is_refused(
    bed: Bed, wish: dict[str, str], slug: str
) -> None:
    answer = await bed.http.post("/v1/tokens", json=wish)
    assert (answer.status_code, answer.json()["slug"]) == (422, slug)


def test_the_keys_of_another_issuer_open_for_its_tokens_only(tmp_path: Any) -> None:
    ours, theirs = Issuer.of(tmp_path / "ours"), Issuer.of(tmp_path / "theirs")
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [theirs.key.as_dict(private=False)]}))
    settings = Settings(data=tmp_path, oidc_issuer="https://idp", oidc_jwks=jwks)
    verifier = Verifier.of(settings, ours)
    told = verifier.caller(f"Bearer {signed(theirs, iss='https://idp')}")
    assert told == Caller(issuer="https://idp", subject="pat", role="manager")
    assert verifier.caller(f"Bearer {signed(ours)}").issuer == LOCAL
    for token in (signed(ours, iss="https://idp"), signed(theirs), signed(theirs, iss=LOCAL)):
        with pytest.raises(Unauthorized):
            verifier.caller(f"Bearer {token}")


def test_the_local_key_is_kept_and_is_nobody_elses_business(tmp_path: Any) -> None:
    first, again = Issuer.of(tmp_path), Issuer.of(tmp_path)
    assert first.key.as_dict(private=True) == again.key.as_dict(private=True)
    assert (tmp_path / "keys" / "issuer.json").stat().st_mode & 0o077 == 0


def test_who_has_no_role_is_nobody() -> None:
    with pytest.raises(Malformed):
        known(role=None, subject="pat", partner_id=None, regions=())


async def test_a_token_that_was_good_is_none_once_it_has_expired(tmp_path: Path) -> None:
    """Its signature was looked at before; its claims are looked at every time."""
    issuer = Issuer.of(tmp_path)
    verifier = Verifier.of(Settings(data=tmp_path), issuer)
    shown = f"Bearer {signed(issuer, exp=now() - LEEWAY + 3)}"
    assert verifier.caller(shown).subject == "pat"
    with pytest.raises(Unauthorized):
        for _ in range(300):
            verifier.caller(shown)
            await asyncio.sleep(0.1)


def test_what_was_said_of_one_token_is_not_believed_of_another(tmp_path: Path) -> None:
    issuer = Issuer.of(tmp_path)
    verifier = Verifier.of(Settings(data=tmp_path), issuer)
    good = signed(issuer)
    assert verifier.caller(f"Bearer {good}").subject == "pat"
    head, claims, signature = good.split(".")
    for forged in (
        f"{head}.{part({**GOOD, 'sub': 'eve', 'exp': now() + 60})}.{signature}",
        f"{head}.{claims}.{part(bytes(64))}",
    ):
        with pytest.raises(Unauthorized):
            verifier.caller(f"Bearer {forged}")


def test_of_many_tokens_only_the_last_are_remembered(tmp_path: Path) -> None:
    issuer = Issuer.of(tmp_path)
    verifier = Verifier.of(Settings(data=tmp_path), issuer)
    for number in range(REMEMBERED):
        verifier._signed[("", number.to_bytes(4, "big"))] = {}
    for name in ("pat", "eve"):
        assert verifier.caller(f"Bearer {signed(issuer, sub=name)}").subject == name
    assert len(verifier._signed) == REMEMBERED
