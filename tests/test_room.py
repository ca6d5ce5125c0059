"""Room for a number of things: given in the order in which it was asked for, and given back."""

import asyncio

import pytest

from datasources.room import Room


class Guest:
    """Takes room in a task of its own, and keeps it until told to leave."""

    def __init__(self, room: Room, count: int) -> None:
        self.is_in = False
        self._leaving = asyncio.Event()
        self.task = asyncio.create_task(self._stay(room, count))

    async def _stay(self, room: Room, count: int) -> None:
        async with room.taken(count):
            self.is_in = True
            await self._leaving.wait()
        self.is_in = False

    async def leave(self) -> None:
        self._leaving.set()
        await self.task
        await settled()


async def settled() -> None:
    """Let everybody go as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def guests(room: Room, *counts: int) -> list[Guest]:
    all_of_them = [Guest(room, count) for count in counts]
    await settled()
    return all_of_them


async def test_who_finds_no_room_waits_and_later_ones_do_not_go_first() -> None:
    one, two, three = await guests(Room(10), 6, 5, 1)
    assert [one.is_in, two.is_in, three.is_in] == [True, False, False]

    await one.leave()

    assert [two.is_in, three.is_in] == [True, True]
    await two.leave()
    await three.leave()


async def test_more_than_there_can_ever_be_takes_the_whole_room() -> None:
    room = Room(10)
    large, small = await guests(room, 11, 1)
    assert [large.is_in, small.is_in] == [True, False]

    await large.leave()

    assert small.is_in
    (other,) = await guests(room, 9)
    assert other.is_in
    await small.leave()
    await other.leave()


@pytest.mark.parametrize("is_let_in", [False, True], ids=["waiting", "just let in"])
async def test_who_is_cancelled_takes_no_room(is_let_in: bool) -> None:
    room = Room(10)
    one, gone, other = await guests(room, 6, 10, 4)
    if is_let_in:
        one._leaving.set()
        await asyncio.sleep(0)  # the room is given, and whose it is now has not gone on yet
        assert not gone.is_in

    gone.task.cancel()
    await settled()

    assert gone.task.cancelled()
    assert other.is_in
    for guest in (one, other):
        await guest.leave()
    (whole,) = await guests(room, 10)
    assert whole.is_in
    await whole.leave()
