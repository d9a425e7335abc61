"""The KurrentDB adapter keeps the port's promises, on whatever server could be had."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from shared.testing.contracts.store import EventStoreContract
from shared.testing.servers.kurrent import Server, server
from tests.adapters.kurrent import Named, fresh, opened


@pytest.fixture(scope="module")
def kurrent(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    record_testsuite_property: Callable[[str, object], None],
) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("kurrent")) as running:
        record_testsuite_property("kurrent", running.against)
        if terminal := request.config.pluginmanager.get_plugin("terminalreporter"):
            terminal.write_line(f"\nkurrent: {running.against}")
        yield running


class TestKurrentStore(EventStoreContract):
    @pytest.fixture
    async def store(self, kurrent: Server) -> AsyncIterator[Named]:
        context = fresh()
        async with opened(kurrent.uri, context) as store:
            yield Named(store, context)
