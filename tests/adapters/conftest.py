"""What the adapters' tests share: a real broker, and a corner of it for each test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from shared.testing.servers.fixtures import kafka_broker as kafka_broker  # noqa: PLC0414
from shared.testing.servers.kafka import Broker
from tests.adapters.kafka_bed import Corner


@pytest.fixture
async def corner(kafka_broker: Broker) -> AsyncIterator[Corner]:
    async with AsyncExitStack() as stack:
        corner = Corner(kafka_broker.servers, stack)
        stack.push_async_callback(corner.cleared)
        yield corner
