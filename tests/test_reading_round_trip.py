"""Any day of readings, written in any layout, is read back as it was."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.reading_files import read_readings
from domain.readings import Direction, NewReading, Quality, Rejection
from domain.slots import TOKYO, day_of_date, first_slot, start_of_slot

NUMBER = "0312345678901234567890"
NOW = datetime(2026, 11, 22, 1, 10, tzinfo=UTC)
DAY_HEADER = "年月日," + ",".join(f"{half // 2}:{half % 2 * 30:02}" for half in range(48))


def json_line(start_at: str, kwh: float) -> str:
    return json.dumps({"supplyPointNumber": NUMBER, "startAt": start_at, "kwh": kwh}) + "\n"


def time_kwh_file(day: date, kwh: dict[int, int]) -> str:
    midnight = first_slot(day_of_date(day))
    return "time,kWh\n" + "".join(
        f"{start_of_slot(midnight + half).astimezone(TOKYO):%Y-%m-%d %H:%M},{wh / 1000}\n"
        for half, wh in kwh.items()
    )


def day_row_file(day: date, kwh: dict[int, int]) -> str:
    cells = [f"{kwh[half] / 1000}" if half in kwh else "" for half in range(48)]
    return f"{DAY_HEADER}\n{','.join([f'{day:%Y/%m/%d}', *cells])}\n"


def ndjson_file(day: date, kwh: dict[int, int]) -> str:
    midnight = first_slot(day_of_date(day))
    return "".join(
        json_line(start_of_slot(midnight + half).isoformat(), wh / 1000) for half, wh in kwh.items()
    )


@pytest.mark.parametrize("file_of", [time_kwh_file, day_row_file, ndjson_file])
@given(
    day=st.dates(date(2000, 1, 1), date(2026, 11, 21)),
    kwh=st.dictionaries(st.integers(0, 47), st.integers(0, 100_000_000), min_size=1),
)
def test_any_day_of_readings_is_read_back_from_any_layout(
    tmp_path_factory: pytest.TempPathFactory,
    file_of: Callable[[date, dict[int, int]], str],
    day: date,
    kwh: dict[int, int],
) -> None:
    path = tmp_path_factory.getbasetemp() / f"{file_of.__name__}.txt"
    path.write_text(file_of(day, dict(sorted(kwh.items()))), "utf-8")
    midnight = first_slot(day_of_date(day))
    rows = list(read_readings(path, supply_point=NUMBER, now=NOW))
    assert [row for row in rows if isinstance(row, Rejection)] == []
    assert [row[1] for row in rows if not isinstance(row, Rejection)] == [
        NewReading(NUMBER, Direction.IMPORT, midnight + half, wh, Quality.SETTLED, None)
        for half, wh in sorted(kwh.items())
    ]
