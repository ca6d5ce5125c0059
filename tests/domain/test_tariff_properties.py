"""What holds of any bill: its lines add up, its parts do, use costs, and order in a band is nothing."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.bills import SEN
from domain.facilities import ContractKind
from domain.slots import SLOTS_PER_DAY, date_of_day, day_of_date
from domain.tariff.bands import bands_of
from domain.tariff.charges import Charge, TermUsage, charge, term_usage, total_usages
from domain.tariff.rates import billing_month
from domain.tariff.terms import Term
from tests.domain.tariffs_given import BOOK, contract, is_gas, parts_of, shortened

PLANS = st.sampled_from(sorted(BOOK.plans))
BY_HALF_HOURS = st.sampled_from([plan for plan in sorted(BOOK.plans) if not is_gas(plan)])
STARTS = st.integers(day_of_date(date(2024, 4, 1)), day_of_date(date(2026, 10, 1)))
DAYS = st.integers(2, 40)
SEEDS = st.integers(0, 2**32 - 1)
MOST_WH = st.sampled_from([1, 30, 400, 5_000])
LEAST_MORE = 10
"Wh that are dearer than what two bills can differ by rounding of their lines."


def half_hours(term: Term, seed: int, most: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, most + 1, term.days * SLOTS_PER_DAY)


def market(term: Term, seed: int) -> NDArray[np.int32]:
    shape = term.days, SLOTS_PER_DAY
    return np.random.default_rng(seed).integers(1, 5_000, shape, dtype=np.int32)


def one_term(plan: str, first_day: int, days: int) -> Term:
    """A whole period without a change in it."""
    period = f"{date_of_day(first_day)}/{date_of_day(first_day + days)}"
    (term,) = parts_of(period, contract(plan))
    return term


def priced(term: Term, usage: TermUsage) -> Charge:
    month = billing_month(date_of_day(term.end_day))
    return charge([term], [usage], BOOK.rates, month)


def any_usage(term: Term, seed: int, most: int) -> TermUsage:
    wh = half_hours(term, seed, most)
    if term.plan.kind is ContractKind.GAS:
        (usage,) = total_usages([term], int(wh.sum()))
        return usage
    return term_usage(term, wh, market(term, seed))


@settings(max_examples=80, deadline=None)
@given(PLANS, STARTS, DAYS, SEEDS, MOST_WH)
def test_lines_add_up_to_an_amount_in_whole_yen(
    plan: str, first_day: int, days: int, seed: int, most: int
) -> None:
    term = one_term(plan, first_day, days)
    found = priced(term, any_usage(term, seed, most))

    assert sum(line.amount_sen for line in found.lines) == found.amount_yen * SEN
    assert found.amount_yen >= 0
    # The levy and the amount lose less than a yen each, every line is rounded by half a sen.
    assert -2 * SEN - len(found.lines) < found.points_rest_sen <= len(found.lines)
    assert found.fixed_sen + found.points_sen + found.points_rest_sen == found.amount_yen * SEN


@settings(max_examples=60, deadline=None)
@given(BY_HALF_HOURS, STARTS, st.integers(3, 40), SEEDS, MOST_WH, st.data())
def test_a_split_span_is_the_sum_of_its_parts(
    plan: str, first_day: int, days: int, seed: int, most: int, data: st.DataObject
) -> None:
    """But for tiers and what a minimum charge includes: their borders go by the days of each part."""
    term = one_term(plan, first_day, days)
    middle = data.draw(st.integers(1, days - 1))
    wh, prices = half_hours(term, seed, most), market(term, seed)
    parts = shortened(term, middle)
    usages = [
        term_usage(parts[0], wh[: middle * SLOTS_PER_DAY], prices[:middle]),
        term_usage(parts[1], wh[middle * SLOTS_PER_DAY :], prices[middle:]),
    ]
    month = billing_month(date_of_day(term.end_day))
    whole = priced(term, term_usage(term, wh, prices))
    split = charge(parts, usages, BOOK.rates, month)

    assert abs(split.fixed_sen - whole.fixed_sen) <= len(split.lines)
    assert split.variable_nano == sum(
        priced_part(*each, month) for each in zip(parts, usages, strict=True)
    )
    version = term.version
    if version.minimum is None and all(len(band.tiers) == 1 for band in version.bands):
        assert split.variable_nano == whole.variable_nano
        assert abs(split.amount_yen - whole.amount_yen) <= 1


def priced_part(term: Term, usage: TermUsage, month: date) -> int:
    return charge([term], [usage], BOOK.rates, month).variable_nano


@settings(max_examples=80, deadline=None)
@given(PLANS, STARTS, DAYS, SEEDS, MOST_WH, st.integers(LEAST_MORE, 300_000))
def test_more_use_never_costs_less(
    plan: str, first_day: int, days: int, seed: int, most: int, more: int
) -> None:
    term = one_term(plan, first_day, days)
    before = any_usage(term, seed, most)
    if is_gas(plan):
        (after,) = total_usages([term], before.total + more)
    else:
        wh = half_hours(term, seed, most)
        wh[seed % len(wh)] += more
        after = term_usage(term, wh, market(term, seed))

    assert priced(term, after).amount_yen >= priced(term, before).amount_yen


@settings(max_examples=60, deadline=None)
@given(BY_HALF_HOURS, STARTS, DAYS, SEEDS, MOST_WH)
def test_the_order_of_readings_within_a_band_changes_nothing(
    plan: str, first_day: int, days: int, seed: int, most: int
) -> None:
    term = one_term(plan, first_day, days)
    wh = half_hours(term, seed, most)
    bands = bands_of(term.version, term.first_day, term.days).reshape(-1)
    prices = np.full((term.days, SLOTS_PER_DAY), 1_234, np.int32)
    other = wh.copy()
    random = np.random.default_rng(seed)
    for band in range(len(term.version.bands)):
        other[bands == band] = random.permutation(wh[bands == band])

    assert priced(term, term_usage(term, other, prices)) == priced(
        term, term_usage(term, wh, prices)
    )
