"""Who may still see what: tells of sessions that ended and of facilities that changed.

Sessions end and facilities change hands in any process. Who has awaited `settle` knows all of it that
was committed before, at the price of one small read that everybody shares.
"""

import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from datasources.endings import EndingKind, EndingStore
from datasources.sessions import SessionStore
from domain.members import Session
from resolvers.joined import Joined
from resolvers.turns import Turns

Callback = Callable[[], None]
"Called in the loop while `settle` is awaited; it must not block, and not fail."

PARTS: Final = 32
"Of a round in which everything that is watched is read anew."
_SPARE_ENDS: Final = 64


@dataclass(slots=True)
class _WatchedSession:
    ends_at: datetime
    callbacks: dict[int, Callback] = field(default_factory=dict)


class Authority:
    """Watches sessions and facilities for those who show something of them.

    First watch, then await `begin`, then read whether the thing may be seen: nothing that ends it falls
    between.
    """

    def __init__(
        self, endings: EndingStore, sessions: SessionStore, clock: Callable[[], datetime]
    ) -> None:
        self._endings = endings
        self._store = sessions
        self._clock = clock
        self._place: int | None = None
        self._settling: Joined[str, None] = Joined(self._settle)
        self._numbers = itertools.count()
        self._facilities: dict[int, dict[int, Callback]] = {}
        self._sessions: dict[str, _WatchedSession] = {}
        self._ends: list[tuple[datetime, str]] = []
        self._overdue: set[str] = set()
        self._turns: Turns[str] = Turns(PARTS)

    @property
    def watched(self) -> int:
        """How many sessions and facilities are watched."""
        return len(self._sessions) + len(self._facilities)

    def watch_session(self, session: Session, ended: Callback) -> Callback:
        """Call `ended` once when a session has ended; gives what ends the watch.

        A session that is refreshed goes on.
        """
        number = next(self._numbers)
        watched = self._sessions.get(session.id)
        if watched is None:
            watched = self._sessions[session.id] = _WatchedSession(session.ends_at)
            self._turns.add(session.id)
            self._expect_end(session.id, session.ends_at)
        elif session.ends_at > watched.ends_at:
            self._prolong(session.id, session.ends_at)
        watched.callbacks[number] = ended

        def unwatch() -> None:
            watched.callbacks.pop(number, None)
            if not watched.callbacks and self._sessions.get(session.id) is watched:
                self._forget(session.id)

        return unwatch

    def watch_facility(self, facility: int, changed: Callback) -> Callback:
        """Call `changed` whenever a facility's owner or contracts did; gives what ends the watch."""
        number = next(self._numbers)
        callbacks = self._facilities.setdefault(facility, {})
        callbacks[number] = changed

        def unwatch() -> None:
            callbacks.pop(number, None)
            if not callbacks and self._facilities.get(facility) is callbacks:
                del self._facilities[facility]

        return unwatch

    async def begin(self) -> None:
        """Come back when everything that ends from now on will be noticed."""
        if self._place is None:
            await self.settle()

    async def settle(self) -> None:
        """Come back when all that had ended before this call was told of.

        Raises PyMongoError if the database does not answer: then nothing may be shown.
        """
        await self._settling.load("endings", self)

    async def recheck(self) -> None:
        """Read the next part of the sessions anew: some may have been removed by hand."""
        if sessions := self._turns.next():
            await self._look_up(sessions)

    async def _settle(self, asked: Sequence[str]) -> list[None]:
        if self._place is None:
            place = await self._endings.last_place()
            if self._place is None:
                self._place = place
        else:
            await self._tell_of_endings(self._place)
        await self._end_overdue()
        return [None] * len(asked)

    async def _tell_of_endings(self, place: int) -> None:
        for ending in await self._endings.since(place):
            if ending.kind == EndingKind.SESSION:
                self._end(str(ending.key))
            elif ending.kind == EndingKind.FACILITY:
                _call(self._facilities.get(int(ending.key), {}))
            place = ending.place
        self._place = max(place, self._place or 0)

    async def _end_overdue(self) -> None:
        """Look up sessions whose time is over: a refresh may have prolonged them."""
        now = self._clock()
        while self._ends and self._ends[0][0] <= now:
            _, session = heapq.heappop(self._ends)
            if session in self._sessions and self._sessions[session].ends_at <= now:
                self._overdue.add(session)
        if self._overdue:
            # All of them, also those that another call looks up: it may not come back before this.
            await self._look_up(list(self._overdue))

    async def _look_up(self, sessions: Sequence[str]) -> None:
        now = self._clock()
        found = await self._store.by_ids([(session, now) for session in sessions])
        for session, present in zip(sessions, found, strict=True):
            self._overdue.discard(session)
            if present is None:
                self._end(session)
            elif session in self._sessions:
                self._prolong(session, present.ends_at)

    def _prolong(self, session: str, ends_at: datetime) -> None:
        watched = self._sessions[session]
        if ends_at != watched.ends_at:
            watched.ends_at = ends_at
            self._expect_end(session, ends_at)

    def _expect_end(self, session: str, ends_at: datetime) -> None:
        heapq.heappush(self._ends, (ends_at, session))
        if len(self._ends) > 2 * len(self._sessions) + _SPARE_ENDS:
            self._ends = [(watched.ends_at, key) for key, watched in self._sessions.items()]
            heapq.heapify(self._ends)

    def _end(self, session: str) -> None:
        watched = self._sessions.get(session)
        if watched is not None:
            self._forget(session)
            _call(watched.callbacks)

    def _forget(self, session: str) -> None:
        del self._sessions[session]
        self._turns.discard(session)
        self._overdue.discard(session)


def _call(callbacks: Mapping[int, Callback]) -> None:
    """Call those that are watching still: one may end the watch of another."""
    for number in tuple(callbacks):
        if callback := callbacks.get(number):
            callback()
