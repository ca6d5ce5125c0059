"""A reading's way through the API: posted over HTTP, heard of over WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from time import perf_counter
from typing import Any, Final

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.harness import BenchError
from bench.household import Household
from domain.settings import Settings
from schema.nodes import node_id

_SECONDS: Final = 10.0
_PROTOCOL: Final = Subprotocol("graphql-transport-ws")
_SUBSCRIPTION: Final = """
subscription ($facilityIds: [ID!]!) {
  readings(facilityIds: $facilityIds) {
    reading { facilityId startAt endAt direction kwh quality revision receivedAt }
    cursor
    state
  }
}
"""


class ApiWay:
    """A kept-alive HTTP connection, and a subscription to the facility of a household."""

    def __init__(
        self, household: Household, client: httpx.AsyncClient, socket: ClientConnection
    ) -> None:
        self.heard: list[datetime] = []
        "Half hours of the readings that came over the subscription."
        self._household = household
        self._client = client
        self._socket = socket

    @classmethod
    @asynccontextmanager
    async def opened(cls, served: Settings, household: Household) -> AsyncIterator["ApiWay"]:
        address = f"{served.host}:{served.port}"
        headers = {
            "authorization": f"Bearer {household.service_token}",
            "content-type": "application/x-ndjson",
        }
        async with (
            httpx.AsyncClient(base_url=f"http://{address}", headers=headers) as client,
            connect(f"ws://{address}/graphql", subprotocols=[_PROTOCOL]) as socket,
        ):
            way = cls(household, client, socket)
            async with asyncio.timeout(_SECONDS):
                await way._subscribe()
            yield way

    async def take(self, start_at: datetime) -> float:
        """Post a reading of a half hour; milliseconds from just before that to its frame.

        Raises BenchError if it is not stored as a new one or not heard of.
        """
        try:
            async with asyncio.timeout(_SECONDS):
                started = perf_counter()
                _, arrived = await asyncio.gather(self._post(start_at), self._hear(start_at))
        except TimeoutError:
            raise BenchError(f"a reading was not heard of within {_SECONDS:g} s") from None
        return (arrived - started) * 1000

    async def _post(self, start_at: datetime) -> None:
        reading = {
            "supplyPointNumber": self._household.supply_point,
            "startAt": start_at.isoformat(),
            "kwh": 0.123,
        }
        answer = await self._client.post(
            "/ingest/readings",
            content=orjson.dumps(reading),
            headers={"idempotency-key": start_at.isoformat()},
        )
        if not answer.is_success or answer.json()["stored"] != 1:
            raise BenchError(f"a reading was not stored: {answer.status_code} {answer.text}")

    async def _hear(self, start_at: datetime) -> float:
        """When the reading's frame arrived; whatever comes before it is passed over."""
        while True:
            event = await self._event()
            arrived = perf_counter()
            if event["reading"] is None:
                continue
            self.heard.append(datetime.fromisoformat(event["reading"]["startAt"]))
            if self.heard[-1] == start_at:
                return arrived

    async def _subscribe(self) -> None:
        """Subscribe, and wait for the heartbeat that says that all readings from now on come."""
        token = {"authorization": f"Bearer {self._household.access_token}"}
        await self._send(type="connection_init", payload=token)
        await self._socket.recv()
        facility_ids = [node_id("Facility", self._household.facility)]
        query = {"query": _SUBSCRIPTION, "variables": {"facilityIds": facility_ids}}
        await self._send(type="subscribe", id="1", payload=query)
        await self._event()

    async def _send(self, **message: Any) -> None:
        await self._socket.send(orjson.dumps(message).decode())

    async def _event(self) -> dict[str, Any]:
        message = orjson.loads(await self._socket.recv())
        if message["type"] != "next" or message["payload"].get("errors"):
            raise BenchError(f"the subscription ended: {message}")
        event: dict[str, Any] = message["payload"]["data"]["readings"]
        return event
