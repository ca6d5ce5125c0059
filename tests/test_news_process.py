"""`kenshin serve` killed while it tells of bills: others go on, and nobody is told twice (NO-1)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from datasources.collections import migrate
from datasources.embedded import Addresses
from datasources.mongo import Mongo
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from domain.slots import TOKYO
from resolvers.news import tell_news
from resolvers.sources import Sources, open_sources, utc_now
from tests.api import fresh_name
from tests.billed import home_bill
from tests.command_line import CommandLine
from tests.messages import eventually_stored
from tests.serving import Served
from tests.world import World, password_hash

_BILLS = 600
_SECONDS = 30.0


@pytest.fixture
async def sources(servers: Addresses) -> AsyncIterator[Sources]:
    """Sources of a database of its own, with a real clock."""
    mongo = Mongo(servers.mongodb_url, database=fresh_name())
    await migrate(mongo)
    sources = open_sources(Settings(redis_url=servers.redis_url), mongo)
    yield sources
    await mongo.drop()
    await sources.close()


async def bills_for_a_member(sources: Sources) -> None:
    """Bills that came out today, of a member who wants mails."""
    profile = MemberProfile("検針 花子", None, "hanako@example.jp", None)
    member = await sources.members.put(
        "hepco", "hanako", password_hash(), MemberState.ACTIVE, profile
    )

    async def prefer(transaction: Any) -> None:
        await sources.member_changes.set_mail_topics(member, {"BILL": True}, transaction)

    await sources.mongo.transaction(prefer)
    facility = await World(sources).place("hepco", member)
    today = utc_now().astimezone(TOKYO).date()
    bills = []
    for day in range(_BILLS):
        start_on = today - timedelta(days=day + 40)
        bill = home_bill(facility, start_on, start_on + timedelta(days=30), today, day)
        bills.append(replace(bill, id=f"hepco/{day}", number=f"{day}"))
    await sources.bills.put(bills, utc_now())


async def test_bills_are_told_once_though_the_process_that_told_of_them_was_killed(
    servers: Addresses, sources: Sources, tmp_path: Path
) -> None:
    await bills_for_a_member(sources)
    server = Served(CommandLine.on(servers, sources.mongo.name), tmp_path / "api.log")
    try:
        # Some of them; how many it gets done until it is dead is its luck.
        await eventually_stored(sources, bool, _SECONDS)
    finally:
        await asyncio.to_thread(server.kill)

    while any(await asyncio.gather(tell_news(sources), tell_news(sources))):
        pass

    outbox = sources.mongo["outbox"].find({"kind": "BILL"})
    told = Counter([mail["values"]["from_on"] async for mail in outbox])
    assert len(told) == _BILLS
    assert set(told.values()) == {1}
    assert await sources.mongo["news"].count_documents({}) == 0
