"""`bed`: the smallest platform with routes; the partners and the gateway."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.testing.platform import Bed, platform


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path, contexts=("partners", "gateway")) as bed:
        yield bed
