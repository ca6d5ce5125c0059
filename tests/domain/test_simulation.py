from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.calendar import DayKind, day_kind
from domain.simulation import Premises, PremisesKind, Simulated, simulate
from domain.slots import date_of_day, day_of_date

JANUARY_2024 = day_of_date(date(2024, 1, 1))
YEAR = 366
SEEDS = range(5)
DATES = [date_of_day(JANUARY_2024 + day) for day in range(YEAR)]
WORKING = np.array([day_kind(on) is DayKind.WEEKDAY and on.timetuple().tm_yday > 3 for on in DATES])
MONTHS = np.array([on.month for on in DATES])

PREMISES = st.builds(
    Premises,
    seed=st.integers(-(2**70), 2**70),
    kind=st.sampled_from(PremisesKind),
    scale=st.floats(0, 5),
    solar_kw=st.sampled_from([0.0, 4.5]),
)
FIRST_DAYS = st.integers(day_of_date(date(1999, 1, 1)), day_of_date(date(2040, 1, 1)))


def year_of(
    kind: PremisesKind, seed: int = 1, scale: float = 1.0, solar_kw: float = 0
) -> Simulated:
    return simulate(Premises(seed, kind, scale, solar_kw), JANUARY_2024, YEAR)


def month_mean(wh: NDArray[np.int32], month: int) -> float:
    return float(wh[month == MONTHS].sum(axis=1).mean())


@settings(deadline=None)  # the first examples fill the tables
@given(premises=PREMISES, first_day=FIRST_DAYS, days=st.integers(0, 12))
def test_each_day_comes_out_the_same_whatever_the_span(
    premises: Premises, first_day: int, days: int
) -> None:
    whole = simulate(premises, first_day, days)
    for place in range(days):
        alone = simulate(premises, first_day + place, 1)
        assert alone.drawn_wh[0].tolist() == whole.drawn_wh[place].tolist()
        assert alone.fed_in_wh[0].tolist() == whole.fed_in_wh[place].tolist()


@settings(deadline=None)  # the first examples fill the tables
@given(premises=PREMISES, first_day=FIRST_DAYS, days=st.integers(0, 12))
def test_a_row_is_48_whole_wh_none_below_zero(
    premises: Premises, first_day: int, days: int
) -> None:
    simulated = simulate(premises, first_day, days)
    for wh in (simulated.drawn_wh, simulated.fed_in_wh):
        assert wh.shape == (days, 48)
        assert wh.dtype == np.int32
        assert (wh >= 0).all()


def test_the_largest_premises_stay_within_int32() -> None:
    largest = year_of(PremisesKind.FACTORY, scale=10_000)
    assert largest.drawn_wh.min() > 0
    assert largest.drawn_wh.max() > 2**28


@pytest.mark.parametrize(("scale", "solar_kw"), [(-0.1, 0), (10_001, 0), (1, -1), (1, np.nan)])
def test_a_size_out_of_bounds_is_refused(scale: float, solar_kw: float) -> None:
    with pytest.raises(ValueError, match="scale and solar_kw must be 0 to 10000"):
        Premises(1, PremisesKind.HOME, scale, solar_kw)


def test_premises_of_different_seeds_differ() -> None:
    one, other = year_of(PremisesKind.HOME, seed=1), year_of(PremisesKind.HOME, seed=2)
    assert (one.drawn_wh == other.drawn_wh).mean() < 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_a_typical_home_uses_3_to_6_mwh_a_year(seed: int) -> None:
    wh = year_of(PremisesKind.HOME, seed).drawn_wh
    assert 3_000_000 < wh.sum() < 6_000_000
    assert 8_000 < np.median(wh.sum(axis=1)) < 14_000


def test_scale_multiplies_use() -> None:
    small, large = (year_of(PremisesKind.HOME, scale=scale).drawn_wh for scale in (1, 2))
    assert abs(large - 2 * small).max() <= 1


@pytest.mark.parametrize("kind", PremisesKind)
def test_winter_and_summer_days_use_more_than_may_days(kind: PremisesKind) -> None:
    wh = year_of(kind).drawn_wh
    january, may, july = (wh[WORKING & (month == MONTHS)].sum(axis=1).mean() for month in (1, 5, 7))
    assert min(january, july) > 1.02 * may


@pytest.mark.parametrize("seed", SEEDS)
def test_a_home_sleeps_at_night_and_peaks_in_the_evening(seed: int) -> None:
    hours = year_of(PremisesKind.HOME, seed).drawn_wh.mean(axis=0).reshape(24, 2).sum(axis=1)
    night, noon = hours[2:5].mean(), hours[13]
    morning, evening = hours[6:9].max(), hours[18:22].max()
    assert night < noon < morning < evening


def test_a_home_is_left_alone_on_some_days_but_its_fridge_runs_on() -> None:
    daily = year_of(PremisesKind.HOME).drawn_wh.sum(axis=1)
    assert 3 <= (daily < 4_000).sum() <= 40
    assert daily.min() > 2_500


