"""What the connections of a process share: limits and counts, and how operations are executed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError, OperationType, get_operation_ast

from domain.members import Session
from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.answers import answer
from schema.connection import Connection
from schema.counts import Counts
from schema.documents import CheckedDocument
from schema.errors import exposed
from schema.frames import Close
from schema.messages import Subscribe, Violation
from schema.requests import log_request
from schema.root import KenshinSchema
from schema.running import Operation
from schema.scalars import tokyo_text
from schema.subscriptions import Subscriptions

_PATH: Final = "/graphql"


class _OneShot:
    """A query or a mutation."""

    __slots__ = ("_task", "size")

    lasting = False

    def __init__(self, work: Coroutine[Any, Any, None], size: int) -> None:
        self.size = size
        self._task = asyncio.create_task(work)

    def stop(self) -> None:
        self._task.cancel()

    def resumed(self) -> None:
        """Answers are written in any case."""


class Service:
    """The host of all connections of a process."""

    def __init__(self, schema: KenshinSchema, sources: Sources) -> None:
        settings = sources.settings
        self.counts = Counts()
        self.max_operations = settings.max_operations_per_socket
        self.max_held = settings.max_request_bytes
        self.slow_seconds = settings.slow_socket_seconds
        self._schema = schema
        self._sources = sources
        self._members: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()
        self._subscriptions = Subscriptions(schema, sources, self.counts)

    async def authenticate(self, authorization: str, request_id: str) -> Session:
        context = RequestContext(self._sources, authorization, request_id)
        return await context.require_session(on_duty=True)

    def acknowledgement(self, session: Session | None) -> dict[str, Any]:
        settings = self._sources.settings
        return {
            "sessionEndsAt": session and tokyo_text(session.ends_at),
            "reconnect": {"minSeconds": 1, "maxSeconds": settings.reconnect_seconds},
        }

    def arrived(self, connection: Connection) -> str | None:
        """Count a connection; why there are too many of its address, or None."""
        address, most = connection.client.address, self._sources.settings.max_sockets_per_address
        self.counts.sockets += 1
        self._addresses[address] += 1
        if most and self._addresses[address] > most:
            self.counts.refused += 1
            return f"at most {most} connections of an address at once"
        return None

    def lost(self, connection: Connection) -> None:
        self.counts.sockets -= 1
        _count_down(self._addresses, connection.client.address)
        code = connection.door.close_code
        log_request("WEBSOCKET", _PATH, code, connection.started, connection.request_id)

    def full(self, member: str) -> str | None:
        most = self._sources.settings.max_sockets_per_member
        if most and self._members[member] >= most:
            self.counts.refused += 1
            return f"at most {most} connections of a member at once"
        return None

    def enter(self, member: str) -> None:
        self._members[member] += 1

    def leave(self, member: str) -> None:
        _count_down(self._members, member)

    def watch(self, session: Session, ended: Callable[[], None]) -> Callable[[], None]:
        return self._sources.authority.watch_session(session, ended)

    def start(self, connection: Connection, asked: Subscribe) -> Operation | None:
        try:
            checked = self._schema.checked(asked.query)
        except GraphQLSyntaxError as error:
            raise Violation(Close.BAD_REQUEST, error.message) from None
        errors = checked.refusal(asked.operation_name)
        definition = get_operation_ast(checked.document, asked.operation_name)
        if not errors and definition is None:
            errors = [GraphQLError(f"Unknown operation named {asked.operation_name!r}.")]
        if errors or definition is None:
            self._schema.process_errors(errors)
            connection.refuse(asked.id, errors)
            return None
        if definition.operation is not OperationType.SUBSCRIPTION:
            return _OneShot(self._answer(connection, checked, asked), asked.size)
        return self._subscriptions.start(connection, checked, asked)

    async def _answer(
        self, connection: Connection, checked: CheckedDocument, asked: Subscribe
    ) -> None:
        context = RequestContext(
            self._sources,
            None,
            connection.request_id,
            resumed=connection.session,
            client=connection.client,
        )
        try:
            found = await answer(self._schema, checked, asked, context)
        except Exception as error:  # noqa: BLE001 - a task of its own: nobody else would hear of it
            connection.refuse(asked.id, [exposed(error, connection.request_id)])
            return
        if found.errors:
            connection.refuse(asked.id, found.errors)
        else:
            connection.answer(asked.id, found.parts, context)


def _count_down(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
