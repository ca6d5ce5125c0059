"""GraphQL over WebSocket: the endpoint of `graphql-transport-ws`."""

import asyncio
from dataclasses import asdict
from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from resolvers.sources import Sources
from schema.clients import client_of
from schema.connection import Connection
from schema.counts import Counts
from schema.frames import Close
from schema.messages import PROTOCOL
from schema.observing import Operations
from schema.origins import Origins, foreign
from schema.requests import REQUEST_ID
from schema.root import KenshinSchema
from schema.service import Service
from schema.trusted import Trusted
from schema.wire import DOOR, SocketProtocol

REPORT_SECONDS: Final = 60.0
_log = structlog.get_logger()


class GraphQLSocket:
    """The /graphql endpoint over WebSocket: an ASGI application behind `SocketProtocol` doors."""

    def __init__(
        self,
        schema: KenshinSchema,
        sources: Sources,
        operations: Operations,
        origins: Origins,
        trusted: Trusted,
    ) -> None:
        self._origins = origins
        self._service = Service(schema, sources, operations, trusted)

    @property
    def counts(self) -> Counts:
        """What the sockets do, in numbers that change."""
        return self._service.counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        if await foreign(self._origins, scope):
            await send({"type": "websocket.close"})  # before it is opened: 403
            return
        door: SocketProtocol = scope["extensions"][DOOR]
        known = PROTOCOL in scope["subprotocols"]
        connection = Connection(door, self._service, client_of(scope))
        door.response.headers[REQUEST_ID] = connection.request_id
        refusal = self._service.arrived(connection)
        if not door.open(connection, PROTOCOL if known else None):
            connection.lost()
        elif not known:
            door.close(Close.WRONG_PROTOCOL, "Subprotocol not acceptable")
        elif refusal is not None:
            door.close(Close.TRY_AGAIN, refusal)

    async def report(self, sources: Sources) -> None:
        """Log from time to time what has changed; comes back only when cancelled."""
        before: dict[str, int] = {}
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            live = {"streams": sources.live.streams, "channels": sources.hub.channels}
            now = asdict(self._service.counts) | live
            if now != before:
                _log.info("sockets", **now)
            before = now
