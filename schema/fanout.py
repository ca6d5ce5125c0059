"""Writes events to many sockets: prebuilt frames, so many in a tick that nothing else waits long."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

from schema.counts import Counts
from schema.frames import header
from schema.wire import SocketProtocol

LEFT: Final = sys.maxsize
"`Member.since` of one that has left its group."
_MOST_FRAMES: Final = 128
"Written in one tick of the loop: about two milliseconds."

MOST_EVENTS: Final = 1000
"That wait to be written: then more come, for long, than a process can write."

Positions = Mapping[int, int]


class Member(Protocol):
    """Who gets the events of a group."""

    door: SocketProtocol
    tail: bytes
    "How each of its messages ends."
    since: int
    "Number of the last event that is not for it."

    def missed(self, body: bytes, before: Positions | None) -> None:
        """An event was not written: the socket is not writable, or there are too many."""

    def resumed(self) -> None:
        """What was missed can be written."""


_Event = tuple[int, bytes, tuple[Member, ...], Positions | None]
"Number, body, members and places before; a plain tuple, as ten thousand are made at once."


class Fanout:
    """The events of all groups of a process, written in the order in which they came.

    What came in one tick of the loop is written together in the next one: a peer that is woken up by
    the first frame is still awake for the others, and to wake it costs as much as to write to it.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._events: deque[_Event | Callable[[], None]] = deque()
        self._written = 0
        "Members to whom the first event was written, or had not to be."
        self._turning = False
        self._left_out: dict[Member, None] = {}

    def publish(
        self,
        number: int,
        body: bytes,
        members: Collection[Member],
        before: Positions | None = None,
    ) -> None:
        """Write an event to those who are members now.

        `number` counts the events of a group, `body` is the message without a tail, `before` is where
        the members stood until this event.
        """
        if len(self._events) < MOST_EVENTS:
            self._events.append((number, body, tuple(members), before))
            self._go_on()
        else:
            self._leave_out(tuple(members), body, before)

    def then(self, work: Callable[[], None]) -> None:
        """Do something when all events that came before are written."""
        self._events.append(work)
        self._go_on()

    def _go_on(self) -> None:
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        events, room = self._events, _MOST_FRAMES
        while room and events:
            event = events[0]
            if not isinstance(event, tuple):
                events.popleft()
                event()
                continue
            members = event[2]
            if len(members) > room or self._written:
                members = members[self._written : self._written + room]
            _write(event, members)
            room -= len(members)
            self._written += len(members)
            if self._written == len(event[2]):
                events.popleft()
                self._written = 0
        self._counts.frames += _MOST_FRAMES - room
        self._counts.waiting = len(events)
        self._turning = bool(events)
        if events:
            asyncio.get_running_loop().call_soon(self._turn)
        elif self._left_out:
            self._call_back()

    def _leave_out(
        self, members: Collection[Member], body: bytes, before: Positions | None
    ) -> None:
        """More came than can be written: nothing is queued for these until the rest is written."""
        for member in members:
            member.missed(body, before)
            self._left_out[member] = None

    def _call_back(self) -> None:
        left_out, self._left_out = self._left_out, {}
        for member in left_out:
            if not member.door.paused:
                member.resumed()


def _write(event: _Event, members: Sequence[Member]) -> None:
    """Write an event to some of those whom it is for."""
    number, body, _, before = event
    size, last, start = len(body), -1, b""
    for member in members:
        door = member.door
        if member.since >= number:
            continue
        if door.paused:
            member.missed(body, before)
            continue
        tail = member.tail
        if len(tail) != last:  # most ids of a group are equally long
            last = len(tail)
            start = header(size + last) + body
        door.transport.write(start + tail)
