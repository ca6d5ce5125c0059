"""Points of a usage series as rows: as columns of text, or one by one."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import numpy as np
import strawberry
from numpy.typing import NDArray

from domain.bills import SEN
from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, first_slot, start_of_slot
from domain.stored import day_of_slot_columns
from domain.tariff.points import NO_SEN, Sen
from domain.usage import Points, Resolution
from resolvers.usage import UsageAnswer
from schema.execution.columns import (
    NULL,
    Codes,
    Column,
    Shared,
    constant,
    decimals,
    looked_up,
    signed_decimals,
)
from schema.execution.rows import VALUE, KnownRows, Lookup, Rows

_KWH_PLACES: Final = 3
"Of a kWh in Wh."

_WH_PER_KWH: Final = 10**_KWH_PLACES
_QUALITIES: Final = tuple(Quality)
_QUALITY_TEXTS: Final = tuple(f'"{quality.name}"'.encode() for quality in Quality)
_TIMES: Final = np.array(
    [b'T%02d:%02d:00+09:00"' % divmod(30 * place, 60) for place in range(SLOTS_PER_DAY)]
)
"What follows the date in the text of an instant, by the slot of the day."

_INSTANT: Final = np.dtype([("date", "S11"), ("time", _TIMES.dtype)])
_WIDTH: Final = _INSTANT.itemsize
_MISSING: Final = np.array(int(Quality.MISSING), np.int32)
"An array, which numpy compares with columns at half the cost of a number."
_HALF_HOUR: Final = Resolution.HALF_HOUR
_NO_YEN: Final = constant(NULL)
_SEN_PLACES: Final = 2
"Of a yen in sen."
_LAST_DAY: Final = 1 << 16
"As days are kept."


@strawberry.type(description="Usage of one slot of the series' resolution, [startAt, endAt).")
class UsagePoint:
    start_at: datetime = strawberry.field(
        description="Begin of the slot; the first one is cut to the span."
    )
    end_at: datetime = strawberry.field(
        description="End of the slot, not in it; the last one is cut to the span."
    )
    kwh: float | None = strawberry.field(
        description="In kWh; null if no half hour of the slot has a value, which is never a zero."
    )
    yen: float | None = strawberry.field(
        description=(
            "What it cost, tax included, to the sen; EXPORT: what it earned. Null where no half "
            "hour of it has a price: without value, plan, rate or reading period."
        )
    )
    quality: Quality = strawberry.field(description="The least certain of its half hours.")
    revision: int = strawberry.field(
        description=(
            "Of a half hour: counts up with corrections. Of a longer slot, the highest of its "
            "half hours."
        )
    )
    missing_half_hours: int = strawberry.field(
        description="How many half hours of the slot should have a value by now and have none."
    )


@strawberry.type(description="The points as columns of equal length.")
class UsageColumns:
    start_at: Sequence[datetime] = strawberry.field(description="As `UsagePoint.startAt`.")
    kwh: Sequence[float | None] = strawberry.field(
        description="As `UsagePoint.kwh`; null where missing."
    )
    yen: Sequence[float | None] = strawberry.field(
        description="As `UsagePoint.yen`; null where there is no price."
    )
    quality: Sequence[Quality] = strawberry.field(description="As `UsagePoint.quality`.")


def point_rows(answer: UsageAnswer) -> Rows[UsagePoint]:
    """All points, in order."""
    return Rows(
        answer.point_count,
        _Columns(answer),
        lambda index: usage_point(answer, index),
        _known(answer, with_yen=True),
    )


def point_columns(answer: UsageAnswer) -> UsageColumns:
    """The same, each column a list of its own."""
    lookups = _Columns(answer)

    def values(name: str) -> Rows[Any]:
        return Rows(
            answer.point_count,
            {VALUE: lookups[name]},
            lambda index: getattr(usage_point(answer, index), name),
            _known(answer, with_yen=name == "yen"),
            name,
        )

    return UsageColumns(**{name: values(name) for name in ("start_at", "kwh", "yen", "quality")})


def usage_point(answer: UsageAnswer, index: int) -> UsagePoint:
    points = answer.points
    quality = _QUALITIES[int(points.quality[index])]
    missing = quality is Quality.MISSING
    return UsagePoint(
        start_at=start_of_slot(int(points.edges[index])),
        end_at=start_of_slot(int(points.edges[index + 1])),
        kwh=None if missing else int(points.wh[index]) / _WH_PER_KWH,
        yen=_yen(answer.point_sen, index),
        quality=quality,
        revision=int(points.revision[index]),
        missing_half_hours=int(points.missing[index]),
    )


def _yen(sen: Sen | None, index: int) -> float | None:
    if sen is None or sen[index] == NO_SEN:
        return None
    return int(sen[index]) / SEN


class _Columns:
    """Columns of points by the names of UsagePoint's attributes, worked out when they are written."""

    def __init__(self, answer: UsageAnswer) -> None:
        self._answer = answer
        self._part: Points | None = None
        self._bounds = (0, 0)

    def __getitem__(self, name: str) -> Lookup:
        lookup: Lookup = getattr(self, name)
        return lookup

    def start_at(self, first: int, end: int) -> Column:
        return self._instants(first, end, 0)

    def end_at(self, first: int, end: int) -> Column:
        return self._instants(first, end, 1)

    def kwh(self, first: int, end: int) -> Column:
        return _kwh(*self._values(first, end))

    def yen(self, first: int, end: int) -> Column:
        sen = self._answer.point_sen
        if sen is None:
            return _NO_YEN
        return signed_decimals(sen[first:end], _SEN_PLACES, sen[first:end] != NO_SEN)

    def quality(self, first: int, end: int) -> Column:
        return looked_up(_QUALITY_TEXTS, self._values(first, end)[1])

    def revision(self, first: int, end: int) -> Column:
        return decimals(self._of(first, end).revision)

    def missing_half_hours(self, first: int, end: int) -> Column:
        return decimals(self._of(first, end).missing)

    def _instants(self, first: int, end: int, edge: int) -> Column:
        """Starts of points, or their ends."""
        if self._answer.question.resolution is not _HALF_HOUR:
            return Column((_tokyo_texts(self._answer.points.edges[first + edge : end + edge]),))
        slot, count = self._answer.series.first + first + edge, end - first
        return Column((Shared(slot, _WIDTH, lambda: _tokyo_texts(np.arange(slot, slot + count))),))

    def _values(self, first: int, end: int) -> tuple[Codes, Codes]:
        """Wh and qualities of points `[first, end)`."""
        series = self._answer.series
        if self._answer.question.resolution is _HALF_HOUR:
            return series.wh[first:end], series.quality[first:end]
        points = self._of(first, end)
        return points.wh, points.quality

    def _of(self, first: int, end: int) -> Points:
        """Points `[first, end)`; kept until others are asked for, since columns come by turns."""
        if self._part is None or self._bounds != (first, end):
            self._part = self._answer.points_between(first, end)
            self._bounds = first, end
        return self._part


def _kwh(wh: Codes, quality: Codes) -> Column:
    return decimals(wh, _KWH_PLACES, quality != _MISSING)


def _known(answer: UsageAnswer, *, with_yen: bool) -> Sequence[KnownRows]:
    if answer.question.resolution is not _HALF_HOUR:
        return ()
    start = answer.series.first
    return [
        KnownRows(first - start, end - start, version)
        for first, end, version in answer.known(with_yen=with_yen)
    ]


def _tokyo_texts(slots: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """Starts of slots as `schema.scalars.tokyo_text` writes them."""
    days = day_of_slot_columns(slots)
    texts = np.empty(len(slots), _INSTANT)
    texts["date"] = _dates()[days]
    texts["time"] = _TIMES[slots - days * SLOTS_PER_DAY - first_slot(0)]
    return texts.view(f"S{_WIDTH}")


@cache
def _dates() -> NDArray[np.bytes_]:
    """Quote and date of every day."""
    days = np.arange(_LAST_DAY).astype("datetime64[D]")
    return np.char.add(b'"', np.datetime_as_string(days).astype("S10"))
