"""Both drivers of MongoDB: a file that marks its tests so has the fixture `mongo` of each."""

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from datasources.mongo import AsyncMongoClient

BOTH_DRIVERS = (AsyncIOMotorClient, AsyncMongoClient)
DRIVER_NAMES = ("motor", "pymongo")

over_both_drivers = pytest.mark.parametrize("driver", BOTH_DRIVERS, ids=DRIVER_NAMES)
