"""The lines of a bill: one for each price, rounded as the trade does (BI-1).

Each line is rounded to whole sen, half up; of the renewable levy the fraction of a yen is dropped, and
so is that of the amount, by a line of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Final

from domain.bills import SEN, LineItem, LineKind
from domain.facilities import ContractKind
from domain.slots import date_of_day
from domain.tariff.ladders import fuel_rate, gas_table, included, steps
from domain.tariff.plans import Basic, DiscountOn
from domain.tariff.rates import Rates
from domain.tariff.term_usage import TermUsage
from domain.tariff.terms import Term

_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Off:
    """What a discount takes off: of what is due by the month, and of the charges for use."""

    label: str
    fixed_sen: int
    energy_sen: int


def fixed_lines(term: Term, usage: TermUsage, unused: bool) -> list[LineItem]:
    """What is due by the month, by the days of the term."""
    version = term.version
    if version.gas_tables:
        basic = Basic(gas_table(term, usage.total).basic)
        return [_monthly(LineKind.BASIC_CHARGE, "基本料金", term, basic)]
    if version.minimum is not None:
        paid = f"最初の{included(term) // 1000}kWhまで"
        minimum = Basic(version.minimum.yen)
        return [_monthly(LineKind.MINIMUM_CHARGE, "最低料金", term, minimum, paid)]
    if version.basic is None:
        return []
    if unused and version.basic.half_at_zero:
        half = replace(version.basic, yen=version.basic.yen / 2)
        return [_monthly(LineKind.BASIC_CHARGE, "基本料金", term, half, "ご使用がないため半額")]
    return [_monthly(LineKind.BASIC_CHARGE, "基本料金", term, version.basic)]


def _monthly(kind: LineKind, name: str, term: Term, basic: Basic, *notes: str) -> LineItem:
    days = f"日割 {term.days}/{term.whole_days}日"
    quantity = _ONE if basic.per is None else term.size / basic.per
    return LineItem(
        kind=kind,
        label=_noted(name, notes if term.days == term.whole_days else [*notes, days]),
        quantity=None if basic.per is None else quantity,
        unit=None if basic.per is None else _unit(term, basic.per),
        unit_price=basic.yen,
        amount_sen=_sen(basic.yen * quantity * term.days / term.whole_days),
    )


def _unit(term: Term, per: int) -> str | None:
    if term.plan.capacity is None:
        return None
    unit = term.plan.capacity.unit.value
    return f"{per}{unit}" if per > 1 else unit


def energy_lines(term: Term, usage: TermUsage, several: bool) -> Iterator[LineItem]:
    """Use by bands and tiers, with the days of the term if the period has several."""
    span = [_span(term)] if several else []
    if term.version.gas_tables:
        price = gas_table(term, usage.total).price
        yield from _priced(
            LineKind.ENERGY_CHARGE, _noted("従量料金", span), usage.total, "m³", price
        )
    buy_back = term.plan.kind is ContractKind.BUY_BACK
    kind = LineKind.BUY_BACK if buy_back else LineKind.ENERGY_CHARGE
    for band, used in zip(term.version.bands, usage.by_band, strict=True):
        for step in steps(term, band):
            tier = [f"第{step.number}段階"] if len(band.tiers) > 1 else []
            within = min(used, step.end) - step.begin
            if step.number:
                label = _noted(band.label.ja, [*tier, *span])
                yield from _priced(kind, label, within, "kWh", step.price)
    if term.version.market is not None and usage.total:
        label = _noted("市場価格連動料金", span)
        sen = _sen(Decimal(usage.market_nano).scaleb(-9))
        yield LineItem(kind, label, _units(usage.total), "kWh", None, sen)


def fuel_lines(
    used: Sequence[tuple[Term, TermUsage]], rates: Rates, month: date
) -> Iterator[LineItem]:
    """One line for each series: the adjustment goes by the billing month, not by the day."""
    gas = used[0][0].plan.kind is ContractKind.GAS
    label, unit = ("原料費調整額", "m³") if gas else ("燃料費調整額", "kWh")
    for series in dict.fromkeys(term.version.fuel for term, _ in used):
        total = sum(
            max(0, usage.total - included(term))
            for term, usage in used
            if term.version.fuel == series
        )
        rate = fuel_rate(series, rates, month)
        if series is not None:
            yield from _priced(LineKind.FUEL_ADJUSTMENT, label, total, unit, rate)


def levy_lines(
    used: Sequence[tuple[Term, TermUsage]], rates: Rates, month: date
) -> Iterator[LineItem]:
    total = sum(usage.total for term, usage in used if term.version.levy)
    if total:
        rate = rates.levy.of(month)
        yen = (_units(total) * rate).to_integral_value(ROUND_DOWN)
        label = "再生可能エネルギー発電促進賦課金"
        yield LineItem(LineKind.RENEWABLE_LEVY, label, _units(total), "kWh", rate, int(yen) * SEN)


def percent_discounts(
    term: Term, fixed: Sequence[LineItem], energy: Sequence[LineItem]
) -> Iterator[Off]:
    """Percents of the lines of a term."""
    for discount in term.version.discounts:
        if discount.percent is None:
            continue
        on_fixed = discount.on is not DiscountOn.ENERGY_CHARGE
        on_energy = discount.on is not DiscountOn.BASIC_CHARGE
        part = discount.percent / 100
        yield Off(
            discount.label.ja,
            _sen(part * sum_sen(fixed) / SEN) if on_fixed else 0,
            _sen(part * sum_sen(energy) / SEN) if on_energy else 0,
        )


def monthly_discounts(parts: Sequence[Term], charged_sen: int) -> Iterator[Off]:
    """Yen for a month, by the days of the terms; together no more than what was charged."""
    for term in parts:
        for discount in term.version.discounts:
            if discount.yen is not None:
                off = _sen(discount.yen * term.days / term.whole_days)
                off = min(off, max(0, charged_sen))
                charged_sen -= off
                yield Off(discount.label.ja, off, 0)


def discount_lines(discounts: Sequence[Off]) -> Iterator[LineItem]:
    for off in discounts:
        if taken := off.fixed_sen + off.energy_sen:
            yield _line(LineKind.DISCOUNT, off.label, -taken)


def rounding_lines(lines: Sequence[LineItem]) -> Iterator[LineItem]:
    """The fraction of a yen that is dropped."""
    if dropped := sum_sen(lines) % SEN:
        yield _line(LineKind.ROUNDING, "円未満の端数切り捨て", -dropped)


def _priced(kind: LineKind, label: str, used: int, unit: str, price: Decimal) -> Iterator[LineItem]:
    """A line for so many thousandths of the unit; none for nothing."""
    if used > 0:
        quantity = _units(used)
        yield LineItem(kind, label, quantity, unit, price, _sen(quantity * price))


def _line(kind: LineKind, label: str, amount_sen: int) -> LineItem:
    return LineItem(kind, label, None, None, None, amount_sen)


def _units(thousandths: int) -> Decimal:
    return Decimal(thousandths).scaleb(-3)


def _sen(yen: Decimal) -> int:
    return int((yen * SEN).quantize(_ONE, ROUND_HALF_UP))


def sum_sen(lines: Sequence[LineItem]) -> int:
    return sum(line.amount_sen for line in lines)


def _noted(name: str, notes: Sequence[str]) -> str:
    return f"{name}（{'、'.join(notes)}）" if notes else name


def _span(term: Term) -> str:
    first, last = date_of_day(term.first_day), date_of_day(term.end_day) - timedelta(days=1)
    return f"{first.month}/{first.day}～{last.month}/{last.day}"
