"""GraphQL over WebSocket: the endpoint of `graphql-transport-ws`."""

import asyncio
from collections import Counter
from dataclasses import asdict
from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from resolvers.sources import Sources
from schema.connection import Connection
from schema.frames import Close
from schema.messages import PROTOCOL
from schema.root import KenshinSchema
from schema.service import Service
from schema.wire import DOOR, SocketProtocol

REPORT_SECONDS: Final = 60.0
_log = structlog.get_logger()


class GraphQLSocket:
    """The /graphql endpoint over WebSocket: an ASGI application behind `SocketProtocol` doors.

    It opens the door, and has nothing to do until the connection is lost: everything else is done as
    messages and events come.
    """

    def __init__(self, schema: KenshinSchema, sources: Sources) -> None:
        self._service = Service(schema, sources)
        self._most = sources.settings.max_sockets_per_address
        self._addresses: Counter[str] = Counter()

    async def report(self, sources: Sources) -> None:
        """Log from time to time what has changed; comes back only when cancelled."""
        before: dict[str, int] = {}
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            now = self.counts(sources)
            if now != before:
                _log.info("sockets", **now)
            before = now

    def counts(self, sources: Sources) -> dict[str, int]:
        """What the sockets of the process do, in numbers."""
        live = {"streams": sources.live.streams, "channels": sources.hub.channels}
        return asdict(self._service.counts) | live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        door: SocketProtocol = scope["extensions"][DOOR]
        client = scope["client"]
        address = client[0] if client else ""
        connection = Connection(door, self._service, scope["state"]["request_id"])
        known = PROTOCOL in scope["subprotocols"]
        if not door.open(connection, PROTOCOL if known else None):
            connection.lost()
            return
        self._service.counts.sockets += 1
        self._addresses[address] += 1
        try:
            if not known:
                door.close(Close.WRONG_PROTOCOL, "Subprotocol not acceptable")
            elif self._most and self._addresses[address] > self._most:
                self._service.counts.refused += 1
                door.close(
                    Close.TRY_AGAIN, f"at most {self._most} connections of an address at once"
                )
            await connection.closed
        finally:
            self._service.counts.sockets -= 1
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]
        await send({"type": "websocket.close", "code": door.close_code or 1006})
