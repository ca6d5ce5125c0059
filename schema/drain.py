"""The end of a server: nobody new, sockets closed one after the other, requests finished."""

import asyncio
import math
import random
import socket
from typing import Final

import uvicorn

from schema.garbage import LongLived
from schema.wire import SocketProtocol, set_options

_PAUSE_SECONDS: Final = 0.1
_LEAST_AT_ONCE: Final = 50
"So few clients that come back together harm nobody."
_LAST_SECONDS: Final = 1.0
"Of the time to drain: for the last sockets to say goodbye."


class DrainingServer(uvicorn.Server):
    """Lets the clients of sockets go over some time, so that they don't all come back at once."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.long_lived = LongLived()

    async def on_tick(self, counter: int) -> bool:
        self.long_lived.tend()
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in sockets or ():
            set_options(listener)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        doors = []
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, SocketProtocol):
                doors.append(connection)
            else:
                connection.shutdown()
        await self._drain(doors)
        await super().shutdown(sockets)

    async def _drain(self, doors: list[SocketProtocol]) -> None:
        """Close in random order, so many at a time that it is done in time; leaves the rest of it."""
        loop = asyncio.get_running_loop()
        seconds = self.config.timeout_graceful_shutdown or 0
        end = loop.time() + seconds
        turns = max(1, math.floor((seconds - _LAST_SECONDS) / _PAUSE_SECONDS))
        at_once = max(_LEAST_AT_ONCE, math.ceil(len(doors) / turns))
        random.shuffle(doors)
        while doors and not self.force_exit:
            for door in doors[-at_once:]:
                door.shutdown()
            del doors[-at_once:]
            if doors:
                await asyncio.sleep(_PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        self.config.timeout_graceful_shutdown = max(0, math.ceil(end - loop.time()))
