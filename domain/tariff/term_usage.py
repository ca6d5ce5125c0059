"""What was used in a term: by half hours, or by a register that knows only the total."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.facilities import ContractKind
from domain.slots import SLOTS_PER_DAY, date_of_day
from domain.tariff.bands import bands_of
from domain.tariff.ladders import MISSING_PRICE, market_rates
from domain.tariff.refusals import NotPriced, NotPricedReason
from domain.tariff.terms import Term


@dataclass(frozen=True, slots=True)
class TermUsage:
    """What was used in a term, in thousandths of a kWh or m³."""

    total: int
    by_band: tuple[int, ...] = ()
    "In the order of the version's bands; none of gas."
    market_nano: int = 0
    "Nano-yen by the market prices of the half hours."


def term_usage(
    term: Term, wh: NDArray[np.integer], prices: NDArray[np.int32] | None = None
) -> TermUsage:
    """Use of a term by its half hours, `wh` of shape ``(days * 48,)``; raises NotPriced.

    `prices`: of the market, in sen for a kWh, shape ``(days, 48)``; needed by plans that go by them.
    """
    used = np.asarray(wh, np.int64).reshape(-1)
    bands = bands_of(term.version, term.first_day, term.days).reshape(-1)
    by_band = np.bincount(bands, used, len(term.version.bands))
    return TermUsage(
        total=int(used.sum()),
        by_band=tuple(int(of_band) for of_band in by_band),
        market_nano=_market_nano(term, used, prices),
    )


def _market_nano(term: Term, used: NDArray[np.int64], prices: NDArray[np.int32] | None) -> int:
    if term.version.market is None:
        return 0
    rates = market_rates(term, prices)
    unknown = (rates == MISSING_PRICE) & (used > 0)
    if unknown.any():
        raise NotPriced(
            NotPricedReason.NEEDS_MARKET_PRICES,
            f"no market price in {int(unknown.sum())} half hours from "
            f"{date_of_day(term.first_day + int(unknown.argmax()) // SLOTS_PER_DAY)}",
        )
    return int((used * rates).sum())


def total_usages(parts: Sequence[Term], total: int) -> tuple[TermUsage, ...]:
    """Use of the terms when only the total is known; it is shared out by their days.

    Raises NotPriced if the price of any depends on the time of use.
    """
    days = sum(term.days for term in parts)
    usages = []
    for term in parts:
        share = total * term.days // days
        usages.append(TermUsage(share, _by_band(term, share)))
        total, days = total - share, days - term.days
    return tuple(usages)


def _by_band(term: Term, used: int) -> tuple[int, ...]:
    if term.plan.kind is ContractKind.GAS:
        return ()
    found = np.unique(bands_of(term.version, term.first_day, term.days))
    if used and (len(found) > 1 or term.version.market is not None):
        raise NotPriced(
            NotPricedReason.NEEDS_HALF_HOURS,
            f"the price of {term.plan.key} depends on the time of use",
        )
    return tuple(used if place == found[0] else 0 for place in range(len(term.version.bands)))