def test_a_solar_home_heats_its_water_at_night() -> None:
    wh = year_of(PremisesKind.SOLAR_HOME, solar_kw=4.5).drawn_wh.mean(axis=0)
    assert wh[4:10].min() > 3 * wh[:4].min()


@pytest.mark.parametrize("kind", [PremisesKind.OFFICE, PremisesKind.FACTORY])
@pytest.mark.parametrize(
    ("work", "rest"),
    [
        pytest.param(date(2024, 5, 17), date(2024, 5, 18), id="Saturday"),
        pytest.param(date(2024, 5, 2), date(2024, 5, 3), id="Golden Week"),
        pytest.param(date(2024, 12, 27), date(2024, 12, 31), id="New Year's Eve"),
        pytest.param(date(2024, 1, 4), date(2024, 1, 3), id="January 3"),
    ],
)
def test_a_workplace_rests_on_holidays(kind: PremisesKind, work: date, rest: date) -> None:
    worked, rested = (
        simulate(Premises(1, kind), day_of_date(on), 1).drawn_wh.sum() for on in (work, rest)
    )
    assert worked > 2 * rested


def test_an_office_keeps_business_hours() -> None:
    thursday = simulate(Premises(1, PremisesKind.OFFICE), day_of_date(date(2024, 5, 16)), 1)
    hours = thursday.drawn_wh[0].reshape(24, 2).sum(axis=1)
    assert hours[10:17].min() > 2 * max(hours[:7].max(), hours[22:].max())


def test_a_factory_works_two_shifts() -> None:
    thursday = simulate(Premises(1, PremisesKind.FACTORY), day_of_date(date(2024, 5, 16)), 1)
    hours = thursday.drawn_wh[0].reshape(24, 2).sum(axis=1)
    assert hours[6:22].min() > 2 * max(hours[:5].max(), hours[23:].max())


def test_a_shop_is_open_every_day_and_busier_at_weekends() -> None:
    week = simulate(Premises(1, PremisesKind.SHOP), day_of_date(date(2024, 5, 13)), 7).drawn_wh
    assert (week[:, 20:42].min(axis=1) > 1.5 * week[:, :16].max(axis=1)).all()
    open_wh = week[:, 20:42].sum(axis=1)
    assert open_wh[5:].min() > open_wh[:5].max()


@pytest.mark.parametrize("kind", PremisesKind)
def test_premises_without_panels_feed_nothing_in(kind: PremisesKind) -> None:
    assert not year_of(kind).fed_in_wh.any()


@pytest.mark.parametrize(
    ("month", "sunrise_slot", "sunset_slot"),
    [
        pytest.param(6, 8, 39, id="June: sunrise from 4:25, sunset to 19:01"),
        pytest.param(12, 13, 34, id="December: sunrise from 6:32, sunset to 16:37"),
    ],
)
def test_panels_feed_in_only_while_the_sun_is_up(
    month: int, sunrise_slot: int, sunset_slot: int
) -> None:
    fed_in = year_of(PremisesKind.SOLAR_HOME, scale=0, solar_kw=100).fed_in_wh[month == MONTHS]
    assert not fed_in[:, :sunrise_slot].any()
    assert not fed_in[:, sunset_slot:].any()
    assert fed_in[:, 18:28].all()


@pytest.mark.parametrize("seed", SEEDS)
def test_panels_feed_in_more_in_may_than_in_december(seed: int) -> None:
    fed_in = year_of(PremisesKind.SOLAR_HOME, seed, solar_kw=4.5).fed_in_wh
    assert month_mean(fed_in, 5) > 1.2 * month_mean(fed_in, 12)


def test_a_kilowatt_of_panels_makes_about_a_mwh_a_year() -> None:
    made = year_of(PremisesKind.HOME, scale=0, solar_kw=1).fed_in_wh
    assert 900_000 < made.sum() < 1_300_000
    assert made.max() < 500


def test_clouds_make_one_day_differ_from_the_next() -> None:
    made = year_of(PremisesKind.HOME, scale=0, solar_kw=1).fed_in_wh[MONTHS == 5].sum(axis=1)
    assert made.max() > 4 * made.min()


def test_panels_serve_own_use_first_and_feed_in_the_rest() -> None:
    used = year_of(PremisesKind.HOME).drawn_wh
    made = year_of(PremisesKind.HOME, scale=0, solar_kw=4.5).fed_in_wh
    metered = year_of(PremisesKind.HOME, solar_kw=4.5)
    assert abs((metered.drawn_wh - metered.fed_in_wh) - (used - made)).max() <= 2
    both_ways = np.minimum(metered.drawn_wh, metered.fed_in_wh)
    assert (both_ways <= 0.04 * np.minimum(used, made) + 1).all()
    assert both_ways.any()
