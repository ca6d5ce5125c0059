"""The usage of Alice's facility, asked for by all its fields."""

from datetime import datetime
from typing import Any

from tests.api import Api
from tests.world import World

SERIES = """
query ($id: ID!, $from: DateTime!, $to: DateTime!, $resolution: Resolution! = HALF_HOUR,
       $direction: Direction! = IMPORT) {
  facility(id: $id) {
    usage(from: $from, to: $to, resolution: $resolution, direction: $direction) {
      from to resolution direction totalKwh totalYen
      points { startAt endAt kwh yen quality revision missingHalfHours }
      columns { startAt kwh yen quality }
      peak { startAt kwh }
      coverage { expected present missing { from to } settledUntil }
    }
  }
}
"""


async def series(
    api: Api, world: World, start: datetime | str, end: datetime | str, **variables: Any
) -> dict[str, Any]:
    """Series of Alice's facility, whose points and columns always tell the same."""
    given = {"id": world.alice.facility_id, "from": text(start), "to": text(end)} | variables
    data = await api.data(SERIES, world.alice.token, **given)
    usage: dict[str, Any] = data["facility"]["usage"]
    points = usage["points"]
    for name in ("startAt", "kwh", "yen", "quality"):
        assert usage["columns"][name] == [point[name] for point in points]
    assert [point["endAt"] for point in points[:-1]] == [point["startAt"] for point in points[1:]]
    return usage


def text(instant: datetime | str) -> str:
    return instant if isinstance(instant, str) else instant.isoformat()
