"""Usage that is asked for in a way that cannot be answered: what is refused, and what just is not."""

from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest

from domain.portal import Portal
from tests.api import Api
from tests.known_usage import tokyo
from tests.usage_series import SERIES, series, text
from tests.world import World

PROFILE = """
query ($id: ID!, $from: DateTime!, $to: DateTime!) {
  facility(id: $id) { usageProfile(from: $from, to: $to) { points { halfHours } } }
}
"""


@pytest.mark.parametrize(
    ("start", "end", "code", "message"),
    [
        (
            "2038-06-14T23:30:00+09:00",
            "2038-06-20T00:00:00+09:00",
            "RANGE_TOO_LARGE",
            (
                "でんきJTB お客さまポータルサイト shows the last 24 months: from must not be before "
                "2038-06-15T00:00:00+09:00, found 2038-06-14T23:30:00+09:00"
            ),
        ),
        (
            "2040-06-01T00:00:00+09:00",
            "2040-05-31T15:00:00Z",
            "BAD_INPUT",
            "from must be before to, found 2040-06-01T00:00:00+09:00 and 2040-05-31T15:00:00+00:00",
        ),
        (
            "2040-06-02T00:00:00+09:00",
            "2040-06-01T00:00:00+09:00",
            "BAD_INPUT",
            "from must be before to, found 2040-06-02T00:00:00+09:00 and 2040-06-01T00:00:00+09:00",
        ),
    ],
)
async def test_a_span_that_cannot_be_answered_is_refused_with_the_limit(
    api: Api, world: World, start: str, end: str, code: str, message: str
) -> None:
    given = {"id": world.alice.facility_id, "from": start, "to": end}
    assert await api.error(SERIES, world.alice.token, **given) == (code, message)


async def test_a_span_over_the_limit_of_its_resolution_is_refused_and_one_at_it_is_answered(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = replace(api.sources.portals["denki-jtb"], history_months=120)
    monkeypatch.setitem(cast(dict[str, Portal], api.sources.portals), "denki-jtb", portal)
    place = await world.place("denki-jtb", world.alice.member, start_on=date(2030, 1, 1))
    await world.use(place, date(2040, 6, 1), 2)
    world.alice.facilities.insert(0, place)
    end = tokyo(2040, 6, 3)

    for resolution, days in (("HALF_HOUR", 775), ("HOUR", 1550)):
        start = end - timedelta(days=days)
        usage = await series(api, world, start, end, resolution=resolution)
        assert usage["coverage"]["expected"] == days * 48
        assert usage["coverage"]["present"] == 96
        given = {"id": world.alice.facility_id, "to": text(end), "resolution": resolution}
        given["from"] = text(start - timedelta(minutes=30))
        assert await api.error(SERIES, world.alice.token, **given) == (
            "RANGE_TOO_LARGE",
            f"{resolution} is answered for at most {days:,} days at once, found {days + 1:,}",
        )
    years = await series(api, world, tokyo(2030, 6, 15), tokyo(2140, 1, 1), resolution="YEAR")
    assert years["coverage"]["present"] == 96
    given = {"id": world.alice.facility_id, "from": text(tokyo(2030, 6, 15)), "to": text(end)}
    data = await api.data(PROFILE, world.alice.token, **given)
    assert [point["halfHours"] for point in data["facility"]["usageProfile"]["points"]] == [2] * 48


async def test_a_time_without_an_offset_is_refused_and_not_guessed(api: Api, world: World) -> None:
    given = {"id": world.alice.facility_id, "from": "2040-06-01T00:00:00", "to": "2040-06-02T00Z"}

    code, message = await api.error(SERIES, world.alice.token, **given)

    assert code == "BAD_INPUT"
    assert "has no offset: write e.g. 2040-06-01T00:00:00+09:00" in message
