"""The pace at which events are handed out."""

import pytest

from resolvers import pace as pace_module
from resolvers.authority import Authority
from resolvers.pace import Pace


class Asked(Authority):
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.times = 0

    async def settle(self) -> None:
        self.times += 1


def test_after_every_128_events_it_is_time_to_rest() -> None:
    pace = Pace(Asked())

    assert [pace.handed(events) for events in (1, 126, 1, 5)] == [False, False, True, True]


async def test_after_a_rest_events_are_counted_anew() -> None:
    pace = Pace(Asked())
    await pace.settle()
    pace.handed(300)
    await pace.rest()

    assert not pace.handed(127)


async def test_a_long_batch_asks_the_authority_again_every_tenth_of_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority, now = Asked(), 1000.0
    monkeypatch.setattr(pace_module, "monotonic", lambda: now)
    pace = Pace(authority)
    await pace.settle()

    asked = []
    for _ in range(10):
        now += 0.03
        await pace.rest()
        asked.append(authority.times)

    assert asked == [1, 1, 1, 2, 2, 2, 2, 3, 3, 3]
