"""Prices by tier and band as a plan writes them: months, kinds of days, times of day.

Every half hour of a year must be in one band; which one it is on a date is `domain.tariff.bands`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from domain.policy_tables import Amount, Between, Path, Shaped, WrongValue
from domain.profile_form import Label
from domain.slots import SLOTS_PER_DAY

Cells: TypeAlias = NDArray[np.int8]
"Small whole numbers, one for each half hour."

MONTHS: Final = 12
DAY_KINDS: Final = 2
_ALL_DAY: Final = "00:00-24:00"
_Span = Annotated[
    str,
    Shaped("([01][0-9]|2[0-3]):[03]0-(([01][0-9]|2[0-3]):[03]0|24:00)", "a time like 07:00-23:00"),
]


class BandDays(StrEnum):
    ALL = "ALL"
    WEEKDAY = "WEEKDAY"
    HOLIDAY = "HOLIDAY"
    "Saturday, Sunday, a national holiday, or an extra holiday of the plan."


@dataclass(frozen=True, slots=True)
class BandTime:
    """Half hours of a band: those of all its months and days, within its hours."""

    months: tuple[Annotated[int, Between(1, MONTHS)], ...] = ()
    "None: all."
    days: BandDays = BandDays.ALL
    hours: tuple[_Span, ...] = (_ALL_DAY,)
    "`23:00-07:00` goes on after midnight of the same date: it is the date's first and last hours."

    def contradictions(self) -> Iterator[WrongValue]:
        if not self.hours:
            yield WrongValue(("hours",), "expected one or more, found none")
        for place, span in enumerate(self.hours):
            begin, end = _bounds(span)
            if begin == end:
                yield WrongValue(("hours", place), f"expected two times, found {span}")

    def cells(self) -> Cells:
        """How often the half hours are named, shape ``(12, 2, 48)``: month, holiday, half hour."""
        counts = np.zeros((MONTHS, DAY_KINDS, SLOTS_PER_DAY), np.int8)
        months = [month - 1 for month in self.months] or list(range(MONTHS))
        for span in self.hours:
            begin, end = _bounds(span)
            places = (
                range(begin, end) if begin < end else [*range(end), *range(begin, SLOTS_PER_DAY)]
            )
            counts[np.ix_(months, _HOLIDAY_PLACES[self.days], list(places))] += 1
        return counts


_HOLIDAY_PLACES: Final = {BandDays.ALL: [0, 1], BandDays.WEEKDAY: [0], BandDays.HOLIDAY: [1]}


@dataclass(frozen=True, slots=True)
class Tier:
    """Price of a kWh up to a border of the month's use, in yen with tax."""

    price: Annotated[Decimal, Amount(0, 10_000)]
    up_to: Annotated[int, Between(1, 1_000_000)] | None = None
    "Upper border in kWh, included; None: no border."


@dataclass(frozen=True, slots=True)
class Band:
    """Half hours with prices of their own. Tiers count the use within the band."""

    key: str
    label: Label
    tiers: tuple[Tier, ...]
    "The lowest first, the last one open; a single one is a fixed price."
    times: tuple[BandTime, ...] = ()
    "None: always."

    def contradictions(self) -> Iterator[WrongValue]:
        borders = [tier.up_to for tier in self.tiers]
        if borders[-1:] != [None]:
            yield WrongValue(("tiers",), "expected one or more, the last without up_to")
        for place, (before, after) in enumerate(pairwise(borders), start=1):
            if before is None or (after is not None and after <= before):
                yield WrongValue(("tiers", place), "expected borders that rise, the last open")

    def cells(self) -> Cells:
        """How often the half hours are named, shape ``(12, 2, 48)``."""
        times = self.times or (BandTime(),)
        return np.asarray(sum(time.cells() for time in times), np.int8)


def band_faults(bands: Sequence[Band]) -> Iterator[WrongValue]:
    """Half hours that are in two bands or in none."""
    keys = [band.key for band in bands]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            yield WrongValue(("bands", place, "key"), f"{key} is there before")
    named = np.zeros((MONTHS, DAY_KINDS, SLOTS_PER_DAY), np.int64)
    for place, band in enumerate(bands):
        named += (cells := band.cells())
        twice = (named > 1) & (cells > 0)
        if twice.any():
            yield WrongValue(("bands", place), f"overlaps at {_first_cell(twice)}")
    if (named == 0).any():
        path: Path = ("bands",)
        yield WrongValue(path, f"a hole: no band at {_first_cell(named == 0)}")


def _bounds(span: str) -> tuple[int, int]:
    begin, end = (int(time[:2]) * 2 + int(time[3:]) // 30 for time in span.split("-"))
    return begin, end


def _first_cell(cells: NDArray[np.bool_]) -> str:
    month, rests, place = (int(found[0]) for found in np.nonzero(cells))
    kind = (BandDays.WEEKDAY, BandDays.HOLIDAY)[rests]
    return f"{place // 2:02}:{place % 2 * 30:02} of a {kind} in month {month + 1}"
