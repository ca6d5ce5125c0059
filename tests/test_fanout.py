"""The fan-out: frames as they must be, in order for everybody, and never too many at once."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from schema import fanout
from schema.counts import Counts
from schema.fanout import LEFT, Fanout
from schema.frames import text_frame
from schema.messages import tail


class Member:
    """Keeps what is written to it and what it missed."""

    def __init__(self, name: str = "1") -> None:
        self.written: list[bytes] = []
        self.misses: list[tuple[bytes, Mapping[int, int] | None]] = []
        self.resumptions = 0
        self.group: dict[Member, None] = {}
        self.door: Any = SimpleNamespace(
            paused=False, transport=SimpleNamespace(write=self.written.append)
        )
        self.tail = tail(name)
        self.since = 0

    def missed(self, body: bytes, before: Mapping[int, int] | None) -> None:
        self.misses.append((body, before))
        self.group.pop(self, None)

    def resumed(self) -> None:
        self.resumptions += 1


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def events(counts: Counts) -> Fanout:
    return Fanout(counts)


async def turn() -> None:
    """Let the loop come round once."""
    await asyncio.sleep(0)


@pytest.mark.parametrize("names", [["1"], ["1", "22", "3"], ["x" * 100, "y" * 200]])
@pytest.mark.parametrize("size", [10, 110, 125, 126, 65_500, 66_000])
async def test_every_member_gets_a_frame_with_its_own_id(
    events: Fanout, counts: Counts, names: list[str], size: int
) -> None:
    members = [Member(name) for name in names]

    events.publish(1, b"x" * size, members)
    await turn()

    for member, name in zip(members, names, strict=True):
        assert member.written == [text_frame(b"x" * size + b',"id":"' + name.encode() + b'"}')]
    assert counts.frames == len(names)


async def test_so_many_frames_are_written_in_a_turn_and_the_rest_in_the_next_ones(
    events: Fanout,
) -> None:
    members = [Member() for _ in range(300)]
    single = Member()

    def written() -> list[int]:
        return [sum(len(member.written) for member in members), len(single.written)]

    events.publish(1, b"one", members)
    events.publish(1, b"two", [single])
    seen = [written()]
    for _ in range(4):
        await turn()
        seen.append(written())

    assert seen == [[0, 0], [128, 0], [256, 0], [300, 1], [300, 1]]


async def test_a_turn_has_room_for_many_groups_of_one(events: Fanout) -> None:
    members = [Member() for _ in range(130)]

    for member in members:
        events.publish(1, b"one", [member])

    await turn()
    assert sum(len(member.written) for member in members) == 128
    await turn()
    assert sum(len(member.written) for member in members) == 130


async def test_everybody_gets_events_in_their_order(events: Fanout) -> None:
    members = [Member() for _ in range(100)]

    for number in range(1, 6):
        events.publish(number, str(number).encode(), members)
    for _ in range(6):
        await turn()

    expected = [text_frame(str(number).encode() + tail("1")) for number in range(1, 6)]
    assert all(member.written == expected for member in members)


async def test_who_has_left_or_came_later_gets_nothing_of_an_event_on_its_way(
    events: Fanout,
) -> None:
    members = [Member() for _ in range(140)]
    events.publish(7, b"seven", members)
    await turn()
    members[138].since = LEFT
    members[139].since = 7

    await turn()

    assert [len(member.written) for member in members[136:]] == [1, 1, 0, 0]


@pytest.mark.parametrize("others", [0, 1])
async def test_a_member_that_is_not_writable_is_told_what_it_missed(
    events: Fanout, others: int
) -> None:
    member = Member()
    member.door.paused = True

    group = dict.fromkeys([member, *(Member() for _ in range(others))])
    member.group = group

    events.publish(1, b"one", group, {1: 5})
    await turn()

    assert member.written == []
    assert member not in group
    assert member.misses == [(b"one", {1: 5})]


async def test_when_too_much_waits_members_are_left_out_until_it_is_written(
    events: Fanout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "MOST_EVENTS", 2)
    members = [Member() for _ in range(129)]
    late, blocked = Member(), Member()
    for number in (1, 2):
        events.publish(number, b"waits", members)

    events.publish(1, b"too much", [late], {1: 1})
    events.publish(1, b"too much", [blocked])
    blocked.door.paused = True
    assert (late.misses, late.resumptions) == ([(b"too much", {1: 1})], 0)
    for _ in range(3):
        await turn()

    assert all(len(member.written) == 2 for member in members)
    assert (late.resumptions, blocked.resumptions) == (1, 0)
    events.publish(2, b"next", [late])
    await turn()
    assert late.written == [text_frame(b"next" + late.tail)]


async def test_what_is_to_be_done_then_is_done_when_everything_before_is_written(
    events: Fanout,
) -> None:
    members = [Member() for _ in range(200)]
    written: list[int] = []
    events.publish(1, b"one", members)
    events.then(lambda: written.append(sum(len(member.written) for member in members)))
    events.publish(2, b"two", members[:1])

    for _ in range(3):
        await turn()

    assert written == [200]
    assert len(members[0].written) == 2
