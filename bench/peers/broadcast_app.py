"""The limit of sending one thing to all: `websockets.broadcast` of what Redis brings, as it is.

Run as `python -m bench.peers.broadcast_app`; no GraphQL, no operations, nobody is asked who he is.
"""

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any, Final

from redis.asyncio import Redis
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.typing import Subprotocol

_PROTOCOL: Final = Subprotocol("graphql-transport-ws")


async def main() -> None:
    connections: set[ServerConnection] = set()

    async def keep(connection: ServerConnection) -> None:
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)

    redis = Redis.from_url(os.environ["PEER_REDIS_URL"]).pubsub()
    await redis.subscribe(os.environ["PEER_CHANNELS"])
    port = int(os.environ["PORT"])
    options: dict[str, Any] = {"subprotocols": [_PROTOCOL], "compression": None}
    async with serve(keep, "127.0.0.1", port, ping_interval=None, **options):
        async for message in redis.listen():
            if message["type"] == "message":
                broadcast(connections, message["data"].decode())


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On the loop that the API runs on."""
    if sys.platform == "win32":
        asyncio.run(work)
        return
    import uvloop  # noqa: PLC0415 - there is none for Windows

    uvloop.run(work)


if __name__ == "__main__":
    _run(main())
