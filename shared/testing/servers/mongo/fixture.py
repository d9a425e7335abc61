"""The server of a whole test session; a conftest or a test module imports it."""

from collections.abc import Callable, Iterator

import pytest

from shared.testing.servers import mongo


@pytest.fixture(scope="session")
def mongo_server(
    tmp_path_factory: pytest.TempPathFactory,
    record_testsuite_property: Callable[[str, object], None],
) -> Iterator[mongo.Server]:
    """One for all tests: each takes databases of its own."""
    with mongo.server(tmp_path_factory.mktemp("mongo")) as server:
        record_testsuite_property("mongo", server.against)
        yield server
