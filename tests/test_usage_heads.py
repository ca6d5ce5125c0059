"""What a head becomes: where the order stands, and the newest half hour of each direction."""

from datetime import UTC, datetime
from typing import Any

import pytest

from datasources.usage_heads import head_update, new_head
from datasources.usage_news import News
from domain.readings import Direction, Quality
from domain.stored import Announcement, StoredReading

AT = datetime(2040, 6, 15, tzinfo=UTC)
IMPORT, EXPORT = Direction


def reading(slot: int, order: int, direction: Direction = IMPORT) -> StoredReading:
    return StoredReading(7, direction, slot, slot * 10, Quality.SETTLED, 1, order, 99)


def kept(slot: int, order: int) -> dict[str, Any]:
    state = 1 << 2 | Quality.SETTLED
    return {"slot": slot, "wh": slot * 10, "state": state, "order": order, "receivedMs": 99}


def news(*readings: StoredReading) -> News:
    first, last = readings[0].order, readings[-1].order
    return News(Announcement(7, first, last, readings), readings)


def test_a_new_head_has_the_newest_half_hour_of_the_directions_that_came() -> None:
    head = new_head(news(reading(50, 1), reading(51, 2), reading(49, 3)), AT)
    assert head == {"_id": 7, "order": 3, "receivedAt": AT, "latest": [kept(51, 2), None]}


@pytest.mark.parametrize(
    ("readings", "latest"),
    [
        pytest.param([reading(51, 5)], {"latest.0": kept(51, 5)}, id="a later one"),
        pytest.param([reading(50, 5)], {"latest.0": kept(50, 5)}, id="the same, corrected"),
        pytest.param([reading(49, 5)], {}, id="an earlier one"),
        pytest.param(
            [reading(51, 5), reading(51, 6), reading(50, 7)],
            {"latest.0": kept(51, 6)},
            id="several",
        ),
        pytest.param(
            [reading(49, 5), reading(3, 6, EXPORT)],
            {"latest.1": kept(3, 6)},
            id="the first one fed in",
        ),
    ],
)
def test_a_head_moves_on_and_its_newest_half_hours_never_go_back(
    readings: list[StoredReading], latest: dict[str, Any]
) -> None:
    head = {"_id": 7, "order": 4, "receivedAt": AT, "latest": [kept(50, 4), None]}
    update = head_update(head, news(*readings), AT)
    assert update == {"$set": {"order": readings[-1].order, "receivedAt": AT, **latest}}
