"""Files of readings in: counted, stored as they are, refused in one line where they cannot be."""

import json
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest

from datasources.embedded import Addresses
from datasources.usage import Span
from domain.facilities import Facility
from domain.readings import Direction, Quality
from domain.slots import SLOTS_PER_DAY, TOKYO, day_of_date, first_slot
from domain.usage import SlotSeries, coverage, total_wh
from resolvers.imports import Import, ImportRefused, RecordKind
from resolvers.sources import Sources
from tests.api import Api, Clock
from tests.command_line import REPOSITORY, Answer, CommandLine
from tests.world import World

LONDON = REPOSITORY.parent / "shared" / "data" / "lcl-MAC000060.csv"
FIRST_DAY, LAST_DAY = date(2011, 12, 10), date(2014, 2, 27)
WITHOUT_ROWS = (date(2012, 10, 18), date(2012, 12, 12), date(2012, 12, 29))
ROWS = 38_784
DAY_HEADER = "年月日," + ",".join(f"{half // 2}:{half % 2 * 30:02}" for half in range(48))
DAY = date(2040, 6, 12)
UNKNOWN = "0399999999999999999999"


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half hours of one London household, or where its file is not there, made-up ones laid out so."""
    if LONDON.is_file():
        return LONDON
    path = tmp_path_factory.mktemp("household") / "household.csv"
    days = (FIRST_DAY + timedelta(days=day) for day in range((LAST_DAY - FIRST_DAY).days + 1))
    rows = [
        f"{day} {half // 2:02}:{half % 2 * 30:02}:00,{(day.toordinal() * 48 + half) % 7919 / 1e4}\n"
        for day in days
        if day not in WITHOUT_ROWS
        for half in range(SLOTS_PER_DAY)
    ]
    path.write_text("".join([",KWH/hh (per half hour) \n", *rows]))
    return path


def wh_by_day(path: Path) -> dict[date, list[int]]:
    """Whole Wh of every row of such a file."""
    days: dict[date, list[int]] = {}
    for row in path.read_text().splitlines()[1:]:
        at, kwh = row.split(",")
        wh = (Decimal(kwh) * 1000).quantize(Decimal(1), ROUND_HALF_UP)
        days.setdefault(date.fromisoformat(at[:10]), []).append(int(wh))
    return days


async def run(
    sources: Sources,
    file: Path,
    facility: Facility | None = None,
    *,
    direction: Direction = Direction.IMPORT,
    ending: date | None = None,
) -> str:
    number = None if facility is None else facility.supply_point
    plan = Import(file, RecordKind.READINGS, number, direction, TOKYO, ending)
    return await plan.run(sources, lambda _: None)


async def days_of(
    sources: Sources,
    facility: Facility,
    first: date,
    last: date,
    direction: Direction = Direction.IMPORT,
) -> SlotSeries:
    bounds = first_slot(day_of_date(first)), first_slot(day_of_date(last) + 1)
    (series,) = await sources.usage.read([Span(facility.number, direction, *bounds)])
    return series


def size_of(path: Path) -> int:
    return path.stat().st_size


def slots_of(day: date) -> tuple[int, int]:
    return first_slot(day_of_date(day)), first_slot(day_of_date(day) + 1)


async def test_a_household_of_two_years_is_stored_to_the_wh_and_days_without_rows_are_missing(
    household: Path, api: Api, world: World, servers: Addresses
) -> None:
    facility = world.alice.facility

    report = await run(api.sources, household, facility)

    assert report == "38,784 stored, 0 unchanged, 0 corrected, 0 rejected"
    series = await days_of(api.sources, facility, FIRST_DAY, LAST_DAY)
    expected = wh_by_day(household)
    assert len(expected) * SLOTS_PER_DAY == ROWS
    assert total_wh(series) == sum(map(sum, expected.values()))
    if household == LONDON:
        assert total_wh(series) == 8_659_209
    days = zip(range(len(series.wh)), series.wh.reshape(-1, SLOTS_PER_DAY).tolist(), strict=False)
    stored = {FIRST_DAY + timedelta(days=day): wh for day, wh in days}
    assert stored == expected | {day: [0] * SLOTS_PER_DAY for day in WITHOUT_ROWS}
    found = coverage(series)
    assert found.missing == tuple(map(slots_of, WITHOUT_ROWS))
    assert (found.expected - found.present, found.present) == (144, ROWS)
    assert set(np.unique(series.quality)) == {Quality.MISSING, Quality.SETTLED}

    heads = await api.sources.usage.heads([facility.number])
    command_line = CommandLine.on(servers, api.sources.mongo.name)
    again = command_line.run("import", household, "--supply-point", facility.supply_point)

    assert (again.code, again.out) == (0, "0 stored, 38,784 unchanged, 0 corrected, 0 rejected\n")
    assert await api.sources.usage.heads([facility.number]) == heads


async def test_a_household_moved_to_end_today_is_seen_within_the_portals_history(
    household: Path, api: Api, world: World, clock: Clock
) -> None:
    today = date(2040, 6, 15)
    clock.now = datetime(2040, 6, 15, 23, 45, tzinfo=TOKYO)
    report = await run(api.sources, household, world.alice.facility, ending=today)
    opened = await api.sources.sessions.open(world.alice.member, "denki-jtb", clock())

    data = await api.data(
        """query($id: ID!) { facility(id: $id) {
            usage(from: "2038-06-15T00:00:00+09:00", to: "2040-06-16T00:00:00+09:00") {
                totalKwh to coverage { expected present missing { from to } settledUntil } } } }""",
        opened.access_token,
        id=world.alice.facility_id,
    )

    moved = today - LAST_DAY
    shown = {
        day + moved: wh
        for day, wh in wh_by_day(household).items()
        if day + moved >= date(2038, 6, 15)
    }
    assert report == "38,784 stored, 0 unchanged, 0 corrected, 0 rejected"
    assert data["facility"]["usage"] == {
        "totalKwh": sum(map(sum, shown.values())) / 1000,
        "to": "2040-06-16T00:00:00+09:00",
        "coverage": {
            "expected": 732 * SLOTS_PER_DAY,
            "present": 729 * SLOTS_PER_DAY,
            "missing": [
                {
                    "from": f"{day + moved}T00:00:00+09:00",
                    "to": f"{day + moved + timedelta(days=1)}T00:00:00+09:00",
                }
                for day in WITHOUT_ROWS
            ],
            "settledUntil": "2040-06-16T00:00:00+09:00",
        },
    }


async def test_half_hours_that_would_end_in_the_future_are_rejected_and_the_rest_is_stored(
    household: Path, api: Api, world: World
) -> None:
    report = await run(api.sources, household, world.alice.facility, ending=date(2040, 6, 15))

    counts, first, *_, twentieth, more = report.splitlines()
    assert counts == "38,761 stored, 0 unchanged, 0 corrected, 23 rejected"
    assert first == (
        "  line 38763: startAt must not be in the future, found 2040-06-15T03:30:00+00:00"
    )
    assert twentieth.startswith("  line 38782: ")
    assert more == "  and 3 more"


async def test_progress_adds_up_to_the_size_of_the_file(
    household: Path, api: Api, world: World
) -> None:
    told: list[int] = []
    number = world.alice.facility.supply_point
    plan = Import(household, RecordKind.READINGS, number, Direction.IMPORT, TOKYO, None)

    await plan.run(api.sources, told.append)

    assert sum(told) == size_of(household)
    assert len(told) > 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
async def test_rows_of_days_are_stored_and_an_empty_cell_is_a_missing_half_hour(
    encoding: str, api: Api, world: World, tmp_path: Path
) -> None:
    cells = [f"{half / 10:.1f}" for half in range(SLOTS_PER_DAY)]
    cells[7] = ""
    file = tmp_path / "days.csv"
    file.write_text(f"{DAY_HEADER}\n{DAY:%Y/%m/%d},{','.join(cells)}\n", encoding)

    report = await run(api.sources, file, world.alice.facility)

    assert report == "47 stored, 0 unchanged, 0 corrected, 0 rejected"
    series = await days_of(api.sources, world.alice.facility, DAY, DAY)
    assert series.wh.tolist() == [0 if half == 7 else half * 100 for half in range(48)]
    gap = first_slot(day_of_date(DAY)) + 7
    assert coverage(series).missing == ((gap, gap + 1),)


async def test_json_lines_go_to_the_supply_points_that_they_name(
    api: Api, world: World, tmp_path: Path
) -> None:
    alice, bob = world.alice.facility, world.bob.facility
    file = tmp_path / "readings.ndjson"
    at = f"{DAY}T00:00:00+09:00"
    lines = [
        {"supplyPointNumber": alice.supply_point, "startAt": at, "kwh": 0.25},
        {"supplyPointNumber": bob.supply_point, "startAt": at, "kwh": 1.5, "quality": "ESTIMATED"},
        {"supplyPointNumber": alice.supply_point, "startAt": at, "kwh": 2, "direction": "EXPORT"},
        {"supplyPointNumber": UNKNOWN, "startAt": at, "kwh": 1},
        {"supplyPointNumber": alice.supply_point, "startAt": at, "kwh": -1},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    report = await run(api.sources, file)

    assert report.splitlines() == [
        "3 stored, 0 unchanged, 0 corrected, 2 rejected",
        f"  line 4: no facility has supply point number {UNKNOWN}",
        "  line 5: kwh must be between 0 and 100000, found -1",
    ]
    drawn, fed_in = [
        (await days_of(api.sources, alice, DAY, DAY, direction)).wh[0] for direction in Direction
    ]
    estimated = await days_of(api.sources, bob, DAY, DAY)
    assert (drawn, fed_in) == (250, 2000)
    assert (estimated.wh[0], estimated.quality[0]) == (1500, Quality.ESTIMATED)


async def test_a_file_can_be_told_to_hold_what_was_fed_in(
    api: Api, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "fed_in.csv"
    file.write_text(f"time,kWh\n{DAY} 12:00,0.7\n")
    facility = world.alice.facility

    report = await run(api.sources, file, facility, direction=Direction.EXPORT)

    assert report == "1 stored, 0 unchanged, 0 corrected, 0 rejected"
    fed_in = await days_of(api.sources, facility, DAY, DAY, Direction.EXPORT)
    assert (fed_in.wh[24], total_wh(fed_in)) == (700, 700)
    drawn = await days_of(api.sources, facility, DAY, DAY)
    assert not drawn.quality.any()


async def test_a_corrected_file_counts_what_it_corrects_and_what_is_as_it_was(
    api: Api, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "readings.csv"
    file.write_text(f"time,kWh\n{DAY} 12:00,0.7\n{DAY} 12:30,0.8\n")
    await run(api.sources, file, world.alice.facility)
    file.write_text(f"time,kWh\n{DAY} 12:00,0.7\n{DAY} 12:30,0.9\n{DAY} 13:00,oops\n")

    report = await run(api.sources, file, world.alice.facility)

    assert report.splitlines() == [
        "0 stored, 1 unchanged, 1 corrected, 1 rejected",
        "  line 4: kwh must be a number, found 'oops'",
    ]
    series = await days_of(api.sources, world.alice.facility, DAY, DAY)
    assert series.wh[24:27].tolist() == [700, 900, 0]
    assert series.revision[24:27].tolist() == [0, 1, 0]


TIMES = f"time,kWh\n{DAY} 12:00,0.7\n".encode()
EXPECTED = (
    'expected lines of "time,kWh", rows of a date and 48 half hours from 0:00, or one JSON object '
    "a line"
)
NO_FACILITY = (
    f"no facility has supply point number {UNKNOWN}; import it first with --kind facilities"
)
NAMES_NONE = "expected a supply point number; found a file of time,kWh lines, which names none"


@pytest.mark.parametrize(
    ("content", "number", "reason"),
    [
        (b"%PDF-1.7 ...", None, f"{EXPECTED}; found a PDF file"),
        (b"", None, f"{EXPECTED}; found an empty file"),
        (b"a,b,c\n1,2,3\n", None, f"{EXPECTED}; found 3 columns 'a,b,c'"),
        (TIMES, None, NAMES_NONE),
        (TIMES, UNKNOWN, NO_FACILITY),
        (TIMES, "12345", "supplyPointNumber must be 22 digits, found 5"),
    ],
)
async def test_what_cannot_be_imported_at_all_is_refused_in_one_line(
    content: bytes, number: str | None, reason: str, api: Api, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    plan = Import(file, RecordKind.READINGS, number, Direction.IMPORT, TOKYO, None)

    with pytest.raises(ImportRefused) as refused:
        await plan.run(api.sources, lambda _: None)

    assert str(refused.value) == reason
    assert await api.sources.mongo["usageDays"].count_documents({}) == 0


async def test_the_command_ends_with_1_and_the_reason_alone_when_a_file_is_refused(
    api: Api, world: World, servers: Addresses, tmp_path: Path
) -> None:
    file = tmp_path / "readings.pdf"
    file.write_bytes(b"%PDF-1.7 ...")

    answer = CommandLine.on(servers, api.sources.mongo.name).run("import", file)

    assert answer == Answer(1, "", f"Error: {EXPECTED}; found a PDF file\n")


async def test_the_command_takes_times_of_another_zone_as_the_instants_they_are(
    api: Api, world: World, servers: Addresses, tmp_path: Path
) -> None:
    number = world.alice.facility.supply_point
    file = tmp_path / "london.csv"
    file.write_text("time,kWh\n2024-07-01 00:00,0.5\n")

    answer = CommandLine.on(servers, api.sources.mongo.name).run(
        "import", file, "--supply-point", number, "--zone", "Europe/London"
    )

    assert (answer.code, answer.out) == (0, "1 stored, 0 unchanged, 0 corrected, 0 rejected\n")
    series = await days_of(api.sources, world.alice.facility, date(2024, 7, 1), date(2024, 7, 1))
    assert np.flatnonzero(series.quality).tolist() == [16]  # midnight in London is 8:00 in Tokyo
