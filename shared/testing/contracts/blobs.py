"""The contract of the blobs: named by what is in them."""

import asyncio
from collections.abc import Callable
from hashlib import sha256

import pytest

from shared.kernel.errors import PortFailed
from shared.kernel.ports import Blobs

NOBODY = sha256(b"nobody put this").hexdigest()


class BlobsContract:
    """`damage` does to a blob, named, what a bad disk does."""

    @pytest.mark.parametrize("data", [b"", b"evidence", bytes(range(256)) * 20_000])
    async def test_what_was_put_is_got_by_its_hash(self, blobs: Blobs, data: bytes) -> None:
        name = await blobs.put(data)
        assert name == sha256(data).hexdigest()
        assert await blobs.get(name) == data

    async def test_the_same_bytes_again_are_the_same_blob(self, blobs: Blobs) -> None:
        names = {await blobs.put(b"photo") for _ in range(2)}
        assert len(names) == 1
        assert [await blobs.delete(names.pop()) for _ in range(1)] == [True]
        assert await blobs.get(sha256(b"photo").hexdigest()) is None

    async def test_what_is_not_there_is_none(self, blobs: Blobs) -> None:
        assert await blobs.get(NOBODY) is None
        assert await blobs.delete(NOBODY) is False

    async def test_what_was_deleted_is_gone_and_nothing_else(self, blobs: Blobs) -> None:
        one, two = await blobs.put(b"one"), await blobs.put(b"two")
        assert [await blobs.delete(one), await blobs.delete(one)] == [True, False]
        assert [await blobs.get(one), await blobs.get(two)] == [None, b"two"]
        assert await blobs.put(b"one") == one
        assert await blobs.get(one) == b"one"

    @pytest.mark.parametrize("name", ["", "../../etc/passwd", "x" * 64, NOBODY.upper(), "/"])
    async def test_what_is_no_name_names_nothing(self, blobs: Blobs, name: str) -> None:
        assert await blobs.get(name) is None
        assert await blobs.delete(name) is False

    async def test_many_at_once(self, blobs: Blobs) -> None:
        many = [f"{n % 25}".encode() for n in range(50)]
        names = await asyncio.gather(*map(blobs.put, many))
        assert await asyncio.gather(*map(blobs.get, names)) == many

    async def test_damaged_bytes_are_not_handed_out(
        self, blobs: Blobs, damage: Callable[[str], None]
    ) -> None:
        name = await blobs.put(b"evidence")
        damage(name)
        with pytest.raises(PortFailed, match=name):
            await blobs.get(name)
        await blobs.put(b"evidence")
        assert await blobs.get(name) == b"evidence"
