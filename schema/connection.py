"""One graphql-transport-ws connection: the state it is in, and which operations run on it.

What the operations do is the host's business.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any, Final

import structlog
from graphql import GraphQLError

from domain.clients import Client
from domain.errors import LimitExceeded, Unauthenticated
from domain.members import Session
from resolvers.context import RequestContext
from schema.errors import exposed
from schema.execution.rows import Text
from schema.frames import Close
from schema.host import Host
from schema.messages import (
    PONG,
    Subscribe,
    Violation,
    acknowledgement,
    complete_frame,
    error_frame,
    failure_frame,
    init_payload,
    next_frame,
    operation_id,
    parsed,
    subscribe_of,
)
from schema.requests import new_request_id
from schema.running import Operation, Running
from schema.wire import SocketProtocol

SESSION_ENDED: Final = "the session has ended: log in again"
TOO_SLOW: Final = "what is sent here is not read"
_INIT_SECONDS: Final = 10.0
_SLOW_CLOSING_SECONDS: Final = 2.0
_log = structlog.get_logger()


class _Stage(Enum):
    OPENED = auto()
    AUTHENTICATING = auto()
    READY = auto()


class Connection:
    """Behind a door: hears messages as they come, and answers without a queue between."""

    __slots__ = (
        "_authenticating",
        "_draining",
        "_host",
        "_init",
        "_running",
        "_session_over",
        "_slow",
        "_stage",
        "_unwatch",
        "client",
        "door",
        "request_id",
        "session",
        "started",
    )

    def __init__(self, door: SocketProtocol, host: Host, client: Client) -> None:
        self.door = door
        self.client = client
        self.request_id = new_request_id()
        self.started = time.perf_counter()
        self.session: Session | None = None
        self._host = host
        self._stage = _Stage.OPENED
        self._running = Running(host.counts)
        self._draining = False
        self._session_over = False
        self._authenticating: asyncio.Task[None] | None = None
        self._unwatch: Callable[[], None] | None = None
        self._slow: asyncio.TimerHandle | None = None
        loop = asyncio.get_running_loop()
        self._init: asyncio.TimerHandle | None = loop.call_later(_INIT_SECONDS, self._init_is_late)

    # What the door calls

    def received(self, text: str) -> None:
        try:
            self._hear(parsed(text), len(text))
        except Violation as violation:
            self.door.close(violation.code, str(violation))
        except Exception:  # noqa: BLE001 - the loop would drop the connection, and tell nobody why
            _log.exception("internal error", request_id=self.request_id)
            self.door.close(Close.INTERNAL, "Internal server error")

    def received_bytes(self) -> None:
        self.door.close(Close.BAD_REQUEST, "a message must be text")

    def paused(self) -> None:
        self._host.counts.paused += 1
        loop = asyncio.get_running_loop()
        self._slow = loop.call_later(self._host.slow_seconds, self._is_too_slow)

    def resumed(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None
        for operation in self._running:
            operation.resumed()

    def drain(self) -> None:
        self._draining = True
        self._close_when_answered()

    def lost(self) -> None:
        for timer in (self._init, self._slow):
            if timer is not None:
                timer.cancel()
        if self._authenticating is not None:
            self._authenticating.cancel()
        self._running.stop_all()
        self._take_up(None)
        self._host.lost(self)

    # What operations call

    def begin(self, asked: Subscribe) -> None:
        """Go on with an operation whose document was looked up."""
        try:
            self.go_on(asked.id, lambda: self._host.begin(self, asked))
        except Violation as violation:
            self.door.close(violation.code, str(violation))

    def go_on(self, key: str, start: Callable[[], Operation | None]) -> None:
        """Start, in its place, what an operation came to."""
        self._running.forget(key)
        operation = start()
        if operation is not None:
            self._running.add(key, operation)
        self._close_when_answered()

    def refuse(self, operation: str, errors: Sequence[GraphQLError]) -> None:
        """Say that an operation could not begin."""
        self._host.failed(errors[0])
        self._end(operation, error_frame(operation, errors))

    def answer(self, operation: str, payload: Sequence[Text], context: RequestContext) -> None:
        """Say the one result of an operation, and go on as the member who logged in or out by it."""
        self._running.forget(operation)
        self.door.push(next_frame(payload, operation))
        self.door.push([complete_frame(operation)])
        if context.adopted:
            self._adopt(context.session)
        self._close_when_answered()

    def complete(self, operation: str) -> None:
        self._end(operation, complete_frame(operation))

    def fail(self, operation: str, error: Exception) -> None:
        """Say why a subscription cannot go on."""
        shown = exposed(error, self.request_id)
        self._host.failed(shown)
        failure = failure_frame(operation, [shown])
        self._end(operation, failure + complete_frame(operation))

    def watch(self) -> None:
        """End with the session from now on: what it may see is shown without being asked for."""
        if self.session is not None and self._unwatch is None:
            self._unwatch = self._host.watch(self.session, self._session_ended)

    # Messages

    def _hear(self, message: dict[str, Any], size: int) -> None:
        match message["type"]:
            case "subscribe":
                self._subscribe(subscribe_of(message, size))
            case "complete":
                self._running.stop(operation_id(message))
            case "ping":
                self.door.push([PONG])
            case "pong":
                pass
            case "connection_init":
                self._initialise(init_payload(message))
            case _:
                raise Violation(Close.BAD_REQUEST, "this type of message is unknown")

    def _initialise(self, payload: dict[str, Any]) -> None:
        if self._stage is not _Stage.OPENED:
            raise Violation(Close.TOO_MANY_INITS, "Too many initialisation requests")
        if self._init is not None:
            self._init.cancel()
            self._init = None
        authorization = payload.get("authorization")
        if authorization is None:
            self._acknowledge()
        else:
            self._stage = _Stage.AUTHENTICATING
            work = self._authenticate(str(authorization))
            self._authenticating = asyncio.create_task(work)

    async def _authenticate(self, authorization: str) -> None:
        try:
            session = await self._host.authenticate(authorization, self.request_id)
        except Unauthenticated:
            self.door.close(Close.FORBIDDEN, "Forbidden")
        except Exception as error:  # noqa: BLE001 - a task of its own: nobody else would hear of it
            self.door.close(Close.TRY_AGAIN, exposed(error, self.request_id).message)
        else:
            if refusal := self._host.full(session.holder):
                self.door.close(Close.TRY_AGAIN, refusal)
                return
            self._take_up(session)
            self._acknowledge()

    def _acknowledge(self) -> None:
        self._stage = _Stage.READY
        self._authenticating = None
        self.door.push([acknowledgement(self._host.acknowledgement(self.session))])

    def _subscribe(self, asked: Subscribe) -> None:
        if self._stage is not _Stage.READY:
            raise Violation(Close.UNAUTHORIZED, "Unauthorized")
        if asked.id in self._running:
            raise Violation(Close.ID_IN_USE, f"Subscriber for {asked.id} already exists")
        if self._draining:
            return  # the client asks again elsewhere
        host = self._host
        if refusal := self._running.over_limit(asked, host.max_operations, host.max_held):
            self.refuse(asked.id, [exposed(LimitExceeded(refusal), self.request_id)])
            return
        operation = host.start(self, asked)
        if operation is not None:
            self._running.add(asked.id, operation)

    # Ends

    def _end(self, operation: str, frame: bytes) -> None:
        self._running.forget(operation)
        self.door.push([frame])
        self._close_when_answered()

    def _take_up(self, session: Session | None) -> None:
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        if self.session is not None:
            self._host.leave(self.session.holder)
        if session is not None:
            self._host.enter(session.holder)
        self.session = session
        self._session_over = False

    def _adopt(self, session: Session | None) -> None:
        before = self.session
        self._take_up(session)
        if before is None or (session is not None and session.member == before.member):
            if self._running.lasting:
                self.watch()
        else:
            self._end_subscriptions()

    def _session_ended(self) -> None:
        self._session_over = True
        self._end_subscriptions()
        self._close_when_answered()

    def _end_subscriptions(self) -> None:
        for key, operation in self._running.lasting:
            operation.stop()
            self.fail(key, Unauthenticated(SESSION_ENDED))

    def _close_when_answered(self) -> None:
        """Close if that is due, once no query and no mutation is under way."""
        if self._running.only_lasting:
            if self._draining:
                self.door.close(Close.RESTART, "the server restarts")
            elif self._session_over:
                self.door.close(Close.FORBIDDEN, SESSION_ENDED)

    def _init_is_late(self) -> None:
        self.door.close(Close.INIT_TIMEOUT, "Connection initialisation timeout")

    def _is_too_slow(self) -> None:
        self._host.counts.killed += 1
        self.door.close(Close.TRY_AGAIN, TOO_SLOW, _SLOW_CLOSING_SECONDS)
