"""A meter system that hands readings in over HTTP, as `docs/ingest.md` tells it to."""

from typing import Any

import httpx
import orjson

from tests.api import Api
from tests.known_usage import HALF_HOUR, tokyo
from tests.world import World

START = tokyo(2040, 6, 1)
USAGE = """
query ($id: ID!, $from: DateTime!, $to: DateTime!, $direction: Direction! = IMPORT) {
  facility(id: $id) {
    usage(from: $from, to: $to, direction: $direction) { points { kwh quality revision } }
  }
}
"""
NOTHING = {
    "stored": 0,
    "unchanged": 0,
    "corrected": 0,
    "rejected": 0,
    "rejections": [],
    "rejectionsOmitted": 0,
}


class Meters:
    """A meter system that sends readings of Alice's facility unless told otherwise."""

    def __init__(self, api: Api, world: World, token: str) -> None:
        self.api = api
        self.world = world
        self.token = token
        self.supply_point = world.alice.facility.supply_point
        self._keys = 0

    @classmethod
    async def made(cls, api: Api, world: World) -> "Meters":
        return cls(api, world, await api.sources.service_tokens.create("mdms", api.sources.clock()))

    def line(self, half: int = 0, kwh: Any = 0.5, **fields: Any) -> bytes:
        """Line of a half hour since START."""
        at = (START + half * HALF_HOUR).isoformat()
        return orjson.dumps(
            {"supplyPointNumber": self.supply_point, "startAt": at, "kwh": kwh} | fields
        )

    async def post(self, body: bytes, **headers: str | None) -> httpx.Response:
        """Post a body under a new key; a header given as None is left out."""
        self._keys += 1
        given: dict[str, str | None] = {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/x-ndjson",
            "idempotency-key": f"key {self._keys}",
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value is not None}
        return await self.api.client.post("/ingest/readings", content=body, headers=sent)

    async def send(self, *lines: bytes, **headers: str | None) -> dict[str, Any]:
        """What is answered to lines, without what is 0 or empty."""
        response = await self.post(b"\n".join(lines), **headers)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        assert answer.keys() == NOTHING.keys()
        return {name: value for name, value in answer.items() if value}

    async def refused(self, body: bytes = b"", **headers: str | None) -> tuple[int, str, str]:
        """Status, code and message of a refusal."""
        response = await self.post(body, **headers)
        error = response.json()["error"]
        return response.status_code, error["code"], error["message"]

    async def points(self, halves: int, direction: str = "IMPORT") -> list[tuple[Any, ...]]:
        """kWh, quality and revision of the first half hours of Alice's series."""
        data = await self.api.data(
            USAGE,
            self.world.alice.token,
            id=self.world.alice.facility_id,
            to=(START + halves * HALF_HOUR).isoformat(),
            direction=direction,
            **{"from": START.isoformat()},
        )
        points = data["facility"]["usage"]["points"]
        return [(point["kwh"], point["quality"], point["revision"]) for point in points]

    async def kwh(self, halves: int) -> list[float | None]:
        return [kwh for kwh, _, _ in await self.points(halves)]
