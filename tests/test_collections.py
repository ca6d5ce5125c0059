"""The client's promises to MongoDB, and the collections that `migrate` makes, over both drivers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from bson import Int64
from pymongo.errors import DuplicateKeyError, WriteError
from pymongo.monitoring import CommandStartedEvent

from datasources.collections import COLLECTIONS, make_again, migrate
from datasources.embedded import Addresses
from datasources.mongo import Mongo
from tests.api import NOW, CommandLog, fresh_name
from tests.drivers import BOTH_DRIVERS, DRIVER_NAMES

COUNTER = {"_id": "facility", "value": Int64(1)}


class Commands(CommandLog):
    """Whole commands by their name, the last of each."""

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, Any] = {}

    def started(self, event: CommandStartedEvent) -> None:
        self.last[event.command_name] = event.command


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture(scope="module", params=BOTH_DRIVERS, ids=DRIVER_NAMES)
def driver(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
async def migrated(driver: Any, servers: Addresses) -> AsyncIterator[Mongo]:
    """A migrated database of this file; every test leaves it so."""
    mongo = Mongo(servers.mongodb_url, database=fresh_name(), client_class=driver)
    await migrate(mongo)
    yield mongo
    await mongo.drop()
    await mongo.close()


async def made(mongo: Mongo) -> dict[str, tuple[Any, Any]]:
    """Validator and indexes of every collection."""
    found = await (await mongo.database.list_collections()).to_list(None)
    indexes = {
        entry["name"]: await mongo.database[entry["name"]].index_information() for entry in found
    }
    return {
        entry["name"]: (entry["options"].get("validator"), indexes[entry["name"]])
        for entry in found
    }


async def test_migrating_makes_every_collection_with_its_validator_and_indexes(
    migrated: Mongo,
) -> None:
    found = await made(migrated)

    assert found.keys() == {kind.name for kind in COLLECTIONS}
    for kind in COLLECTIONS:
        validator, indexes = found[kind.name]
        assert validator == kind.validator
        assert indexes.keys() == {"_id_", *(index.document["name"] for index in kind.indexes)}


async def test_migrating_again_changes_nothing_and_keeps_what_is_stored(migrated: Mongo) -> None:
    before = await made(migrated)
    await migrated["counters"].insert_one(COUNTER)

    await migrate(migrated)

    assert await made(migrated) == before
    assert await migrated["counters"].find_one({}) == COUNTER


async def test_a_start_where_all_is_made_reads_notes_and_one_listing(
    mongo: Mongo, commands: Commands
) -> None:
    await migrate(mongo)
    assert commands.last.keys() == {"find", "listCollections"}


async def test_what_was_dropped_is_made_again(migrated: Mongo) -> None:
    before = await made(migrated)
    await migrated["members"].drop()
    await migrated.database.command("collMod", "bills", validator={})
    await migrate(migrated)
    assert await made(migrated) == before

    await migrated["members"].drop_indexes()
    await make_again(migrated)  # which `kenshin migrate` does: an index is in no listing
    assert await made(migrated) == before


async def test_processes_may_migrate_at_the_same_time(migrated: Mongo) -> None:
    before = await made(migrated)
    await migrated.drop()

    await asyncio.gather(*(migrate(migrated) for _ in range(3)))

    assert await made(migrated) == before


@pytest.mark.parametrize("kind", COLLECTIONS, ids=lambda kind: kind.name)
async def test_a_document_without_what_it_must_have_is_refused(mongo: Mongo, kind: Any) -> None:
    with pytest.raises(WriteError, match="Document failed validation"):
        await mongo[kind.name].insert_one({"stray": 1})
    assert await mongo[kind.name].count_documents({"stray": 1}) == 0


async def test_a_value_of_another_type_is_refused(mongo: Mongo) -> None:
    with pytest.raises(WriteError, match="Document failed validation"):
        await mongo["counters"].insert_one(COUNTER | {"value": "1"})
    await mongo["counters"].insert_one(COUNTER)
    with pytest.raises(WriteError, match="Document failed validation"):
        await mongo["counters"].update_one({}, {"$set": {"value": 1.5}})
    assert await mongo["counters"].find_one({}) == COUNTER


async def test_two_members_of_a_portal_cannot_have_one_login(mongo: Mongo) -> None:
    member = {
        "portal": "hepco",
        "loginId": "Carol",
        "loginKey": "carol",
        "passwordHash": "",
        "state": "ACTIVE",
        "profile": {},
    }
    await mongo["members"].insert_one(member | {"_id": "1"})

    with pytest.raises(DuplicateKeyError):
        await mongo["members"].insert_one(member | {"_id": "2"})
    await mongo["members"].insert_one(member | {"_id": "3", "portal": "jtb"})


async def test_writes_are_journalled_by_a_majority_and_retryable(
    mongo: Mongo, commands: Commands
) -> None:
    await mongo["counters"].insert_one(COUNTER)

    assert mongo.write_concern.document == {"w": "majority", "j": True}
    assert commands.last["insert"]["writeConcern"] == {"w": "majority", "j": True}
    assert "txnNumber" in commands.last["insert"]  # which lets the server know a second attempt


async def test_reads_see_what_a_majority_has(mongo: Mongo, commands: Commands) -> None:
    await mongo["counters"].find_one({})

    assert mongo.read_concern.document == {"level": "majority"}
    assert commands.last["find"]["readConcern"]["level"] == "majority"


async def test_a_transaction_reads_and_commits_with_the_same_promises(
    mongo: Mongo, commands: Commands
) -> None:
    async def work(session: Any) -> str:
        found = await mongo["counters"].find_one({}, session=session)
        assert found is None
        await mongo["counters"].insert_one(COUNTER, session=session)
        return "done"

    assert await mongo.transaction(work) == "done"

    assert commands.last["find"]["startTransaction"] is True
    assert commands.last["find"]["readConcern"]["level"] == "majority"
    assert commands.last["commitTransaction"]["writeConcern"] == {"w": "majority", "j": True}
    assert await mongo["counters"].find_one({}) == COUNTER


async def test_a_transaction_that_fails_leaves_nothing(mongo: Mongo) -> None:
    async def work(session: Any) -> None:
        await mongo["counters"].insert_one(COUNTER, session=session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await mongo.transaction(work)

    assert await mongo["counters"].count_documents({}) == 0


async def test_instants_come_back_with_their_zone(mongo: Mongo) -> None:
    token = {"_id": b"1", "name": "mdms", "createdAt": NOW}
    await mongo["serviceTokens"].insert_one(token)

    assert await mongo["serviceTokens"].find_one({}) == token
