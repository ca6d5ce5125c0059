"""Both drivers of MongoDB: a file that marks its tests so has the fixture `mongo` of each."""

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from datasources.mongo import AsyncMongoClient

over_both_drivers = pytest.mark.parametrize(
    "driver", [AsyncIOMotorClient, AsyncMongoClient], ids=["motor", "pymongo"]
)
