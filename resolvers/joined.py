"""Reads that requests share: what is asked for in the same moment goes in one command.

Knows nothing of what is read. A key names everything that its answer depends on, so that it does not
matter who asked first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Hashable, Iterator, Mapping, Sequence
from contextvars import Context
from functools import partial
from typing import Any, Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MOST_UNDER_WAY: Final = 2
"With more commands at once each of them joins fewer keys; with one the database waits for us."
_PATIENCE_SECONDS: Final = 0.05
"So long may slow commands hold up keys that could go in another one."
_HEAVY: Final = 100
"A request that asks for so much, by weight, would delay those that are joined to it."
_MOST_JOINED: Final = 1000
"Weight of what requests join, keys of one request: answers then stay far below 16 MB."


class Asked(Generic[Value]):
    """An answer on its way. Any number may await it; one that gives up disturbs no other."""

    __slots__ = ("_error", "_settled", "_trace", "_value", "_waiters")

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []
        self._settled = False
        self._error: BaseException | None = None
        self._value: Value

    def __await__(self) -> Generator[Any, None, Value]:
        if not self._settled:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            yield from waiter
        if self._error is not None:
            raise self._error.with_traceback(self._trace)
        return self._value

    @property
    def given_up(self) -> bool:
        """Whether all who waited are gone."""
        return bool(self._waiters) and all(waiter.done() for waiter in self._waiters)

    def answer(self, value: Value) -> None:
        self._value = value
        self._settle()

    def fail(self, error: BaseException) -> None:
        self._error = error
        self._trace = error.__traceback__
        self._settle()

    def _settle(self) -> None:
        self._settled = True
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)


class Joined(Generic[Key, Value]):
    """Reads of one kind for all requests of a process.

    `read` answers keys in their order, `weigh` says how much of an answer a key is. What one request
    asks for in a moment goes in one command, together with what others ask for, and while two commands
    are under way the next one gathers. A heavy request has a command for itself, at once.
    """

    def __init__(
        self,
        read: Callable[[Sequence[Key]], Awaitable[Sequence[Value]]],
        weigh: Callable[[Key], int] = lambda key: 1,
    ) -> None:
        self._read = read
        self._weigh = weigh
        self._moment: dict[Hashable, dict[Key, Asked[Value]]] = {}
        self._waiting: list[tuple[int, Mapping[Key, Asked[Value]]]] = []
        self._under_way = 0
        self._timer: asyncio.TimerHandle | None = None
        self._commands: set[asyncio.Task[None]] = set()

    def load(self, key: Key, asker: Hashable) -> Asked[Value]:
        """Answer of a command that has not begun yet; `asker` stands for the request."""
        if not self._moment:
            asyncio.get_running_loop().call_soon(self._end_moment)
        asked = self._moment.setdefault(asker, {})
        if key not in asked:
            asked[key] = Asked()
        return asked[key]

    def _end_moment(self) -> None:
        moment, self._moment = self._moment, {}
        for asked in moment.values():
            weight = sum(map(self._weigh, asked))
            if weight < _HEAVY:
                self._waiting.append((weight, asked))
            else:
                for part in _parts(asked):
                    self._start(part)
        self._send()

    def _send(self) -> None:
        while self._waiting and self._under_way < _MOST_UNDER_WAY:
            self._send_waiting()
        if self._waiting and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_PATIENCE_SECONDS, self._lose_patience)

    def _lose_patience(self) -> None:
        self._timer = None
        if self._waiting:
            self._send_waiting()
        self._send()

    def _send_waiting(self) -> None:
        together = self._gather()
        if together:
            self._under_way += 1
            self._start(together, self._ended)

    def _ended(self, _: object) -> None:
        self._under_way -= 1
        self._send()

    def _gather(self) -> Mapping[Key, Sequence[Asked[Value]]]:
        """The first of those that wait, as many as go in one command; each key once."""
        together: dict[Key, list[Asked[Value]]] = {}
        room = _MOST_JOINED
        while self._waiting and self._waiting[0][0] <= room:
            weight, group = self._waiting.pop(0)
            room -= weight
            for key, asked in group.items():
                if not asked.given_up:
                    together.setdefault(key, []).append(asked)
        return together

    def _start(
        self,
        asked: Mapping[Key, Sequence[Asked[Value]]],
        ended: Callable[[object], None] | None = None,
    ) -> None:
        # A context of its own: the command is no part of the request that happened to be first.
        command = asyncio.get_running_loop().create_task(self._answer(asked), context=Context())
        self._commands.add(command)
        command.add_done_callback(self._commands.discard)
        if ended is not None:
            command.add_done_callback(ended)

    async def _answer(self, asked: Mapping[Key, Sequence[Asked[Value]]]) -> None:
        try:
            values = await self._read(list(asked))
            answers = list(zip(asked.values(), values, strict=True))
        except BaseException as error:
            for each in (each for same in asked.values() for each in same):
                each.fail(error)
            if not isinstance(error, Exception):
                raise
        else:
            for same, value in answers:
                for each in same:
                    each.answer(value)


class JoinedByArguments(Generic[Key, Value]):
    """Reads of one kind that take arguments: a command of the moment for each distinct set of them."""

    def __init__(self, read: Callable[..., Awaitable[Mapping[Key, Value]]]) -> None:
        self._read = read
        self._moment: dict[tuple[Hashable, ...], Joined[Key, Value]] = {}

    def load(self, key: Key, *arguments: Hashable) -> Asked[Value]:
        joined = self._moment.get(arguments)
        if joined is None:
            joined = self._moment[arguments] = Joined(partial(self._in_order, arguments))
            asyncio.get_running_loop().call_soon(self._moment.pop, arguments)
        return joined.load(key, arguments)

    async def _in_order(
        self, arguments: tuple[Hashable, ...], keys: Sequence[Key]
    ) -> Sequence[Value]:
        found = await self._read(keys, *arguments)
        return [found[key] for key in keys]


def _parts(
    asked: Mapping[Key, Asked[Value]],
) -> Iterator[Mapping[Key, Sequence[Asked[Value]]]]:
    """Those that somebody still waits for, as many at a time as go in one command."""
    wanted = [(key, [each]) for key, each in asked.items() if not each.given_up]
    for start in range(0, len(wanted), _MOST_JOINED):
        yield dict(wanted[start : start + _MOST_JOINED])
