"""A bed: partners and orders, embedded, on a hand-turned clock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.testing.platform import Bed, platform


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path, contexts=("partners", "orders")) as bed:
        yield bed
