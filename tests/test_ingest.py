"""POST /ingest/readings as a meter system uses it: what is stored, what is refused, and the counts."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from datasources.announcements import Announcer
from datasources.mongo import Mongo
from domain.settings import Settings
from domain.slots import TOKYO
from resolvers import lifecycle
from resolvers.intake import announce_forgotten
from resolvers.sources import open_sources
from tests.api import Api, Clock
from tests.known_usage import HALF_HOUR
from tests.meters import NOTHING, START, Meters
from tests.world import World

READINGS = "subscription ($ids: [ID!]!) { readings(facilityIds: $ids) { reading { kwh } } }"


@pytest.fixture
async def meters(api: Api, world: World) -> Meters:
    return await Meters.made(api, world)


async def test_readings_are_stored_with_their_quality_revision_and_direction(
    meters: Meters,
) -> None:
    answer = await meters.send(
        meters.line(0, 0.123),
        meters.line(1, "0.5", quality="PROVISIONAL"),
        meters.line(2, 1, quality="ESTIMATED", revision=4),
        meters.line(0, 2.25, direction="EXPORT"),
    )

    assert answer == {"stored": 4}
    assert await meters.points(3) == [
        (0.123, "SETTLED", 0),
        (0.5, "PROVISIONAL", 0),
        (1.0, "ESTIMATED", 4),
    ]
    assert (await meters.points(1, "EXPORT")) == [(2.25, "SETTLED", 0)]


async def test_a_bad_line_is_rejected_with_its_number_and_reason_and_the_rest_is_stored(
    meters: Meters, clock: Clock
) -> None:
    later = (clock.now + timedelta(hours=1)).astimezone(TOKYO).replace(minute=0)
    no_offset = START.replace(tzinfo=None).isoformat()
    lines = [
        meters.line(0, 0.1),
        b'{"supplyPointNumber": ',
        meters.line(1, -0.001),
        meters.line(1).replace(b"0.5", b"NaN"),
        meters.line(1, 1e9),
        meters.line(1, startAt="2040-06-01T00:15:00+09:00"),
        meters.line(1, startAt=later.isoformat()),
        meters.line(1, supplyPointNumber="0399999999999999999999"),
        meters.line(1, supplyPointNumber="03000000000000000000001"),
        meters.line(1, kWh=1),
        meters.line(1, startAt=no_offset),
        b"[1, 2]",
        b"\xff\xfe",
        b"x" * 5000,
        meters.line(1, 0.2),
    ]

    answer = await meters.send(*lines)

    rejections = {item["line"]: item["reason"] for item in answer.pop("rejections")}
    assert answer == {"stored": 2, "rejected": 13}
    assert rejections == {
        2: "not a JSON object: unexpected end of data at column 23",
        3: "kwh must be between 0 and 100000, found -0.001",
        4: rejections[4],  # as orjson puts it
        5: "kwh must be between 0 and 100000, found 1000000000.0",
        6: "startAt must be on a half hour, found 2040-06-01T00:15:00+09:00",
        7: "startAt must not be in the future, found 2040-06-15T13:00:00+09:00",
        8: "no facility has supply point number 0399999999999999999999",
        9: "supplyPointNumber must be 22 digits, found 23",
        10: (
            "keys must be among supplyPointNumber, startAt, kwh, direction, quality, revision, "
            "found 'kWh'"
        ),
        11: "startAt must name its offset, 2040-06-01T00:00:00 has no offset",
        12: "not a JSON object: found [...]",
        13: rejections[13],
        14: "a line must have at most 4096 bytes, found more",
    }
    assert rejections[4].startswith("not a JSON object: ")
    assert rejections[13].startswith("not a JSON object: ")
    assert await meters.kwh(2) == [0.1, 0.2]


async def test_a_line_that_is_too_long_is_rejected_however_the_body_is_cut(meters: Meters) -> None:
    long = b'{"supplyPointNumber": "' + b"0" * 200_000 + b'"}'

    answer = await meters.send(meters.line(0), long, meters.line(1), long)

    reason = "a line must have at most 4096 bytes, found more"
    assert answer == {
        "stored": 2,
        "rejected": 2,
        "rejections": [{"line": 2, "reason": reason}, {"line": 4, "reason": reason}],
    }


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(b"%s\n%s\n", id="newline at the end"),
        pytest.param(b"%s\n%s", id="no newline at the end"),
        pytest.param(b"%s\r\n%s\r\n", id="CRLF"),
        pytest.param(b"\n\r\n%s\n  \n\n%s\n\n", id="blank lines"),
    ],
)
async def test_lines_end_as_they_like_and_blank_ones_do_not_count(
    meters: Meters, form: bytes
) -> None:
    response = await meters.post(form % (meters.line(0, 0.1), meters.line(1, 0.2)))

    assert response.json() == NOTHING | {"stored": 2}
    assert await meters.kwh(2) == [0.1, 0.2]


async def test_blank_lines_are_numbered_with_the_others(meters: Meters) -> None:
    answer = await meters.send(b"", meters.line(0), b"\r", b"{", b"")

    assert [item["line"] for item in answer["rejections"]] == [4]


async def test_an_empty_body_is_an_empty_batch(meters: Meters) -> None:
    assert await meters.send(b"") == {}


async def test_of_more_than_a_thousand_rejections_the_rest_is_counted(meters: Meters) -> None:
    answer = await meters.send(*[b"{"] * 1002)

    assert answer["rejected"] == 1002
    assert [item["line"] for item in answer["rejections"]] == list(range(1, 1001))
    assert answer["rejectionsOmitted"] == 2


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer", "Basic bWRtczpvaw=="])
async def test_without_a_valid_service_token_nothing_is_stored(
    meters: Meters, authorization: str | None
) -> None:
    assert await meters.refused(meters.line(), authorization=authorization) == (
        401,
        "UNAUTHENTICATED",
        "Authorization must be: Bearer <valid service token>",
    )
    assert await meters.kwh(1) == [None]


async def test_a_members_session_is_no_service_token(meters: Meters, world: World) -> None:
    status, code, _ = await meters.refused(authorization=f"Bearer {world.alice.token}")

    assert (status, code) == (401, "UNAUTHENTICATED")


async def test_a_service_token_works_until_it_expires(meters: Meters, clock: Clock) -> None:
    tokens = meters.api.sources.service_tokens
    meters.token = await tokens.create("other", clock.now, clock.now + timedelta(days=1))

    clock.advance(days=1, seconds=-1)
    assert await meters.send(meters.line()) == {"stored": 1}
    clock.advance(seconds=1)
    status, code, _ = await meters.refused(meters.line(1))

    assert (status, code) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(("key", "found"), [(None, 0), ("", 0), ("k" * 201, 201)])
async def test_an_idempotency_key_of_1_to_200_characters_is_needed(
    meters: Meters, key: str | None, found: int
) -> None:
    assert await meters.refused(meters.line(), idempotency_key=key) == (
        400,
        "BAD_INPUT",
        f"Idempotency-Key must be 1 to 200 characters, found {found}",
    )
    assert await meters.kwh(1) == [None]


@pytest.mark.parametrize("kind", [None, "application/json", "text/plain"])
async def test_a_body_that_is_not_said_to_be_ndjson_is_refused(
    meters: Meters, kind: str | None
) -> None:
    assert await meters.refused(meters.line(), content_type=kind) == (
        400,
        "BAD_INPUT",
        "Content-Type must be application/x-ndjson",
    )


async def test_the_same_batch_again_is_answered_the_same_and_stores_nothing(
    meters: Meters, clock: Clock
) -> None:
    lines = meters.line(0, 0.1), b"{", meters.line(1, 0.2)
    first = await meters.send(*lines, idempotency_key="batch 1")
    clock.advance(seconds=30)
    await meters.send(meters.line(0, 0.9, revision=5), idempotency_key="batch 2")

    again = await meters.send(*lines, idempotency_key="batch 1")

    assert again == first
    assert (first["stored"], first["rejected"]) == (2, 1)
    assert await meters.points(2) == [(0.9, "SETTLED", 5), (0.2, "SETTLED", 0)]


async def test_a_key_that_came_with_another_body_is_refused_without_effect(meters: Meters) -> None:
    await meters.send(meters.line(0, 0.1), idempotency_key="batch 1")

    refused = await meters.refused(meters.line(1, 0.2), idempotency_key="batch 1")

    expected = "this Idempotency-Key came with another body before"
    assert refused == (400, "BAD_INPUT", expected)
    assert await meters.kwh(2) == [0.1, None]


async def test_keys_of_two_senders_do_not_meet(meters: Meters, clock: Clock) -> None:
    await meters.send(meters.line(0, 0.1), idempotency_key="batch 1")
    meters.token = await meters.api.sources.service_tokens.create("other", clock.now)

    assert await meters.send(meters.line(1, 0.2), idempotency_key="batch 1") == {"stored": 1}


@pytest.mark.parametrize(
    ("fields", "answer", "after"),
    [
        ({"kwh": 0.5}, {"unchanged": 1}, (0.5, "SETTLED", 3)),
        ({"kwh": 0.6}, {"corrected": 1}, (0.6, "SETTLED", 4)),
        ({"quality": "ESTIMATED"}, {"corrected": 1}, (0.5, "ESTIMATED", 4)),
        ({"kwh": 0.5, "revision": 3}, {"unchanged": 1}, (0.5, "SETTLED", 3)),
        ({"kwh": 0.6, "revision": 4}, {"corrected": 1}, (0.6, "SETTLED", 4)),
        ({"kwh": 0.5, "revision": 9}, {"corrected": 1}, (0.5, "SETTLED", 9)),
        ({"kwh": 0.6, "revision": 2}, {"unchanged": 1}, (0.5, "SETTLED", 3)),
        (
            {"kwh": 0.6, "revision": 3},
            {
                "rejected": 1,
                "rejections": [
                    {"line": 1, "reason": "revision 3 is stored with another value"},
                ],
            },
            (0.5, "SETTLED", 3),
        ),
    ],
)
async def test_a_stored_half_hour_changes_only_by_a_higher_revision(
    meters: Meters, fields: dict[str, Any], answer: dict[str, Any], after: tuple[Any, ...]
) -> None:
    await meters.send(meters.line(0, 0.5, revision=3))

    assert await meters.send(meters.line(0, **fields)) == answer
    assert await meters.points(1) == [after]


async def test_of_several_readings_of_a_half_hour_in_one_batch_each_meets_the_one_before(
    meters: Meters,
) -> None:
    answer = await meters.send(
        meters.line(0, 0.1), meters.line(0, 0.2), meters.line(0, 0.2), meters.line(0, 0.3)
    )

    assert answer == {"stored": 1, "unchanged": 1, "corrected": 2}
    assert await meters.points(1) == [(0.3, "SETTLED", 2)]


async def test_a_batch_of_25_000_lines_is_stored_whole(meters: Meters) -> None:
    first = datetime(2038, 6, 16, tzinfo=TOKYO)
    lines = [
        meters.line(0, half % 1000 / 1000, startAt=(first + half * HALF_HOUR).isoformat())
        for half in range(25_000)
    ]

    assert await meters.send(*lines) == {"stored": 25_000}

    number = meters.world.alice.facility.number
    head = (await meters.api.sources.usage.heads([number]))[number]
    assert head.order == 25_000
    stored = await meters.api.sources.usage.stored_between({number: 0}, {number: 25_000})
    assert [reading.order for reading in stored] == list(range(1, 25_001))
    assert sum(reading.wh for reading in stored) == 25 * sum(range(1000))


async def test_batches_at_the_same_time_give_a_facility_one_order_without_holes(
    meters: Meters,
) -> None:
    batches = [
        [meters.line(half, 0.1 + half / 1000) for half in range(part, 160, 8)] for part in range(8)
    ]

    answers = await asyncio.gather(*(meters.send(*batch) for batch in batches))

    assert answers == [{"stored": 20}] * 8
    number = meters.world.alice.facility.number
    assert (await meters.api.sources.usage.heads([number]))[number].order == 160
    stored = await meters.api.sources.usage.stored_between({number: 0}, {number: 160})
    assert [reading.order for reading in stored] == list(range(1, 161))
    assert await meters.kwh(160) == [round(0.1 + half / 1000, 3) for half in range(160)]


async def test_the_same_batch_twice_at_the_same_time_is_stored_once(meters: Meters) -> None:
    lines = [meters.line(half, 0.3) for half in range(10)]

    answers = await asyncio.gather(*(meters.send(*lines, idempotency_key="one") for _ in range(4)))

    assert answers == answers[:1] * 4
    number = meters.world.alice.facility.number
    assert (await meters.api.sources.usage.heads([number]))[number].order == 10


async def test_what_was_stored_but_not_announced_is_announced_later(
    settings: Settings, mongo: Mongo, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "_FORGOTTEN_SECONDS", 0.05)
    quiet = replace(settings, heartbeat_seconds=60.0)  # else a heartbeat finds the reading, too
    async with Api.serving(open_sources(quiet, mongo, clock)) as api:
        world = await World.made(api.sources)
        meters = await Meters.made(api, world)
        async with api.socket(world.alice.token) as socket:
            await socket.subscribe("1", READINGS, ids=[world.alice.facility_id])
            assert (await socket.event())["reading"] is None
            with monkeypatch.context() as patched:
                patched.setattr(Announcer, "publish", _lost)
                assert await meters.send(meters.line(0, 0.7)) == {"stored": 1}
            assert await announce_forgotten(api.sources) == 0  # who stored it may be about to
            assert await mongo["unpublished"].count_documents({}) == 1

            clock.advance(seconds=6)

            assert (await socket.event())["reading"] == {"kwh": 0.7}
        await eventually_none_unpublished(mongo)


async def test_what_was_announced_is_not_kept_as_unpublished(meters: Meters) -> None:
    await meters.send(meters.line(0), meters.line(1))

    assert await meters.api.sources.mongo["unpublished"].count_documents({}) == 0


def test_what_is_acknowledged_is_on_the_disks_of_a_majority(mongo: Mongo) -> None:
    assert mongo.write_concern.document == {"w": "majority", "j": True}
    assert mongo.read_concern.document == {"level": "majority"}


async def _lost(*_: object) -> bool:
    return False


async def eventually_none_unpublished(mongo: Mongo) -> None:
    async with asyncio.timeout(20):
        while await mongo["unpublished"].count_documents({}):
            pass
