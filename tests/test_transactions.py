"""Transactions that meet: the later one waits a moment before it tries again."""

import asyncio
from typing import Any

import pytest
from bson import Int64
from pymongo.errors import InvalidOperation, NetworkTimeout, OperationFailure

from datasources.mongo import Mongo
from tests.drivers import over_both_drivers

BUSY = OperationFailure("busy", 112, {"errorLabels": ["TransientTransactionError"]})

pytestmark = over_both_drivers


async def test_attempts_are_made_after_pauses_until_the_way_is_free(
    mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep, pauses = asyncio.sleep, list[float]()

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    attempts: list[Any] = []

    async def work(session: Any) -> str:
        attempts.append(session)
        if len(attempts) < 9:
            raise BUSY
        return "done"

    assert await mongo.transaction(work) == "done"

    waited = [seconds for seconds in pauses if seconds > 0]
    assert len(attempts) == 9
    assert len(waited) == 8
    assert max(waited) < 0.5


async def test_increments_at_the_same_time_are_all_counted(mongo: Mongo) -> None:
    async def increment(session: Any) -> None:
        found = await mongo["counters"].find_one({"_id": "all"}, session=session)
        value = found["value"] if found else 0
        await mongo["counters"].replace_one(
            {"_id": "all"}, {"value": Int64(value + 1)}, upsert=True, session=session
        )

    await asyncio.gather(*(mongo.transaction(increment) for _ in range(6)))

    assert (await mongo["counters"].find_one({"_id": "all"}))["value"] == 6


async def test_one_that_is_cut_off_while_it_is_aborted_did_not_end_in_time(
    mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def aborted_twice(_: Any) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise InvalidOperation("Cannot call abortTransaction twice") from None

    async def misused(_: Any) -> None:
        raise InvalidOperation("no such thing")

    with pytest.raises(InvalidOperation, match="no such thing"):
        await mongo.transaction(misused)
    monkeypatch.setattr(mongo, "_transaction_seconds", 0.01)
    with pytest.raises(NetworkTimeout):
        await mongo.transaction(aborted_twice)
