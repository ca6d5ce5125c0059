"""Writes events to many sockets: prebuilt frames, so many in a tick that nothing else waits long."""

import asyncio
import sys
from collections import deque
from collections.abc import Collection, Mapping
from itertools import islice
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


class Fanout:
    """The events of all groups of a process, written in the order in which they came."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._events: deque[_Event] = deque()
        self._room = _MOST_FRAMES
        self._turning = False
        self._left_out: dict[Member, None] = {}

    def publish(
        self,
        number: int,
        body: bytes,
        members: Collection[Member],
        before: Positions | None = None,
    ) -> None:
        """Write an event to those who are members now, at once or as soon as others are written.

        `number` counts the events of a group, `body` is the message without a tail, `before` is where
        the members stood until this event.
        """
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._turn)
        if len(self._events) >= MOST_EVENTS:
            self._leave_out(tuple(members), body, before)
        elif self._events or not self._room:
            self._events.append(_Event(number, body, members, before))
        elif len(members) == 1:
            self._room -= 1
            self._counts.frames += 1
            (member,) = members
            _write(member, body, before)
        else:
            self._events.append(_Event(number, body, members, before))
            self._go_on()

    def _turn(self) -> None:
        self._room = _MOST_FRAMES
        self._go_on()
        self._turning = self._room < _MOST_FRAMES
        if self._turning:
            asyncio.get_running_loop().call_soon(self._turn)

    def _go_on(self) -> None:
        while self._room and self._events:
            written = self._events[0].write(self._room)
            if written < self._room:
                self._events.popleft()
            self._room -= written
            self._counts.frames += written
        if self._left_out and not self._events:
            left_out, self._left_out = self._left_out, {}
            for member in left_out:
                if not member.door.paused:
                    member.resumed()

    def _leave_out(
        self, members: Collection[Member], body: bytes, before: Positions | None
    ) -> None:
        """More came than can be written: nothing is queued for these until the rest is written."""
        for member in members:
            member.missed(body, before)
            self._left_out[member] = None


class _Event:
    """An event on its way to those who were members of its group when it came."""

    __slots__ = ("_before", "_body", "_frames", "_members", "_number")

    def __init__(
        self, number: int, body: bytes, members: Collection[Member], before: Positions | None
    ) -> None:
        self._number = number
        self._body = body
        self._members = iter(tuple(members))
        self._before = before
        self._frames: dict[int, bytes] = {}

    def write(self, most: int) -> int:
        """Write at most so many frames; tells how many that were: fewer if there are no more."""
        count = 0
        for member in islice(self._members, most):
            count += 1
            if member.since >= self._number:
                continue
            if member.door.paused:
                member.missed(self._body, self._before)
            else:
                member.door.transport.write(self._start(len(member.tail)) + member.tail)
        return count

    def _start(self, tail: int) -> bytes:
        """The frame but for its tail, which has so many bytes."""
        start = self._frames.get(tail)
        if start is None:
            start = self._frames[tail] = header(len(self._body) + tail) + self._body
        return start


def _write(member: Member, body: bytes, before: Positions | None) -> None:
    if member.door.paused:
        member.missed(body, before)
    else:
        tail = member.tail
        member.door.transport.write(header(len(body) + len(tail)) + body + tail)
