"""A subscriber who keeps its last cursor, and comes back by itself however it was cut off."""

import asyncio
from collections import Counter
from typing import Final

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from tests.faults.records import Reading
from tests.stream import READINGS
from tests.world import Person

_PROTOCOL: Final = Subprotocol("graphql-transport-ws")
_CUT: Final = (OSError, EOFError, WebSocketException)
_NO_CLOSE_FRAME: Final = 1006
_PAUSE_SECONDS: Final = 0.02


class Follower:
    """Hears of all facilities of a person; one that is forgetful comes back without its cursor."""

    def __init__(
        self, port: int, person: Person, *, forgetful: bool = False, query: str = READINGS
    ) -> None:
        self.heard: list[Reading] = []
        self.cursors: list[str] = []
        "Of every event so far; the last one is where it goes on."
        self.connections = 0
        self.live = False
        "Whether it has the past, and hears what is new."
        self.closings: Counter[int] = Counter()
        "Close codes of the connections that ended, 1006 for one that was cut."
        self.reads = asyncio.Event()
        "Cleared, it leaves in its socket what comes."
        self.reads.set()
        self._address = f"ws://127.0.0.1:{port}/graphql"
        self._person = person
        self._forgetful = forgetful
        self._query = query

    async def run(self) -> None:
        """Comes back only when cancelled."""
        while True:
            try:
                await self._follow()
            except ConnectionClosed as closed:
                self.closings[closed.rcvd.code if closed.rcvd else _NO_CLOSE_FRAME] += 1
            except _CUT:
                pass
            finally:
                self.live = False
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _follow(self) -> None:
        """Until the connection or the subscription ends."""
        async with connect(
            self._address, subprotocols=[_PROTOCOL], proxy=None, close_timeout=1
        ) as connection:
            await _send(
                connection,
                type="connection_init",
                payload={"authorization": f"Bearer {self._person.token}"},
            )
            await connection.recv()
            await self._subscribe(connection)
            self.connections += 1
            while self._take(await connection.recv()):
                await self.reads.wait()

    async def _subscribe(self, connection: ClientConnection) -> None:
        after = self.cursors[-1] if self.cursors and not self._forgetful else None
        variables = {"ids": self._person.facility_ids, "after": after}
        payload = {"query": self._query, "variables": variables}
        await _send(connection, id="1", type="subscribe", payload=payload)

    def _take(self, text: str | bytes) -> bool:
        """Note an event; False when the subscription has ended."""
        message = orjson.loads(text)
        payload = message.get("payload")
        errors = payload if message["type"] == "error" else payload and payload.get("errors")
        if errors:
            codes = {error["extensions"]["code"] for error in errors}
            assert codes == {"UNAVAILABLE"}, errors
        if message["type"] != "next" or errors:
            return False
        event = payload["data"]["readings"]
        if event["reading"] is None:
            self.live = True
        else:
            self.heard.append(Reading.of(event["reading"]))
        self.cursors.append(event["cursor"])
        return True


async def _send(connection: ClientConnection, **message: object) -> None:
    await connection.send(orjson.dumps(message).decode())
