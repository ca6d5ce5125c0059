"""Strawberry's subscriptions as they come, on a shared hub."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from bench.peers.live_hub import Hub

_CHANNELS: Final = os.environ["PEER_CHANNELS"]
_QUEUED: Final = 16
_HUB: Final = Hub()


@strawberry.type
class Reading:
    facility_id: strawberry.ID
    start_at: str
    kwh: float


@strawberry.type
class ReadingEvent:
    reading: Reading | None
    cursor: str

    @classmethod
    def of(cls, message: bytes) -> "ReadingEvent":
        event: dict[str, Any] = orjson.loads(message)["readings"]
        found = event["reading"]
        reading = Reading(
            facility_id=found["facilityId"], start_at=found["startAt"], kwh=found["kwh"]
        )
        return cls(reading=reading, cursor=event["cursor"])


@strawberry.type
class Query:
    live: bool | None = None


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def readings(
        self,
        facility_ids: list[strawberry.ID],
        after: str | None = None,  # noqa: ARG002 - everyone starts at the present
    ) -> AsyncGenerator[ReadingEvent, None]:
        queue: asyncio.Queue[bytes] = asyncio.Queue(_QUEUED)

        def put(message: bytes) -> None:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)

        topics = [f"{_CHANNELS}:{name}".encode() for name in facility_ids]
        for topic in topics:
            await _HUB.join(topic, put)
        try:
            while True:
                yield ReadingEvent.of(await queue.get())
        finally:
            for topic in topics:
                await _HUB.leave(topic, put)


_SOCKET: Final[GraphQL[Any, None]] = GraphQL(
    strawberry.Schema(Query, subscription=Subscription),
    subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
)


def _hearing(_app: Starlette) -> AbstractAsyncContextManager[None]:
    return _HUB.hearing()


app = Starlette(routes=[WebSocketRoute("/graphql", _SOCKET)], lifespan=_hearing)
