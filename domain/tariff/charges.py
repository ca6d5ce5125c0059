"""What a reading period costs: the lines of its bill, and the exact cost that its points add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from domain.bills import SEN, LineItem
from domain.tariff.bill_lines import (
    discount_lines,
    energy_lines,
    fixed_lines,
    fuel_lines,
    levy_lines,
    monthly_discounts,
    percent_discounts,
    rounding_lines,
    sum_sen,
)
from domain.tariff.ladders import (
    NANO_PER_SEN,
    energy_percent,
    fuel_rate,
    gas_table,
    ladders,
    micro_yen,
)
from domain.tariff.rates import Rates
from domain.tariff.term_usage import TermUsage, term_usage, total_usages
from domain.tariff.terms import Term

__all__ = ["NANO_PER_SEN", "Charge", "TermUsage", "charge", "term_usage", "total_usages"]


@dataclass(frozen=True, slots=True)
class Charge:
    lines: tuple[LineItem, ...]
    amount_yen: int
    fixed_sen: int
    "Basic and minimum charges, less what discounts take off them: all that no point has."
    variable_nano: int
    "Exact cost of the use, in nano-yen."

    @property
    def points_sen(self) -> int:
        """What the points of the whole period add up to (US-7)."""
        return self.variable_nano // NANO_PER_SEN

    @property
    def points_rest_sen(self) -> int:
        """By how much the amount differs from fixed charges and points, through rounding."""
        return self.amount_yen * SEN - self.fixed_sen - self.points_sen


def charge(parts: Sequence[Term], usages: Sequence[TermUsage], rates: Rates, month: date) -> Charge:
    """Price a reading period by its terms and their use, in a billing month; raises NotPriced."""
    used = [*zip(parts, usages, strict=True)]
    unused = not any(usage.total for usage in usages)
    fixed = [fixed_lines(term, usage, unused) for term, usage in used]
    energy = [[*energy_lines(term, usage, len(parts) > 1)] for term, usage in used]
    lines = [line for of_term in zip(fixed, energy, strict=True) for line in chain(*of_term)]
    lines += fuel_lines(used, rates, month)
    discounts = [
        off
        for term, its_fixed, its_energy in zip(parts, fixed, energy, strict=True)
        for off in percent_discounts(term, its_fixed, its_energy)
    ]
    lines += discount_lines(discounts)
    by_month = [*monthly_discounts(parts, sum_sen(lines))]
    lines += discount_lines(by_month)
    lines += levy_lines(used, rates, month)
    lines += [*rounding_lines(lines)]
    off_fixed = sum(off.fixed_sen for off in chain(discounts, by_month))
    return Charge(
        lines=tuple(lines),
        amount_yen=sum_sen(lines) // SEN,
        fixed_sen=sum_sen([*chain(*fixed)]) - off_fixed,
        variable_nano=sum(_variable_nano(term, usage, rates, month) for term, usage in used),
    )


def _variable_nano(term: Term, usage: TermUsage, rates: Rates, month: date) -> int:
    version = term.version
    if version.gas_tables:
        kept = 1 - energy_percent(version) / 100
        price = gas_table(term, usage.total).price * kept + fuel_rate(version.fuel, rates, month)
        return usage.total * micro_yen(price)
    of_bands = zip(ladders(term, rates, month), usage.by_band, strict=True)
    return usage.market_nano + sum(ladder.cost(used) for ladder, used in of_bands)
