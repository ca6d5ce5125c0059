"""What a kWh costs as use goes on: exact steps in whole numbers, for points and for totals alike.

*Nano-yen* are the unit: with a price in micro-yen for a kWh, which is whole, a Wh costs as many
nano-yen. A ladder has all that depends on use: energy less percent discounts, fuel adjustment, levy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.tariff.band_times import Band
from domain.tariff.plans import DiscountOn, GasTable, PlanVersion
from domain.tariff.rates import Rates
from domain.tariff.terms import Term

MISSING_PRICE: Final = int(np.iinfo(np.int32).min)
"Stands where a market price is not known."
NO_BORDER: Final = int(np.iinfo(np.int64).max)
NANO_PER_SEN: Final = 10**7
_THOUSAND: Final = 1_000
_MICRO: Final = 10**6
_FACTOR_STEPS: Final = 10**4
"A market price is in sen, its factor has four decimals: the product is in micro-yen."


@dataclass(frozen=True, slots=True)
class Step:
    """Use of a term from one border to the next, in thousandths of the unit, and its price."""

    number: int
    "Counted from 1; 0 is what the minimum charge pays for."
    begin: int
    end: int
    price: Decimal
    "Yen for the unit."


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps of a band: where each ends in thousandths of the unit, and nano-yen for each of them."""

    borders: tuple[int, ...]
    "The last one is NO_BORDER. A step can be empty in a short term."
    rates: tuple[int, ...]

    def cost(self, used: int) -> int:
        """Nano-yen of all that was used in a term."""
        cost, begin = 0, 0
        for end, rate in zip(self.borders, self.rates, strict=True):
            cost += (min(used, end) - begin) * rate
            if used <= end:
                break
            begin = end
        return cost


def steps(term: Term, band: Band) -> Iterator[Step]:
    """Steps of a band with borders by the days of the term, in whole kWh, half up."""
    begin = included(term)
    if term.version.minimum is not None:
        yield Step(0, 0, begin, Decimal(0))
    for number, tier in enumerate(band.tiers, start=1):
        end = NO_BORDER if tier.up_to is None else _border(term, tier.up_to)
        yield Step(number, begin, end, tier.price)
        begin = end


def ladders(term: Term, rates: Rates, month: date) -> tuple[Ladder, ...]:
    """A ladder for each band of a term's version, in a billing month; raises NotPriced."""
    version = term.version
    fuel, levy = fuel_rate(version.fuel, rates, month), _levy_rate(version, rates, month)
    kept = 1 - energy_percent(version) / 100
    return tuple(
        Ladder(
            tuple(step.end for step in of_band),
            tuple(
                micro_yen(step.price * kept + levy + (fuel if step.number else 0))
                for step in of_band
            ),
        )
        for of_band in ([*steps(term, band)] for band in version.bands)
    )


def market_rates(term: Term, prices: NDArray[np.int32] | None) -> NDArray[np.int64]:
    """Nano-yen for a Wh by market, on top of the ladder, of each half hour, shape ``(days * 48,)``.

    `prices`: in sen for a kWh, shape ``(days, 48)``; where one is MISSING_PRICE, or without any,
    so is the rate. Zeros if the plan has no market price.
    """
    slots = term.end_slot - term.first_slot
    if term.version.market is None:
        return np.zeros(slots, np.int64)
    if prices is None:
        return np.full(slots, MISSING_PRICE, np.int64)
    known = prices.reshape(-1).astype(np.int64)
    factor = int(term.version.market.factor * _FACTOR_STEPS)
    return np.where(known == MISSING_PRICE, MISSING_PRICE, known * factor)


def gas_table(term: Term, used: int) -> GasTable:
    """The table for so many thousandths of a m³; borders go by the days of the term."""
    for table in term.version.gas_tables:
        if table.up_to is None:
            break
        if used * term.whole_days <= table.up_to * _THOUSAND * term.days:
            break
    return table


def fuel_rate(series: str | None, rates: Rates, month: date) -> Decimal:
    """Yen for a kWh or m³; 0 of a plan without adjustment; raises NotPriced."""
    return Decimal(0) if series is None else rates.fuel[series].of(month)


def _levy_rate(version: PlanVersion, rates: Rates, month: date) -> Decimal:
    """Yen for a kWh; 0 if the plan bears no levy; raises NotPriced."""
    return rates.levy.of(month) if version.levy else Decimal(0)


def energy_percent(version: PlanVersion) -> Decimal:
    """Percent by which discounts lower the prices of energy, added up."""
    return sum(
        (
            each.percent
            for each in version.discounts
            if each.percent is not None and each.on is not DiscountOn.BASIC_CHARGE
        ),
        Decimal(0),
    )


def micro_yen(price: Decimal) -> int:
    """A price in micro-yen, which is exact: prices have two decimals and percents too."""
    return int(price * _MICRO)


def included(term: Term) -> int:
    """Wh of a term that its minimum charge pays for."""
    minimum = term.version.minimum
    return 0 if minimum is None else _border(term, minimum.included)


def _border(term: Term, units: int) -> int:
    """A border of a month in a term, in thousandths."""
    return (2 * units * term.days + term.whole_days) // (2 * term.whole_days) * _THOUSAND
