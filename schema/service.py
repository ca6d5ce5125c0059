"""What the connections of a process share: limits and counts, and how operations are executed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError, OperationType, get_operation_ast
from strawberry.types import ExecutionResult

from datasources.logs import REQUEST
from domain.clients import Client
from domain.lockout import address_block
from domain.members import Session
from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.admission import Admission, Admitted, ClientOf
from schema.answers import answer, answer_of
from schema.connection import Connection
from schema.counts import Counts
from schema.documents import CheckedDocument
from schema.errors import exposed
from schema.frames import Close
from schema.messages import Subscribe, Violation
from schema.observing import Operations, code_of, label_of
from schema.requests import log_request
from schema.root import KenshinSchema
from schema.running import Operation
from schema.scalars import tokyo_text
from schema.subscriptions import Subscriptions
from schema.trusted import Trusted

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

    def __init__(
        self, schema: KenshinSchema, sources: Sources, operations: Operations, trusted: Trusted
    ) -> None:
        self._trusted = trusted
        settings = sources.settings
        self._operations = operations
        self.counts = Counts()
        self.max_operations = settings.max_operations_per_socket
        self.max_held = settings.max_request_bytes
        self.slow_seconds = settings.slow_socket_seconds
        self._schema = schema
        self._sources = sources
        self._members: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()
        self._admission = Admission(schema, sources)
        self._subscriptions = Subscriptions(schema, sources, self.counts, operations.tallies.lag)

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
        block, most = _block_of(connection), self._sources.settings.max_sockets_per_address
        self.counts.sockets += 1
        self._addresses[block] += 1
        if most and self._addresses[block] > most:
            self.counts.refused += 1
            return f"at most {most} connections of an address at once"
        return None

    def lost(self, connection: Connection) -> None:
        self.counts.sockets -= 1
        _count_down(self._addresses, _block_of(connection))
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
        session = connection.session
        unread = session is None and not self._schema.keeps(asked.query)
        if unread or asked.reference is not None or self._trusted.may_refuse_of(session):
            return _OneShot(self._look_up(connection, asked), asked.size)
        return self.begin(connection, asked)

    async def _look_up(self, connection: Connection, asked: Subscribe) -> None:
        """Find the document of an operation, and begin that."""
        context = RequestContext(
            self._sources, None, connection.request_id, resumed=connection.session
        )
        if not self._schema.keeps(asked.query):
            refused = await self._admission.before_reading(
                context, asked.query, _client_of(connection), connection.session
            )
            if refused is not None:
                connection.refuse(asked.id, refused.errors)
                return
        asked, checked = await self._trusted.document(context, asked)
        if asked.query:
            connection.begin(asked)
        else:
            await self._answer(connection, checked, asked)

    def begin(self, connection: Connection, asked: Subscribe) -> Operation | None:
        try:
            checked = self._schema.checked(asked.query)
        except GraphQLSyntaxError as error:
            raise Violation(Close.BAD_REQUEST, error.message) from None
        definition = get_operation_ast(checked.document, asked.operation_name)
        lasts = definition is not None and definition.operation is OperationType.SUBSCRIPTION
        if lasts and not checked.refusal(asked.operation_name):
            return _OneShot(self._subscribe(connection, checked, asked), asked.size)
        return _OneShot(self._answer(connection, checked, asked), asked.size)

    def failed(self, error: GraphQLError) -> None:
        self._operations.tallies.socket_errors[code_of(error)] += 1

    async def _subscribe(
        self, connection: Connection, checked: CheckedDocument, asked: Subscribe
    ) -> None:
        """Take the points of a subscription, which are those of one event, and begin it."""
        try:
            admitted = await self._admitted(connection, self._context(connection), checked, asked)
            if not admitted.errors:
                self._operations.tallies.subscriptions[label_of(checked, asked)] += 1
                connection.go_on(
                    asked.id, lambda: self._subscriptions.start(connection, checked, asked)
                )
                return
        except Exception as error:  # noqa: BLE001 - a task of its own: nobody else would hear of it
            connection.refuse(asked.id, [exposed(error, connection.request_id)])
            return
        refused = admitted.finish(ExecutionResult(None, list(admitted.errors)))
        self._operations.answered(checked, asked, refused, perf_counter())
        connection.refuse(asked.id, admitted.errors)

    async def _admitted(
        self,
        connection: Connection,
        context: RequestContext,
        checked: CheckedDocument,
        asked: Subscribe,
    ) -> Admitted:
        found = await self._admission.admit(
            context, checked, asked, _client_of(connection), connection.session
        )
        if asked.reference is not None and not found.errors:
            await self._trusted.keep(asked)
        return found

    def _context(self, connection: Connection) -> RequestContext:
        return RequestContext(
            self._sources,
            None,
            connection.request_id,
            resumed=connection.session,
            client=connection.client,
        )

    async def _answer(
        self, connection: Connection, checked: CheckedDocument, asked: Subscribe
    ) -> None:
        context = self._context(connection)
        REQUEST.set(connection.request_id)
        began = perf_counter()
        try:
            with self._operations.span(connection.request_id):
                admitted = await self._admitted(connection, context, checked, asked)
                result = await answer(self._schema, admitted, checked, asked, context)
                self._operations.answered(checked, asked, result, began)
        except Exception as error:  # noqa: BLE001 - a task of its own: nobody else would hear of it
            connection.refuse(asked.id, [exposed(error, connection.request_id)])
            return
        found = answer_of(result)
        if found.errors:
            connection.refuse(asked.id, found.errors)
        else:
            connection.answer(asked.id, found.parts, context)


def _client_of(connection: Connection) -> ClientOf:
    async def client() -> Client:
        return connection.client

    return client


def _block_of(connection: Connection) -> str:
    """What the client has of addresses; empty for one that has none, like a socket of the system."""
    return address_block(connection.client.address) or ""


def _count_down(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
