"""`case`: a fresh platform on a hand-turned clock that keeps a journal of requests and answers."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.notifications.domain.outgoing.endpoint import KINDS
from services.notifications.tests.postoffice import PostOffice
from shared.testing.platform import Bed, platform
from tests.cases.journal import JOURNAL


@pytest.fixture
def outside() -> PostOffice:
    """Where all that leaves the house arrives."""
    return PostOffice()


@pytest.fixture
async def case(
    request: pytest.FixtureRequest, tmp_path: Path, outside: PostOffice
) -> AsyncIterator[Bed]:
    marker = request.node.get_closest_marker("case")
    told_by = marker.kwargs if marker else {}
    start = {"at": told_by["at"]} if "at" in told_by else {}
    carriers = dict.fromkeys(KINDS, outside)
    async with platform(tmp_path, carriers=carriers, **start) as bed:
        yield bed
        if told_by.get("again", True):
            await asked_again_tomorrow(bed)
        if marker:
            title = (request.function.__doc__ or request.node.name).strip().splitlines()[0]
            told = f"{marker.args[0]} {title}", bed.journal
            request.node.user_properties.append((JOURNAL, told))


async def asked_again_tomorrow(bed: Bed) -> None:
    """Whoever was not answered asks again, on another day too, when everything has gone on: what
    was done is answered as done.
    """
    assert bed.house.turn is not None
    bed.house.turn.set(bed.platform.clock() + timedelta(days=1))
    for asked in bed.done:
        answer = await bed.http.request(**asked)
        assert answer.is_success, f"{asked['method']} {asked['url']}: {answer.text}"
