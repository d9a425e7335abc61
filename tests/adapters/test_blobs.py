"""Blobs in a folder and in S3-compatible storage keep the port's promises."""

import asyncio
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from obstore.store import S3Store

from shared.adapters.blobs import FolderBlobs
from shared.adapters.blobs.s3 import S3Blobs
from shared.kernel.errors import PortFailed, Unreachable
from shared.testing.contracts.blobs import NOBODY, BlobsContract
from shared.testing.servers import s3
from shared.testing.servers.s3 import Storage

Damage = Callable[[str], None]
PREFIX = "some/where"
MEGABYTE = 1024 * 1024


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def opened(storage: Storage, url: str = f"s3://{s3.BUCKET}/{PREFIX}") -> S3Blobs:
    known = {"region": storage.region, "key": storage.key, "secret": storage.secret}
    return S3Blobs(url, endpoint=storage.endpoint, **known)


class TestFolderBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> FolderBlobs:
        return FolderBlobs(tmp_path / "blobs")

    @pytest.fixture
    def damage(self, tmp_path: Path) -> Damage:
        def damage(name: str) -> None:
            path = tmp_path / "blobs" / name[:2] / name[2:4] / name
            path.write_bytes(path.read_bytes()[:-1])

        return damage

    async def test_two_levels_of_folders_and_nothing_left_over(
        self, blobs: FolderBlobs, tmp_path: Path
    ) -> None:
        names = [await blobs.put(data) for data in (b"one", b"two", b"one")]
        assert files(tmp_path / "blobs") == sorted({f"{n[:2]}/{n[2:4]}/{n}" for n in names})

    async def test_a_disk_that_cannot_write_is_a_failed_port_and_no_blob(
        self, blobs: FolderBlobs, tmp_path: Path
    ) -> None:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTE, before[1]))
        try:
            with pytest.raises(PortFailed, match="too large"):
                await blobs.put(b"x" * (MEGABYTE + 1))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert [one for one in files(tmp_path / "blobs") if "incoming" not in one] == []

    def test_a_place_that_is_no_folder_is_a_failed_port(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(PortFailed, match="file"):
            FolderBlobs(tmp_path / "file")


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with s3.storage(tmp_path_factory.mktemp("s3")) as storage:
        yield storage


@pytest.mark.servers
@pytest.mark.slow
class TestS3Blobs(BlobsContract):
    @pytest.fixture
    def blobs(self, storage: Storage) -> S3Blobs:
        return opened(storage)

    @pytest.fixture
    def damage(self, storage: Storage) -> Damage:
        beside = S3Store(
            s3.BUCKET,
            prefix=PREFIX,
            endpoint=storage.endpoint,
            region=storage.region,
            access_key_id=storage.key,
            secret_access_key=storage.secret,
            client_options={"allow_http": True},
        )

        def damage(name: str) -> None:
            beside.put(name, b"evil")

        return damage

    async def test_a_bucket_may_be_all_ours(self, storage: Storage) -> None:
        blobs = opened(storage, f"s3://{s3.BUCKET}")
        assert await blobs.get(await blobs.put(b"one")) == b"one"

    async def test_a_missing_bucket_is_a_failed_port_not_a_missing_blob(
        self, storage: Storage
    ) -> None:
        blobs = opened(storage, "s3://no-such-bucket")
        for asked in (blobs.put(b"one"), blobs.get(NOBODY)):
            with pytest.raises(PortFailed, match="NoSuchBucket") as failed:
                await asked
            assert not isinstance(failed.value, Unreachable)

    @pytest.mark.parametrize("url", ["", "bucket", "s3://", "http://bucket/x"])
    def test_an_address_of_another_form_is_told(self, url: str) -> None:
        with pytest.raises(PortFailed, match="s3://bucket"):
            S3Blobs(url)

    async def test_a_storage_that_is_gone_is_unreachable_and_heals(self, tmp_path: Path) -> None:
        with s3.storage(tmp_path) as storage:
            blobs = opened(storage)
            await asyncio.to_thread(storage.stop)
            for asked in (blobs.put(b"one"), blobs.get(NOBODY), blobs.delete(NOBODY)):
                with pytest.raises(Unreachable):
                    await asked
            await asyncio.to_thread(storage.start)
            assert await blobs.get(await blobs.put(b"one")) == b"one"
