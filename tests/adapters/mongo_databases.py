"""Databases that one test has to itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

from pymongo import MongoClient

from shared.adapters.mongo import Mongo
from shared.testing.servers.mongo import Server


def beside(server: Server) -> "MongoClient[dict[str, Any]]":
    """Past the adapter, for what only tests do."""
    return MongoClient(server.uri)


@asynccontextmanager
async def database(server: Server) -> AsyncIterator[tuple[Mongo, str]]:
    """A deployment and the name of a database that is not there yet.

    It goes with a server of our own, and is dropped on one that stays.
    """
    name = f"test_{token_hex(6)}"
    async with Mongo(server.uri) as mongo:
        try:
            yield mongo, name
        finally:
            if not server.restartable:
                db = mongo.database(name)
                await db.client.drop_database(db)
