"""Views and people in MongoDB: a replica set of version 8 or newer, the same promises."""

from shared.adapters.mongo.people import MongoPeople
from shared.adapters.mongo.server import Mongo
from shared.adapters.mongo.views import MongoViews

__all__ = ["Mongo", "MongoPeople", "MongoViews"]
