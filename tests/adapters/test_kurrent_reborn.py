"""`qudao reincarnate`: a restored KurrentDB tells every reader that its life began anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.kernel.errors import Incompatible
from shared.runtime.cli.reincarnate import reborn
from shared.runtime.settings import Settings
from shared.testing.servers.kurrent.double import Double
from tests.adapters.kurrent import doubled, opened


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    async with doubled(Double()) as double:
        yield double


async def test_those_that_are_named_begin_another_life(double: Double, tmp_path: Path) -> None:
    async def lives() -> list[str]:
        found = []
        for context in ("orders", "leads"):
            async with opened(double.uri, context) as store:
                found.append(store.incarnation)
        return found

    before = await lives()
    told = await reborn(Settings(data=tmp_path, kurrent=double.uri), ["orders"])
    after = await lives()
    assert told == ["orders"]
    assert (after[0] != before[0], after[1] == before[1]) == (True, True)


async def test_a_folder_is_restored_by_another_command(tmp_path: Path) -> None:
    with pytest.raises(Incompatible, match="qudao restore"):
        await reborn(Settings(data=tmp_path, kurrent=None), ["orders"])
