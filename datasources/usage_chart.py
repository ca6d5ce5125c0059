"""A small chart of the usage of each day of a reading period, drawn as boxes and lines."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from datasources.sheet import BLACK, GREY, HAIR, Align, Sheet
from domain.bill_sheets import energy_text

_BAR: Final = 90
"How dark bars are, 0 is black."
_STEPS: Final = (1, 2, 5)
_SCALE: Final = 9.0
"Width of the numbers at the left, in mm."
_MOST_LINES: Final = 5
_DATES_EVERY: Final = 7


def draw_daily_usage(
    sheet: Sheet,
    place: tuple[float, float, float, float],
    title: str,
    start_on: date,
    daily: Sequence[int | None],
) -> None:
    """Bars at x, y of a width and height in mm; a day that is not known is a dash."""
    x, y, width, tall = place
    left, bottom = x + _SCALE, y + tall - 5
    most = max(usage or 0 for usage in daily)
    step = scale_step(most)
    top = max(-(-most // step), 1) * step
    per_unit = (bottom - y - 4) / top
    sheet.text(x, y + 2, title, 7, shade=GREY)
    for mark in range(0, top + 1, step):
        at = bottom - mark * per_unit
        sheet.line(left, at, x + width, at, weight=0.1, shade=BLACK if mark == 0 else HAIR)
        sheet.text(left - 1, at + 0.9, energy_text(mark), 6, align=Align.RIGHT, shade=GREY)
    pitch = (x + width - left) / len(daily)
    for day, usage in enumerate(daily):
        middle = left + (day + 0.5) * pitch
        if usage is None:
            sheet.text(middle, bottom - 1, "－", 6, align=Align.CENTRE, shade=GREY)
        elif usage:
            bar = usage * per_unit
            sheet.box(middle - pitch * 0.32, bottom - bar, pitch * 0.64, bar, _BAR)
        if day % _DATES_EVERY == 0:
            on = start_on + timedelta(days=day)
            sheet.text(
                middle, bottom + 3.5, f"{on.month}/{on.day}", 6, align=Align.CENTRE, shade=GREY
            )


def scale_step(most: int) -> int:
    """Distance of the lines of a scale up to `most`: one, two or five times a power of ten."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power * _MOST_LINES >= most:
                return step * power
        power *= 10
