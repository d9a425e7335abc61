"""The MongoDB adapter keeps the ports' promises."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.mongo import MongoPeople, MongoViews
from shared.testing.contracts.finding import FindingContract
from shared.testing.contracts.people import PeopleContract
from shared.testing.contracts.views import GenerationsContract, ViewsContract
from shared.testing.servers.mongo import Server
from shared.testing.servers.mongo.fixture import mongo_server
from tests.adapters.mongo_databases import database

__all__ = ["mongo_server"]
pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]


class TestMongoViews(ViewsContract, GenerationsContract, FindingContract):
    @pytest.fixture
    async def views(self, mongo_server: Server) -> AsyncIterator[MongoViews]:
        async with database(mongo_server) as (mongo, name):
            yield await MongoViews.of(mongo, name)


class TestMongoPeople(PeopleContract):
    @pytest.fixture
    async def people(self, mongo_server: Server) -> AsyncIterator[MongoPeople]:
        async with database(mongo_server) as (mongo, name):
            yield await MongoPeople.of(mongo, name)
