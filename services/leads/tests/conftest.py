"""`bed`: partners and leads on a hand-turned clock; A and B share the east, 2 to 1."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.leads.tests.asking import RULE, enrol
from shared.testing.platform import Bed, platform


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    """Monday 09:00 in Shanghai; A and B share the east."""
    async with platform(tmp_path, contexts=("partners", "leads")) as bed:
        for partner in "AB":
            await enrol(bed, partner)
        await bed.post("/v1/lead-rules", RULE, expect=201)
        await bed.settle()
        yield bed
