"""Discounts of every kind, and periods whose parts are on plans of different shapes (BI-1)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np

from domain.profile_form import Label
from domain.slots import SLOTS_PER_DAY
from domain.tariff.charges import Charge, charge, term_usage, total_usages
from domain.tariff.plans import Discount, DiscountOn
from domain.tariff.terms import terms_on
from tests.domain.tariffs_given import BOOK, bill, contract, month_of, parts_of, worked, written

PERIOD = "2025-11-12/2025-12-12"
PERCENT, GIFT, SECOND = (Label(text, text) for text in ("一割引", "贈り物", "もう一つ"))


def discounted(plan: str, used: int, *discounts: Discount) -> Charge:
    """The bill of a month on a plan that ships, with discounts."""
    known = BOOK.plans[plan]
    cheaper = replace(
        known, versions=tuple(replace(each, discounts=discounts) for each in known.versions)
    )
    begin, end = map(date.fromisoformat, PERIOD.split("/"))
    parts = terms_on([contract(plan)], cheaper, begin, end)
    return charge(parts, total_usages(parts, used), BOOK.rates, month_of(PERIOD))


def test_percents_come_before_yen_and_together_they_take_off_all_at_most() -> None:
    found = discounted(
        "lighting-b",
        0,
        Discount(GIFT, yen=Decimal(500)),
        Discount(PERCENT, percent=Decimal(10)),
        Discount(SECOND, yen=Decimal(100)),
    )
    assert written(found) == worked(
        """
        基本料金（ご使用がないため半額）: 4 10A × 155.875 = 623.50
        一割引: -62.35
        贈り物: -500.00
        もう一つ: -61.15
        = 0
        """
    )


def test_percents_of_energy_lower_the_points_and_those_of_the_basic_charge_do_not() -> None:
    ten = Decimal(10)
    both = discounted("lighting-b", 100_000, Discount(PERCENT, percent=ten))
    basic = discounted(
        "lighting-b", 100_000, Discount(PERCENT, percent=ten, on=DiscountOn.BASIC_CHARGE)
    )
    energy = discounted(
        "lighting-b", 100_000, Discount(PERCENT, percent=ten, on=DiscountOn.ENERGY_CHARGE)
    )

    assert written(both) == worked(
        """
        基本料金: 4 10A × 311.75 = 1247.00
        電力量料金（第1段階）: 100 kWh × 29.80 = 2980.00
        燃料費調整額: 100 kWh × 0.41 = 41.00
        一割引: -422.70
        再生可能エネルギー発電促進賦課金: 100 kWh × 3.98 = 398.00
        円未満の端数切り捨て: -0.30
        = 4243
        """
    )
    # 1247.00 less 124.70; 2980 less 298, and 41 and 398.
    assert (both.fixed_sen, both.points_sen) == (112_230, 312_100)
    assert (basic.fixed_sen, basic.points_sen) == (112_230, 341_900)
    assert (energy.fixed_sen, energy.points_sen) == (124_700, 312_100)


def test_percents_lower_gas_too() -> None:
    found = discounted("city-gas", 10_000, Discount(PERCENT, percent=Decimal(10)))
    assert written(found) == worked(
        """
        基本料金: 759.00
        従量料金: 10 m³ × 145.31 = 1453.10
        原料費調整額: 10 m³ × 2.02 = 20.20
        一割引: -221.21
        円未満の端数切り捨て: -0.09
        = 2011
        """
    )
    # 759.00 less 75.90; 1453.10 less 145.31, and 20.20.
    assert (found.fixed_sen, found.points_sen, found.points_rest_sen) == (68_310, 132_799, -9)


def test_fuel_is_adjusted_for_the_part_whose_plan_has_an_adjustment() -> None:
    middle = date(2025, 11, 22)
    found = bill(
        PERIOD,
        {"2025-11-12 00:00": 10_000, "2025-12-11 23:30": 5_000},
        contract("lighting-c", end_on=middle),
        contract("market-linked", middle),
        market={"2025-12-11 23:30": 1_000},
    )
    assert written(found) == worked(
        """
        基本料金（日割 10/30日）: 6 kVA × 311.75 = 623.50
        電力量料金（第1段階、11/12～11/21）: 10 kWh × 29.80 = 298.00
        基本料金（日割 20/30日）: 6 kVA × 300.00 = 1200.00
        電力量料金 固定分（11/22～12/11）: 5 kWh × 15.40 = 77.00
        市場価格連動料金（11/22～12/11）: 5 kWh = 59.14
        燃料費調整額: 10 kWh × 0.41 = 4.10
        再生可能エネルギー発電促進賦課金: 15 kWh × 3.98 = 59.00
        円未満の端数切り捨て: -0.74
        = 2320
        """
    )


def test_a_part_without_use_pays_the_whole_basic_charge_if_the_period_has_use() -> None:
    parts = parts_of("2024-03-12/2024-04-12", contract("lighting-b"))
    wh = [np.zeros(part.days * SLOTS_PER_DAY, np.int64) for part in parts]
    wh[1][0] = 1_000
    usages = [term_usage(part, of_part) for part, of_part in zip(parts, wh, strict=True)]
    first, *_ = charge(parts, usages, BOOK.rates, date(2024, 4, 1)).lines
    assert (first.label, first.amount_sen) == ("基本料金（日割 20/31日）", 73_806)
