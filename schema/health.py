"""Health for orchestrators: alive, and ready to answer with every dependency."""

import asyncio
from http import HTTPStatus
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from resolvers.lifecycle import Lifecycle

_SECONDS: Final = 2.0


async def healthz(_request: Request) -> Response:
    """The process lives."""
    return PlainTextResponse("ok\n")


class Readiness:
    """200 when MongoDB (migrated) and Redis answer, else 503 with the word for each."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def answer(self, _request: Request) -> Response:
        mongodb, redis = await asyncio.gather(
            self._lifecycle.mongodb_state(_SECONDS), self._lifecycle.redis_state(_SECONDS)
        )
        ready = mongodb == redis == "ok"
        return Response(
            orjson.dumps({"ready": ready, "mongodb": mongodb, "redis": redis}) + b"\n",
            HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
            media_type="application/json",
        )
