"""The running Tokyo day (US-10): its total against yesterday, and what it and its period come to.

All that is known of a day stays small, so that each of very many live subscriptions can keep it and
take in new readings without asking the database.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.forecast import day_forecast, expected_wh, filled, whole_wh
from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, day_of_slot, slot_at, start_of_slot
from domain.stored import StoredReading
from domain.tariff.running import RunningPrice
from domain.usage import SlotSeries, total_wh

_MISSING: Final = int(Quality.MISSING)
"Looked up once: members of an enum are slow to get at."


@dataclass(frozen=True, slots=True)
class PeriodTotal:
    """The running reading period, days ``[first_day, end_day)``.

    `wh` was used in it so far, `missing` half hours so far should have a value and have none;
    `forecast_wh` is what it comes to, None if too little is known, `forecast_yen` its bill.
    """

    first_day: int
    end_day: int
    wh: int
    missing: int
    forecast_wh: float | None
    forecast_yen: int | None = None

    def with_day(
        self, wh: int, missing: int, forecast_wh: float | None, forecast_yen: int | None
    ) -> "PeriodTotal":
        """The period with a day that was not in it yet."""
        known = self.forecast_wh is not None and forecast_wh is not None
        return replace(
            self,
            wh=self.wh + wh,
            missing=self.missing + missing,
            forecast_wh=(self.forecast_wh or 0) + (forecast_wh or 0) if known else None,
            forecast_yen=forecast_yen,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is expected: Wh of today's half hours, shape ``(48,)``, and the period without today."""

    expected: NDArray[np.float64]
    period: PeriodTotal | None


@dataclass(frozen=True, slots=True)
class Today:
    """Usage of the running day, and of the day before up to the same half hour and whole.

    `missing` half hours up to now should have a value and have none; `sen` is None if nothing prices
    the day.
    """

    start: datetime
    as_of: datetime
    wh: int
    same_time_yesterday_wh: int
    yesterday_wh: int
    missing: int
    forecast_wh: float | None
    period: PeriodTotal | None
    sen: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class KnownDay:
    """All that is known of a day: 48 half hours of it and of the day before, MISSING where unknown.

    Without an outlook nothing is forecast, without a price nothing has yen.
    """

    today: SlotSeries
    yesterday: SlotSeries
    supplied: range
    outlook: Outlook | None = None
    price: RunningPrice | None = None

    @classmethod
    def of(
        cls,
        series: SlotSeries,
        supplied: range,
        outlook: Outlook | None = None,
        price: RunningPrice | None = None,
    ) -> "KnownDay":
        """The last day of a series and the one before it, copied so that nothing else is kept."""
        wh, quality, revision = (
            column[-2 * SLOTS_PER_DAY :].copy()
            for column in (series.wh, series.quality, series.revision)
        )
        days = SlotSeries(series.end - 2 * SLOTS_PER_DAY, wh, quality, revision)
        middle = series.end - SLOTS_PER_DAY
        return cls(
            days.between(middle, series.end),
            days.between(days.first, middle),
            supplied,
            outlook,
            price,
        )

    @property
    def day(self) -> int:
        return day_of_slot(self.today.first)

    def holds(self, slot: int) -> bool:
        """Whether a slot is one of the day's."""
        return self.today.first <= slot < self.today.end

    def with_reading(self, reading: StoredReading) -> "KnownDay":
        """The same with a reading of the day; an older revision than the known one changes nothing."""
        today, place = self.today, reading.slot - self.today.first
        if today.quality[place] != _MISSING and reading.revision < today.revision[place]:
            return self
        wh, quality, revision = today.wh.copy(), today.quality.copy(), today.revision.copy()
        wh[place], quality[place], revision[place] = reading.wh, reading.quality, reading.revision
        return replace(self, today=SlotSeries(today.first, wh, quality, revision))

    def total(self, now: datetime, reading_due: timedelta) -> Today:
        """Where the day stands at an instant of it; a half hour is due so long after its end."""
        today, wh = self.today, total_wh(self.today)
        present = np.flatnonzero(today.quality != _MISSING)
        known = int(present[-1]) + 1 if len(present) else 0
        due = max(known, min(slot_at(now - reading_due) - today.first, SLOTS_PER_DAY), 0)
        missing = _missing(today.between(today.first, today.first + due), self.supplied)
        same_time = self.yesterday.between(self.yesterday.first, self.yesterday.first + known)
        forecast_wh, period, price = None, None, self.price
        if self.outlook is not None:
            forecast = day_forecast(today, slot_at(now), self.outlook.expected)
            forecast_wh = whole_wh(forecast)
            yen = None if price is None else price.forecast_yen(forecast)
            others = self.outlook.period
            period = others and others.with_day(wh, missing, forecast_wh, yen)
        return Today(
            start=start_of_slot(today.first),
            as_of=start_of_slot(today.first + known),
            wh=wh,
            same_time_yesterday_wh=total_wh(same_time),
            yesterday_wh=total_wh(self.yesterday),
            missing=missing,
            forecast_wh=forecast_wh,
            period=period,
            sen=None if price is None else price.sen(today.wh),
        )


def outlook_of(
    history: SlotSeries, supplied: range, period_days: range, before: SlotSeries, due_end: int
) -> tuple[Outlook, NDArray[np.float64]]:
    """What is expected of the day after `history`, and of the reading period that it is in.

    `history` and `before`, the days of the period that are over, are whole days; of those, half hours
    up to slot `due_end` should have a value. `period_days` is empty if no period is known. Beside the
    outlook: Wh of the period's half hours as known and expected, 0 of the day itself, shape
    ``(days, 48)``.
    """
    today = day_of_slot(history.end)
    if not period_days:
        of_day = expected_wh(history, supplied, today, 1)
        return Outlook(of_day[0], None), of_day[:0]
    expected = expected_wh(history, supplied, period_days.start, len(period_days))
    place = today - period_days.start
    others = filled(before, np.delete(expected, place, axis=0))
    due = before.between(before.first, max(before.first, min(before.end, due_end)))
    period = PeriodTotal(
        first_day=period_days.start,
        end_day=period_days.stop,
        wh=total_wh(before),
        missing=_missing(due, supplied),
        forecast_wh=whole_wh(others),
    )
    return Outlook(expected[place].copy(), period), np.insert(others, place, 0, axis=0)


def _missing(series: SlotSeries, supplied: range) -> int:
    """How many supplied half hours of a series have no value."""
    first = min(max(series.first, supplied.start), series.end)
    end = max(first, min(series.end, supplied.stop))
    return int(np.count_nonzero(series.between(first, end).quality == _MISSING))
