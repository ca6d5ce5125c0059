"""The authority: whatever ends, in whichever process, is told of before it is needed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bson import Int64
from pymongo.errors import AutoReconnect

from datasources.endings import Ending, EndingKind, EndingStore
from datasources.mongo import Mongo
from datasources.sessions import OpenedSession, SessionStore
from domain.members import Session
from domain.settings import Settings
from resolvers.authority import PARTS, Authority
from resolvers.sources import Sources, open_sources
from tests.api import Clock, CommandLog, eventually
from tests.world import World


@pytest.fixture
async def elsewhere(
    settings: Settings, database: str, mongo: Mongo, clock: Clock
) -> AsyncIterator[Sources]:
    """Another process over the same database."""
    sources = open_sources(settings, Mongo(settings.mongodb_url, database=database), clock)
    yield sources
    await sources.close()


@pytest.fixture
async def authority(sources: Sources) -> Authority:
    await sources.authority.begin()
    return sources.authority


class Told:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.sessions: list[str] = []
        self.facilities: list[int] = []

    def watch(self, authority: Authority, *sessions: Session) -> None:
        for session in sessions:
            authority.watch_session(session, lambda key=session.id: self.sessions.append(key))  # type: ignore[misc] # mypy and default arguments

    def watch_facilities(self, authority: Authority, *numbers: int) -> None:
        for number in numbers:
            authority.watch_facility(number, lambda key=number: self.facilities.append(key))  # type: ignore[misc] # mypy and default arguments


@pytest.fixture
def told() -> Told:
    return Told()


def nothing() -> None:
    pass


async def opened(sources: Sources, member: str = "alice") -> OpenedSession:
    return await sources.sessions.open(member, "denki-jtb", sources.clock())


async def session(sources: Sources, member: str = "alice") -> Session:
    return (await opened(sources, member)).session


async def endings(sources: Sources) -> list[tuple[int, str, str | int]]:
    found = await EndingStore(sources.mongo).since(0)
    return [(ending.place, ending.kind, ending.key) for ending in found]


async def test_a_session_that_was_ended_elsewhere_is_told_of_by_the_next_settle(
    sources: Sources, elsewhere: Sources, authority: Authority, told: Told
) -> None:
    one, two = [await session(sources) for _ in range(2)]
    told.watch(authority, one, two)

    await authority.settle()
    assert told.sessions == []
    await elsewhere.sessions.end(one.id)
    assert told.sessions == []
    await authority.settle()
    assert told.sessions == [one.id]
    await authority.settle()

    assert told.sessions == [one.id]


async def test_ending_all_sessions_of_a_member_tells_of_each_and_of_no_other(
    sources: Sources, authority: Authority, told: Told
) -> None:
    mine = [await session(sources) for _ in range(3)]
    told.watch(authority, *mine, await session(sources, "bob"))

    await sources.sessions.end_all("alice")
    await authority.settle()

    assert sorted(told.sessions) == sorted(each.id for each in mine)
    assert [place for place, *_ in await endings(sources)] == [1, 2, 3]


async def test_a_session_that_is_not_there_ends_without_a_word(sources: Sources) -> None:
    await sources.sessions.end("nobody")
    await sources.sessions.end_all("nobody")

    assert await endings(sources) == []


async def test_who_has_ended_the_watch_is_not_told(
    sources: Sources, authority: Authority, told: Told
) -> None:
    one = await session(sources)
    unwatch = authority.watch_session(one, lambda: told.sessions.append("first"))
    authority.watch_session(one, lambda: told.sessions.append("second"))

    unwatch()
    unwatch()
    await sources.sessions.end(one.id)
    await authority.settle()

    assert told.sessions == ["second"]
    assert authority.watched == 0


async def test_one_who_is_told_can_end_the_watch_of_another(
    sources: Sources, authority: Authority, told: Told
) -> None:
    one = await session(sources)
    authority.watch_session(one, lambda: unwatch())  # noqa: PLW0108 - made below
    unwatch = authority.watch_session(one, lambda: told.sessions.append("second"))

    await sources.sessions.end(one.id)
    await authority.settle()

    assert told.sessions == []


async def test_a_session_ends_when_its_time_is_over(
    sources: Sources, authority: Authority, told: Told, clock: Clock
) -> None:
    one = await session(sources)
    told.watch(authority, one)

    clock.advance(minutes=60, seconds=-1)
    await authority.settle()
    assert told.sessions == []
    clock.advance(seconds=1)
    await authority.settle()

    assert told.sessions == [one.id]


async def test_a_session_that_was_refreshed_elsewhere_ends_later(
    sources: Sources, elsewhere: Sources, authority: Authority, told: Told, clock: Clock
) -> None:
    first = await opened(sources)
    told.watch(authority, first.session)
    clock.advance(minutes=59)
    assert await elsewhere.sessions.refresh(first.refresh_token, clock()) is not None

    clock.advance(minutes=59)
    await authority.settle()
    assert told.sessions == []
    clock.advance(minutes=1)
    await authority.settle()

    assert told.sessions == [first.session.id]


async def test_nobody_goes_on_while_it_is_looked_up_whether_a_session_was_refreshed(
    sources: Sources,
    authority: Authority,
    told: Told,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_ids, gate = SessionStore.by_ids, asyncio.Event()
    asked: list[str] = []

    async def held(store: SessionStore, moments: Any) -> list[Session | None]:
        asked.append("asked")
        await gate.wait()
        return await by_ids(store, moments)

    one = await session(sources)
    told.watch(authority, one)
    clock.advance(minutes=60)
    monkeypatch.setattr(SessionStore, "by_ids", held)
    first = asyncio.create_task(authority.settle())
    await eventually(lambda: len(asked) == 1)
    second = asyncio.create_task(authority.settle())
    await eventually(lambda: len(asked) == 2)
    assert not first.done()
    assert not second.done()

    gate.set()
    await asyncio.gather(first, second)

    assert told.sessions == [one.id]


async def test_a_session_that_was_removed_by_hand_is_found_within_a_round(
    sources: Sources, authority: Authority, told: Told
) -> None:
    one, two = [await session(sources) for _ in range(2)]
    told.watch(authority, one, two)

    await sources.mongo["sessions"].delete_one({"_id": one.id})
    await authority.settle()
    assert told.sessions == []
    for _ in range(PARTS):
        await authority.recheck()

    assert told.sessions == [one.id]


async def test_a_facility_that_changes_hands_or_contracts_is_told_of(
    sources: Sources, elsewhere: Sources, authority: Authority, told: Told
) -> None:
    world = await World.made(sources)
    mine, other = world.alice.facility, world.bob.facility
    ends_on = replace(mine.contracts[0], end_on=date(2040, 7, 1))
    told.watch_facilities(authority, mine.number, other.number)

    renamed = replace(mine, name="実家")
    assert await elsewhere.facilities.put(renamed) == mine.number
    await authority.settle()
    assert told.facilities == []
    await elsewhere.facilities.put(replace(renamed, contracts=(ends_on,)))
    await authority.settle()
    assert told.facilities == [mine.number]
    await elsewhere.facilities.put(replace(renamed, contracts=(ends_on,), owner=world.carol.member))
    await authority.settle()

    assert told.facilities == [mine.number] * 2
    assert await endings(sources) == [
        (1, "facility", mine.number),
        (2, "facility", mine.number),
    ]
    stored = (await sources.facilities.by_numbers([mine.number]))[mine.number]
    assert (stored.name, stored.owner) == ("実家", world.carol.member)


async def test_what_ends_at_once_in_several_processes_gets_places_without_a_hole(
    sources: Sources, elsewhere: Sources
) -> None:
    sessions = [await session(sources, f"member {index}") for index in range(40)]

    await asyncio.gather(
        *(
            (sources if index % 2 else elsewhere).sessions.end(each.id)
            for index, each in enumerate(sessions)
        )
    )

    found = await endings(sources)
    assert [place for place, *_ in found] == list(range(1, 41))
    assert sorted(key for *_, key in found) == sorted(each.id for each in sessions)
    assert await sources.mongo["sessions"].count_documents({}) == 0


async def test_whatever_has_ended_is_told_of_though_others_are_just_ending(
    sources: Sources, elsewhere: Sources, authority: Authority, told: Told
) -> None:
    sessions = [await session(sources, f"member {index}") for index in range(24)]
    told.watch(authority, *sessions)

    async def end(one: Session, where: Sources) -> None:
        await where.sessions.end(one.id)
        await authority.settle()
        assert one.id in told.sessions

    await asyncio.gather(
        *(end(each, sources if index % 2 else elsewhere) for index, each in enumerate(sessions))
    )

    assert len(told.sessions) == 24


async def test_many_who_settle_at_once_share_one_read(
    authority: Authority, commands: CommandLog
) -> None:
    commands.names.clear()

    await asyncio.gather(*(authority.settle() for _ in range(1000)))

    assert commands.names == ["find"]


async def test_a_read_that_had_begun_before_does_not_serve(
    sources: Sources, authority: Authority, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    since, reading, gate = EndingStore.since, asyncio.Event(), asyncio.Event()

    async def held(store: EndingStore, place: int) -> list[Ending]:
        monkeypatch.undo()
        found = await since(store, place)
        reading.set()
        await gate.wait()
        return found

    one = await session(sources)
    told.watch(authority, one)
    monkeypatch.setattr(EndingStore, "since", held)
    early = asyncio.create_task(authority.settle())
    await reading.wait()
    await sources.sessions.end(one.id)

    await authority.settle()

    assert told.sessions == [one.id]
    assert not early.done()
    gate.set()
    await early
    assert told.sessions == [one.id]


async def test_what_ends_while_the_first_read_is_under_way_is_told_of(
    sources: Sources, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_place, one = EndingStore.last_place, await session(sources)

    async def overtaken(store: EndingStore) -> int:
        monkeypatch.undo()
        place = await last_place(store)
        await sources.sessions.end(one.id)
        return place

    monkeypatch.setattr(EndingStore, "last_place", overtaken)
    told.watch(sources.authority, one)
    await sources.authority.begin()
    assert told.sessions == []
    await sources.authority.settle()

    assert told.sessions == [one.id]


async def test_what_had_ended_before_is_not_told_of_again(sources: Sources, told: Told) -> None:
    world = await World.made(sources)
    await world.change(world.alice.facility, owner=world.bob.member)
    told.watch_facilities(sources.authority, world.alice.facility.number)

    await sources.authority.begin()
    await sources.authority.settle()

    assert told.facilities == []


async def test_while_mongodb_does_not_answer_nothing_is_settled_and_nothing_is_lost(
    sources: Sources, authority: Authority, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> list[Ending]:
        raise AutoReconnect

    one = await session(sources)
    told.watch(authority, one)
    await sources.sessions.end(one.id)
    with monkeypatch.context() as patched:
        patched.setattr(EndingStore, "since", away)
        with pytest.raises(AutoReconnect):
            await authority.settle()
    assert told.sessions == []

    await authority.settle()

    assert told.sessions == [one.id]


async def test_an_ending_of_which_this_version_knows_nothing_is_passed_over(
    sources: Sources, authority: Authority, told: Told
) -> None:
    one = await session(sources)
    told.watch(authority, one)
    later = {"_id": Int64(1), "kind": "consent", "key": "heating", "at": datetime.now(UTC)}
    await sources.mongo["endings"].insert_one(later)
    await sources.mongo["counters"].insert_one({"_id": "ending", "value": Int64(1)})

    await sources.sessions.end(one.id)
    await authority.settle()

    assert told.sessions == [one.id]


async def test_watching_and_going_leaves_nothing_behind(authority: Authority, clock: Clock) -> None:
    for index in range(2000):
        ends_at = clock() + timedelta(minutes=index)
        authority.watch_session(Session(str(index), "alice", "denki-jtb", ends_at), nothing)()
        authority.watch_facility(index, nothing)()

    assert authority.watched == 0
    assert len(authority._ends) < 100
    assert len(authority._turns) == 0


async def test_endings_have_the_time_of_the_server_by_which_they_are_dropped(
    sources: Sources,
) -> None:
    await sources.sessions.end((await session(sources)).id)

    (ending,) = await sources.mongo.find("endings", {})

    assert ending["kind"] == EndingKind.SESSION.value
    assert abs(datetime.now(UTC) - ending["at"]) < timedelta(minutes=5)
    indexes = await sources.mongo["endings"].index_information()
    assert indexes["old"]["expireAfterSeconds"] == 7 * 24 * 3600
