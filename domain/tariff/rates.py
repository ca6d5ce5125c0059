"""Rates that change while a plan stays: fuel adjustment by month, renewable levy by fiscal year.

Both go by the *billing month*, the month of a reading period's last day. A period is never split for
them (BI-1): a levy that changes in May holds for the whole bill whose last day is in May.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final

from domain.policy_tables import Amount, Between, WrongValue
from domain.profile_form import Label
from domain.tariff.refusals import NotPriced, NotPricedReason

_LEVY_STARTS: Final = 5
"The levy of a fiscal year holds from the bills of May to those of the next April."
_MONTHS: Final = 12
_Year = Annotated[int, Between(2000, 2100)]
_Fuel = Annotated[Decimal, Amount(-100, 100)]
_Levy = Annotated[Decimal, Amount(0, 100)]


def billing_month(end_on: date) -> date:
    """First day of the billing month of a reading period that ends before a date."""
    return (end_on - timedelta(days=1)).replace(day=1)


@dataclass(frozen=True, slots=True)
class LevyYear:
    year: _Year
    "Fiscal year, which begins in its April."
    yen_per_kwh: _Levy


@dataclass(frozen=True, slots=True)
class RenewableLevy:
    """Renewable levy by fiscal year; what follows the last year only an example can tell."""

    example: bool
    years: tuple[LevyYear, ...]
    later: _Levy | None = None
    "Yen for a kWh in the years after the last one."

    def of(self, month: date) -> Decimal:
        """Yen for a kWh in the bills of a month; raises NotPriced."""
        year = month.year if month.month >= _LEVY_STARTS else month.year - 1
        for known in self.years:
            if known.year == year:
                return known.yen_per_kwh
        if self.later is None or year < self.years[-1].year:
            raise NotPriced(
                NotPricedReason.UNKNOWN_RATE, f"no renewable levy of the fiscal year {year}"
            )
        return self.later

    def contradictions(self) -> Iterator[WrongValue]:
        yield from _year_faults([known.year for known in self.years])
        yield from _later_faults(self.example, self.later)


@dataclass(frozen=True, slots=True)
class FuelYear:
    year: _Year
    yen: tuple[_Fuel, ...]
    "Of January to December, for a kWh or m³; of the last year as far as they are known."

    def contradictions(self) -> Iterator[WrongValue]:
        if not 1 <= len(self.yen) <= _MONTHS:
            yield WrongValue(("yen",), f"expected 1 to {_MONTHS} numbers, found {len(self.yen)}")


@dataclass(frozen=True, slots=True)
class FuelSeries:
    """Fuel cost adjustment (of gas: raw material cost adjustment) by calendar month."""

    key: str
    label: Label
    example: bool
    years: tuple[FuelYear, ...]
    later: _Fuel | None = None
    "Yen in the months after the last one; of examples alone."

    def of(self, month: date) -> Decimal:
        """Yen for a kWh or m³ in the bills of a month; raises NotPriced."""
        for known in self.years:
            if known.year == month.year and month.month <= len(known.yen):
                return known.yen[month.month - 1]
        if self.later is None or month.year < self.years[-1].year:
            raise NotPriced(NotPricedReason.UNKNOWN_RATE, f"{self.key}: no rate of {month:%Y-%m}")
        return self.later

    def contradictions(self) -> Iterator[WrongValue]:
        yield from _year_faults([known.year for known in self.years])
        yield from _later_faults(self.example, self.later)
        for place, known in enumerate(self.years[:-1]):
            if len(known.yen) != _MONTHS:
                yield WrongValue(
                    ("years", place, "yen"), f"expected {_MONTHS} numbers, found {len(known.yen)}"
                )


@dataclass(frozen=True, slots=True)
class Rates:
    """All rates of a deployment."""

    levy: RenewableLevy
    fuel: Mapping[str, FuelSeries]
    "By key, the name of the file."


def _year_faults(years: list[int]) -> Iterator[WrongValue]:
    if not years:
        yield WrongValue(("years",), "expected one or more, found none")
    elif years != list(range(years[0], years[0] + len(years))):
        yield WrongValue(("years",), f"expected years without a gap, found {years}")


def _later_faults(example: bool, later: Decimal | None) -> Iterator[WrongValue]:
    if later is not None and not example:
        yield WrongValue(("later",), "expected none, as only an example knows the future")
