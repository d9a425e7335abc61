"""Blobs in S3-compatible storage."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from obstore.exceptions import BaseError, GenericError
from obstore.store import S3Store

from shared.adapters.blobs.naming import is_name, named, whole
from shared.kernel.errors import PortFailed, Unreachable

FEW: Any = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=5),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=1),
        "base": 2,
    },
}
TIMES = {"connect_timeout": "3s", "timeout": "60s"}


class S3Blobs:
    """`url` is `s3://bucket` or `s3://bucket/prefix`; the bucket must be there.

    Without a key the environment is asked, as everything for S3 does.
    """

    def __init__(
        self,
        url: str,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        key: str | None = None,
        secret: str | None = None,
    ) -> None:
        self.name = url
        given = {
            "endpoint": endpoint,
            "region": region,
            "access_key_id": key,
            "secret_access_key": secret,
        }
        known: Any = {option: value for option, value in given.items() if value}
        options: Any = {**TIMES, "allow_http": (endpoint or "").startswith("http://")}
        bucket, prefix = _bucket(url)
        with self._told():
            self._store = S3Store(
                bucket,
                prefix=prefix or None,
                client_options=options,
                retry_config=FEW,
                checksum_algorithm="SHA256",
                **known,
            )

    async def put(self, data: bytes) -> str:
        name = named(data)
        with self._told():
            await self._store.put_async(name, data)
        return name

    async def get(self, name: str) -> bytes | None:
        """None also for what can be no name."""
        if not is_name(name):
            return None
        with self._told():
            try:
                found = await (await self._store.get_async(name)).bytes_async()
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                return None
        return whole(name, bytes(found), f"{self.name}/{name}")

    async def delete(self, name: str) -> bool:
        if not is_name(name):
            return False
        with self._told():
            try:
                await self._store.head_async(name)
            except FileNotFoundError:
                return False
            await self._store.delete_async(name)
        return True

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            reason = f"{self.name}: {str(error).partition('Debug source')[0].strip()}"
            kind = Unreachable if isinstance(error, GenericError) else PortFailed
            raise kind(reason) from error


def _bucket(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise PortFailed(f"{url} is not of the form s3://bucket/prefix")
    return parts.netloc, parts.path.strip("/")
