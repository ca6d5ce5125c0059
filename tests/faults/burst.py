"""A meter system in a burst: batch after batch, each repeated under its key until acknowledged."""

import asyncio
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
import orjson

from domain.readings import Direction
from tests.faults.records import Name, Reading
from tests.known_usage import HALF_HOUR, tokyo
from tests.serving import Served
from tests.world import Person

START: Final = tokyo(2024, 6, 1)
_HALVES_PER_BATCH: Final = 4
_ANSWER_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Batch:
    key: str
    readings: Sequence[Reading]
    body: bytes


def batches(person: Person, seed: int = 0) -> Iterator[Batch]:
    """Without end: some half hours of every facility, in no order of time, and a correction each.

    A half hour comes once as revision 0, and some once more as revision 1.
    """
    places = dict(zip(person.facility_ids, person.facilities, strict=True))
    chance = random.Random(seed)
    for number in itertools.count():
        readings = [
            reading for facility_id in places for reading in _readings(facility_id, number, chance)
        ]
        points = {facility_id: place.supply_point for facility_id, place in places.items()}
        lines = [_line(points[reading.name.facility_id], reading) for reading in readings]
        yield Batch(f"{person.member} {number}", readings, b"\n".join(lines))


def _readings(facility_id: str, number: int, chance: random.Random) -> Iterator[Reading]:
    first = number * _HALVES_PER_BATCH
    for half in chance.sample(range(first, first + _HALVES_PER_BATCH), _HALVES_PER_BATCH):
        yield _reading(facility_id, half, 0)
    if number:
        yield _reading(facility_id, first - chance.randint(1, _HALVES_PER_BATCH), 1)


def _reading(facility_id: str, half: int, revision: int) -> Reading:
    start_at = (START + half * HALF_HOUR).isoformat()
    direction = Direction(half % 2).name
    return Reading(Name(facility_id, direction, start_at, revision), (half + 1 + revision) / 1000)


def _line(supply_point: str, reading: Reading) -> bytes:
    return orjson.dumps(
        {
            "supplyPointNumber": supply_point,
            "direction": reading.name.direction,
            "startAt": reading.name.start_at,
            "kwh": reading.kwh,
            "revision": reading.name.revision,
        }
    )


class Sender:
    """Posts batches one after the other; where one server does not answer it turns to the next."""

    def __init__(
        self,
        batches: Iterator[Batch],
        token: str,
        servers: Sequence[Served],
        *,
        repeats: bool = True,
    ) -> None:
        self.sent: list[Reading] = []
        "Readings of the batches it is done with, in that order."
        self.batches = 0
        "How many those are."
        self._supply = batches
        self._token = token
        self._servers = list(servers)
        self._repeats = repeats
        self._finishing = False

    @property
    def server(self) -> Served:
        """Where the next batch goes."""
        return self._servers[0]

    def finish(self) -> None:
        """Let `run` end with the batch that is under way."""
        self._finishing = True

    async def run(self, pause_seconds: float = 0.0) -> None:
        """Send until told to finish, with a pause after every batch."""
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/x-ndjson",
        }
        async with httpx.AsyncClient(
            headers=headers, timeout=_ANSWER_SECONDS, verify=False
        ) as client:
            while not self._finishing:
                await self._hand_in(client, next(self._supply))
                await asyncio.sleep(pause_seconds)

    async def _hand_in(self, client: httpx.AsyncClient, batch: Batch) -> None:
        while not await self._post(client, batch) and self._repeats:
            self._servers.append(self._servers.pop(0))
            await asyncio.sleep(_PAUSE_SECONDS)
        self.sent += batch.readings
        self.batches += 1

    async def _post(self, client: httpx.AsyncClient, batch: Batch) -> bool:
        """Whether the batch was acknowledged."""
        try:
            answer = await client.post(
                f"{self.server.url}/ingest/readings",
                content=batch.body,
                headers={"idempotency-key": batch.key},
            )
        except httpx.TransportError:
            return False
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return False
        report = answer.raise_for_status().json()
        counted = report["stored"] + report["unchanged"] + report["corrected"]
        assert counted == len(batch.readings), report
        return True
