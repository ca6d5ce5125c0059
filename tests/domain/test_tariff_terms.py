"""Terms of a reading period: where it is split, which part of a month each is, and what has none."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import day_kind
from domain.facilities import Contract, ContractKind
from domain.slots import date_of_day, day_of_date
from domain.tariff.bands import bands_of
from domain.tariff.charges import total_usages
from domain.tariff.rates import billing_month
from domain.tariff.refusals import NotPriced, NotPricedReason
from domain.tariff.terms import Term, terms, terms_on
from tests.domain.tariffs_given import BOOK, contract, parts_of

PERIOD = "2025-06-12/2025-07-12"
JUNE_22 = date(2025, 6, 22)


def spans(parts: tuple[Term, ...]) -> list[tuple[str, str, str]]:
    """Plan, first and last day, and share of a month of each term."""
    return [
        (
            part.plan.key,
            f"{date_of_day(part.first_day)}/{date_of_day(part.end_day)}",
            str(part.share),
        )
        for part in parts
    ]


@pytest.mark.parametrize(
    ("contracts", "period", "expected"),
    [
        pytest.param(
            [contract("one-price")], PERIOD, [("one-price", PERIOD, "1")], id="a whole period"
        ),
        pytest.param(
            [contract("one-price")],
            "2025-06-12/2025-06-22",
            [("one-price", "2025-06-12/2025-06-22", "1")],
            id="a short period within a contract is whole",
        ),
        pytest.param(
            [contract("one-price", end_on=JUNE_22), contract("minimum-a", JUNE_22)],
            PERIOD,
            [
                ("one-price", "2025-06-12/2025-06-22", "1/3"),
                ("minimum-a", "2025-06-22/2025-07-12", "2/3"),
            ],
            id="a change of plan",
        ),
        pytest.param(
            [contract("lighting-b")],
            "2024-03-12/2024-04-12",
            [
                ("lighting-b", "2024-03-12/2024-04-01", "20/31"),
                ("lighting-b", "2024-04-01/2024-04-12", "11/31"),
            ],
            id="new prices",
        ),
        pytest.param(
            [contract("one-price", JUNE_22)],
            PERIOD,
            [("one-price", "2025-06-22/2025-07-12", "2/3")],
            id="a contract that begins within the period",
        ),
        pytest.param(
            [contract("one-price", JUNE_22)],
            "2025-06-22/2025-07-12",
            [("one-price", "2025-06-22/2025-07-12", "2/3")],
            id="a period that begins with the contract",
        ),
        pytest.param(
            [contract("one-price", date(2025, 6, 1))],
            "2025-06-01/2025-07-12",
            [("one-price", "2025-06-01/2025-07-12", "1")],
            id="a long first period",
        ),
        pytest.param(
            [contract("one-price", end_on=JUNE_22)],
            "2025-06-12/2025-06-22",
            [("one-price", "2025-06-12/2025-06-22", "1/3")],
            id="a period that ends with the contract",
        ),
        pytest.param(
            [contract("one-price", date(2025, 6, 17), JUNE_22)],
            "2025-06-17/2025-06-22",
            [("one-price", "2025-06-17/2025-06-22", "5/31")],
            id="in and out within days: by the longer of both months",
        ),
        pytest.param(
            [
                contract("one-price", end_on=date(2025, 6, 15)),
                contract("minimum-a", date(2025, 7, 9)),
            ],
            PERIOD,
            [
                ("one-price", "2025-06-12/2025-06-15", "1/10"),
                ("minimum-a", "2025-07-09/2025-07-12", "1/10"),
            ],
            id="days without a contract are in no term",
        ),
    ],
)
def test_terms_of_a_period(
    contracts: list[Contract], period: str, expected: list[tuple[str, str, str]]
) -> None:
    assert spans(parts_of(period, *contracts)) == expected


def test_contracts_of_another_kind_are_left_out() -> None:
    gas, electricity = contract("city-gas"), contract("one-price", JUNE_22)
    begin, end = date(2025, 6, 12), date(2025, 7, 12)
    (of_gas,) = terms([gas, electricity], BOOK, ContractKind.GAS, begin, end)
    (of_electricity,) = terms([gas, electricity], BOOK, ContractKind.ELECTRICITY, begin, end)
    assert (of_gas.contract, of_gas.share) == (gas, Fraction(1))
    assert (of_electricity.contract, of_electricity.share) == (electricity, Fraction(2, 3))


def test_another_plan_is_priced_for_the_same_days_and_contracts() -> None:
    contracts = [contract("one-price", end_on=JUNE_22), contract("minimum-a", JUNE_22)]
    parts = terms_on(contracts, BOOK.plans["night-saver"], date(2025, 6, 12), date(2025, 7, 12))
    assert spans(parts) == [
        ("night-saver", "2025-06-12/2025-06-22", "1/3"),
        ("night-saver", "2025-06-22/2025-07-12", "2/3"),
    ]


def renamed(plan: str) -> Contract:
    """A contract without a contracted size whose plan is called something."""
    return replace(contract("one-price"), plan=plan)


@pytest.mark.parametrize(
    ("contracts", "period", "reason"),
    [
        pytest.param(
            [contract("one-price", end_on=date(2025, 6, 12))],
            PERIOD,
            NotPricedReason.NO_CONTRACT,
            id="a contract that ended when the period began",
        ),
        pytest.param(
            [contract("one-price"), contract("minimum-a", date(2025, 7, 1))],
            PERIOD,
            NotPricedReason.OVERLAPPING_CONTRACTS,
            id="two contracts on one day",
        ),
        pytest.param(
            [renamed("従量電灯Z")], PERIOD, NotPricedReason.UNKNOWN_PLAN, id="no such plan"
        ),
        pytest.param(
            [renamed("city-gas")], PERIOD, NotPricedReason.UNKNOWN_PLAN, id="a plan of another kind"
        ),
        pytest.param(
            [renamed("lighting-b")],
            PERIOD,
            NotPricedReason.UNFIT_CAPACITY,
            id="a contracted size is missing",
        ),
        pytest.param(
            [contract("lighting-b", capacity=100)],
            PERIOD,
            NotPricedReason.UNFIT_CAPACITY,
            id="a contracted size that the plan is not for",
        ),
        pytest.param(
            [contract("one-price", date(2000, 1, 1))],
            "2016-03-12/2016-04-12",
            NotPricedReason.PLAN_NOT_VALID,
            id="before the plan began",
        ),
    ],
)
def test_a_period_that_has_no_price(
    contracts: list[Contract], period: str, reason: NotPricedReason
) -> None:
    with pytest.raises(NotPriced) as refused:
        parts_of(period, *contracts)
    assert refused.value.reason is reason
    assert any(each.number in str(refused.value) for each in contracts) or reason is (
        NotPricedReason.NO_CONTRACT
    )


def test_an_expired_plan_has_a_price_to_its_last_day() -> None:
    begin, end = date(2025, 6, 12), date(2025, 7, 12)
    whole = BOOK.plans["one-price"]
    (part,) = terms_on([contract("one-price")], replace(whole, ends_on=end), begin, end)
    assert part.days == 30
    with pytest.raises(NotPriced) as refused:
        terms_on([contract("one-price")], replace(whole, ends_on=date(2025, 7, 11)), begin, end)
    assert refused.value.reason is NotPricedReason.PLAN_NOT_VALID


def test_ampere_and_kva_are_one_size_at_100_volts() -> None:
    ampere, kva = contract("lighting-b", capacity=60), contract("lighting-c", capacity=6)
    begin, end = date(2025, 6, 12), date(2025, 7, 12)
    (in_kva,) = terms_on([ampere], BOOK.plans["lighting-c"], begin, end)
    (in_ampere,) = terms_on([kva], BOOK.plans["lighting-b"], begin, end)
    assert (in_kva.size, in_ampere.size) == (Decimal(6), Decimal(60))


def test_a_total_is_shared_out_by_days_and_nothing_is_lost() -> None:
    parts = parts_of("2024-03-12/2024-04-12", contract("lighting-b"))
    assert [usage.total for usage in total_usages(parts, 100_001)] == [64_516, 35_485]


@pytest.mark.parametrize("plan", ["season-hours", "night-saver", "market-linked"])
def test_a_total_has_no_price_where_that_depends_on_the_time(plan: str) -> None:
    parts = parts_of(PERIOD, contract(plan))
    with pytest.raises(NotPriced) as refused:
        total_usages(parts, 1)
    assert refused.value.reason is NotPricedReason.NEEDS_HALF_HOURS
    assert total_usages(parts, 0)[0].total == 0


@pytest.mark.parametrize(
    ("end_on", "month"),
    [
        pytest.param(date(2025, 5, 1), date(2025, 4, 1), id="the last day is in April"),
        pytest.param(date(2025, 5, 2), date(2025, 5, 1), id="the last day is the first of May"),
        pytest.param(date(2024, 3, 1), date(2024, 2, 1), id="a leap day"),
    ],
)
def test_the_billing_month_is_that_of_the_last_day(end_on: date, month: date) -> None:
    assert billing_month(end_on) == month


@pytest.mark.parametrize(
    ("month", "yen"),
    [
        (date(2023, 4, 1), "3.45"),
        (date(2023, 5, 1), "1.40"),
        (date(2024, 4, 1), "1.40"),
        (date(2024, 5, 1), "3.49"),
        (date(2025, 5, 1), "3.98"),
        (date(2026, 4, 1), "3.98"),
        (date(2026, 5, 1), "4.00"),
        (date(2040, 1, 1), "4.00"),
    ],
)
def test_the_levy_changes_with_the_bills_of_may(month: date, yen: str) -> None:
    assert str(BOOK.rates.levy.of(month)) == yen


def test_a_month_before_the_first_rate_has_none() -> None:
    fuel = BOOK.rates.fuel["fuel-low-voltage"]
    with pytest.raises(NotPriced, match="no renewable levy of the fiscal year 2011"):
        BOOK.rates.levy.of(date(2012, 4, 1))
    with pytest.raises(NotPriced, match="fuel-low-voltage: no rate of 2021-12") as refused:
        fuel.of(date(2021, 12, 1))
    assert refused.value.reason is NotPricedReason.UNKNOWN_RATE


@given(st.dates(date(2016, 4, 1), date(2045, 12, 31)), st.integers(0, 47))
def test_the_band_of_a_half_hour_is_that_of_its_date(on: date, place: int) -> None:
    """`season-hours` against its own words."""
    version = BOOK.plans["season-hours"].versions[0]
    holiday = day_kind(on).value == "HOLIDAY" or f"{on:%m-%d}" in version.extra_holidays
    hour = place / 2
    if not 7 <= hour < 23:
        expected = "night"
    elif holiday or not 10 <= hour < 17:
        expected = "home"
    else:
        expected = "summer-day" if on.month in {7, 8, 9} else "day"
    found = bands_of(version, day_of_date(on) - 3, 7)
    assert found.shape == (7, 48)
    assert version.bands[int(found[3, place])].key == expected
    assert np.array_equal(found[3:4], bands_of(version, day_of_date(on), 1))
