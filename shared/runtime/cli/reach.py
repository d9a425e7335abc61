"""Commands on data: through the running `up` if the folder's lock names one, else hosted here."""

import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from httpx2 import ASGITransport, AsyncClient, Response

from shared.contracts.ids import named
from shared.runtime.app import build
from shared.runtime.hosting import opened
from shared.runtime.http import REPLAYED, Caller
from shared.runtime.settings import Settings
from shared.runtime.tokens import LOCAL, Issuer

PATIENCE = 600.0
OPERATOR = Caller(issuer=LOCAL, subject="qudao-cli", role="operations")


class Locked(Exception):
    """Another process owns this data folder, and does not say where it listens."""


class Answered(Exception):
    """The platform answered with a problem."""

    def __init__(self, answer: Response) -> None:
        told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        self.slug = str(told.get("slug", answer.status_code))
        wrong = "; ".join(f"{one['pointer']}: {one['detail']}" for one in told.get("errors", ()))
        why = wrong or told.get("detail") or told.get("title") or answer.text
        super().__init__(f"{self.slug}: {why}")
        self.status, self.problem = answer.status_code, told


class Platformed:
    """A client of the whole API, as the operator of this folder."""

    def __init__(self, http: AsyncClient) -> None:
        self.http = http

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        given = {name: value for name, value in params.items() if value is not None}
        return _checked(await self.http.get(path, params=given))

    async def post(self, path: str, body: object, *, key: str, **params: Any) -> dict[str, Any]:
        """`key` is the Idempotency-Key: the same again is answered, not done again."""
        headers = {"Idempotency-Key": key}
        return _checked(await self.http.post(path, json=body, headers=headers, params=params))

    async def before(self, path: str, body: object, *, key: str) -> bool:
        """Ask like `post`; say whether it had been done before."""
        headers = {"Idempotency-Key": key}
        answer = await self.http.post(path, json=body, headers=headers)
        _checked(answer)
        return REPLAYED in answer.headers

    async def forget(self, person: UUID) -> dict[str, Any]:
        headers = {"Idempotency-Key": once("forget", person)}
        return _checked(await self.http.delete(f"/v1/people/{person}", headers=headers))

    async def settle(self, seconds: float = 300) -> dict[str, Any]:
        return await self.get("/v1/settled", timeout=seconds)

    async def pages(self, path: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            page = await self.get(path, cursor=cursor, limit=200, **params)
            for item in page["items"]:
                yield item
            if (cursor := page.get("cursor")) is None:
                return


def once(*parts: object) -> str:
    """An Idempotency-Key that is the same for the same thing."""
    return str(named("qudao-cli", *parts))


@asynccontextmanager
async def reached(settings: Settings) -> AsyncIterator[Platformed]:
    if settings.gateway:
        async with _client(settings, base_url=settings.gateway) as http:
            yield Platformed(http)
        return
    if address := running(settings.data):
        async with _client(settings, base_url=address) as http:
            yield Platformed(http)
        return
    with owned(settings.data):
        async with opened(settings) as house:
            transport = ASGITransport(build(house))
            async with _client(settings, base_url="http://here", transport=transport) as http:
                yield Platformed(http)


def _client(settings: Settings, **how: Any) -> AsyncClient:
    token = settings.secret("token") or Issuer.of(settings.data).token(OPERATOR)
    return AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE, **how)


def running(folder: Path) -> str | None:
    """The address of the `up` that owns this folder, if one does; roles only share it."""
    path = folder / "lock"
    if not path.exists():
        return None
    with path.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            told = json.loads(file.read() or "{}")
            if "address" not in told:
                raise Locked(f"{folder} is in use by process {told.get('pid')}") from None
            return str(told["address"])
    return None


@contextmanager
def owned(folder: Path, address: str | None = None) -> Iterator[None]:
    """One process at a time owns a folder; its lock says where it listens."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(f"{folder} is in use by another process") from None
        told = {"pid": os.getpid()} | ({"address": address} if address else {})
        file.truncate(0)
        file.write(json.dumps(told))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


@contextmanager
def shared(folder: Path) -> Iterator[None]:
    """Several roles may work on a folder, but none beside who owns it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(f"{folder} is in use by another process") from None
        yield


def _checked(answer: Response) -> dict[str, Any]:
    if answer.is_error:
        raise Answered(answer)
    found: dict[str, Any] = answer.json()
    return found
