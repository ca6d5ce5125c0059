"""Subscriptions that are executed once for all who ask for the same in the same session."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final

import orjson
from graphql import GraphQLError
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from domain.members import Session
from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.answers import payload_of
from schema.connection import TOO_SLOW, Connection
from schema.counts import Counts
from schema.fanout import LEFT, Fanout, Positions
from schema.frames import Close, text_frame
from schema.messages import NEXT, Subscribe, tail
from schema.root import KenshinSchema

_SUBSCRIPTION: Final = frozenset({OperationType.SUBSCRIPTION})
_MOST_WAITING: Final = 100
"Events that wait for a socket to be writable."


class SharedSubscriber:
    """An operation that gets the events of a group."""

    __slots__ = ("_group", "_waiting", "connection", "door", "id", "since", "size", "tail")

    lasting = True

    def __init__(self, connection: Connection, asked: Subscribe, group: "SharedGroup") -> None:
        self.connection = connection
        self.door = connection.door
        self.id = asked.id
        self.size = asked.size
        self.tail = tail(asked.id)
        self.since = 0
        self._group = group
        self._waiting: deque[bytes] = deque()

    def stop(self) -> None:
        self._waiting.clear()
        self._group.leave(self)

    def missed(self, body: bytes, before: Positions | None = None) -> None:  # noqa: ARG002 - has none
        """Let an event wait until the socket is writable."""
        if self._group.newest_counts:
            self._waiting.clear()
        elif len(self._waiting) == _MOST_WAITING:
            self.door.close(Close.TRY_AGAIN, TOO_SLOW)
            return
        self._waiting.append(body)

    def refuse(self, errors: Sequence[GraphQLError]) -> None:
        self.connection.refuse(self.id, errors)

    def fail(self, error: Exception) -> None:
        self._write_all()
        self.connection.fail(self.id, error)

    def complete(self) -> None:
        self._write_all()
        self.connection.complete(self.id)

    def _write_all(self) -> None:
        """Nobody could write later what waits."""
        while self._waiting:
            self.door.push([text_frame(self._waiting.popleft() + self.tail)])

    def resumed(self) -> None:
        while self._waiting and self.door.write(text_frame(self._waiting[0] + self.tail)):
            self._waiting.popleft()


class SharedGroups:
    """The groups of a process."""

    def __init__(
        self, schema: KenshinSchema, sources: Sources, fanout: Fanout, counts: Counts
    ) -> None:
        self.schema = schema
        self.sources = sources
        self.fanout = fanout
        self._counts = counts
        self._groups: dict[Hashable, SharedGroup] = {}

    def join(
        self, connection: Connection, asked: Subscribe, *, newest_counts: bool
    ) -> SharedSubscriber:
        """Hear of events.

        With `newest_counts` each is the whole, so that who comes late needs only the newest: then it is
        shared. Else the beginning matters, and everybody has their own.
        """
        session = connection.session
        key: Hashable = object()
        if newest_counts:
            variables = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
            key = (asked.query, asked.operation_name, variables, session and session.id)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = SharedGroup(self, key, newest_counts=newest_counts)
            self._counts.groups += 1
            group.begin(asked, session, connection.request_id)
        member = SharedSubscriber(connection, asked, group)
        group.join(member)
        return member

    def forget(self, key: Hashable) -> None:
        """A group that has ended."""
        if self._groups.pop(key, None) is not None:
            self._counts.groups -= 1


class SharedGroup:
    """A subscription, while it has members and events."""

    def __init__(self, groups: SharedGroups, key: Hashable, *, newest_counts: bool) -> None:
        self.newest_counts = newest_counts
        self._groups = groups
        self._key = key
        self._members: dict[SharedSubscriber, None] = {}
        self._number = 0
        self._newest: bytes | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, asked: Subscribe, session: Session | None, request_id: str) -> None:
        self._task = asyncio.create_task(self._run(asked, session, request_id))

    def join(self, member: SharedSubscriber) -> None:
        self._members[member] = None
        member.since = self._number
        if self.newest_counts and self._newest is not None:
            member.missed(self._newest)
            member.resumed()

    def leave(self, member: SharedSubscriber) -> None:
        if self._members.pop(member, member) is member:
            return
        member.since = LEFT
        if not self._members and self._task is not None:
            self._groups.forget(self._key)
            self._task.cancel()

    async def _run(self, asked: Subscribe, session: Session | None, request_id: str) -> None:
        context = RequestContext(self._groups.sources, None, request_id, lasting=True)
        context.adopt(session)
        try:
            events: Any = await self._groups.schema.stream(
                asked.query,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
                context_value=context,
                allowed_operation_types=_SUBSCRIPTION,
            )
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, PreExecutionError):
                        self._end(partial(SharedSubscriber.refuse, errors=event.errors or []))
                        return
                    self._publish(NEXT + b"".join(payload_of(event)))
        except Exception as error:  # noqa: BLE001 - a task of its own: nobody else would hear of it
            self._end(partial(SharedSubscriber.fail, error=error))
        else:
            self._end(SharedSubscriber.complete)

    def _publish(self, body: bytes) -> None:
        self._number += 1
        if self.newest_counts:
            self._newest = body
        self._groups.fanout.publish(self._number, body, self._members)

    def _end(self, how: Callable[[SharedSubscriber], None]) -> None:
        """Let nobody join any more, and end all members when they have got all events."""
        self._groups.forget(self._key)

        def end() -> None:
            members, self._members = self._members, {}
            for member in members:
                how(member)

        self._groups.fanout.then(end)
