"""Half-hour electricity use that looks like life in Tokyo, for demo data and the live demo feed.

A day depends on nothing but the premises and the day's number, so any span can be simulated alone
and its days come out the same. All premises share one weather.

To keep that promise to the last bit, days are computed only by table look-up and + - * /, which
round alike in arrays of every length; what may not (sines, powers) stays in tables of fixed shape.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from domain.calendar import holiday_mask
from domain.slots import SLOTS_PER_DAY

_Bools: TypeAlias = NDArray[np.bool_]
_Days: TypeAlias = NDArray[np.int64]
_Floats: TypeAlias = NDArray[np.float64]
_Curve: TypeAlias = tuple[tuple[float, float], ...]

_SLOTS: Final = np.arange(SLOTS_PER_DAY)
_HOURS: Final = (_SLOTS + 0.5) / 2
_LARGEST_SIZE: Final = 10_000


class PremisesKind(StrEnum):
    HOME = "HOME"
    "A family that heats water with gas."
    SOLAR_HOME = "SOLAR_HOME"
    "A family that heats water at night with electricity."
    OFFICE = "OFFICE"
    SHOP = "SHOP"
    FACTORY = "FACTORY"


@dataclass(frozen=True, slots=True)
class Premises:
    """What is simulated; raises ValueError for a size out of bounds."""

    seed: int
    kind: PremisesKind
    scale: float = 1.0
    "Size relative to the kind's typical one."
    solar_kw: float = 0.0
    "Peak of the panels."

    def __post_init__(self) -> None:
        """Keep every half hour within int32."""
        if not (0 <= self.scale <= _LARGEST_SIZE and 0 <= self.solar_kw <= _LARGEST_SIZE):
            raise ValueError(f"scale and solar_kw must be 0 to {_LARGEST_SIZE}: {self}")


@dataclass(frozen=True, slots=True)
class Simulated:
    """Wh of every half hour, one row of 48 per Tokyo day."""

    drawn_wh: NDArray[np.int32]
    "Import: what the grid gave."
    fed_in_wh: NDArray[np.int32]
    "Export: what the grid took; zeros without panels."


def simulate(premises: Premises, first_day: int, days: int) -> Simulated:
    """Import and export in the Tokyo days `[first_day, first_day + days)`."""
    span = np.arange(first_day, first_day + days)
    rest = holiday_mask(first_day, days) | _is_new_year(span)
    used = _used_watts(premises, span, rest) * premises.scale
    made = _sunlight(span) * (premises.solar_kw * 1000)
    # Clouds and appliances come and go within a half hour, so a meter counts a little both ways.
    both = np.minimum(used, made) * (0.04 * _by_slot(premises.seed, _Draw.BOTH_WAYS, span))
    return Simulated(
        drawn_wh=_slot_wh(np.maximum(used - made, 0) + both),
        fed_in_wh=_slot_wh(np.maximum(made - used, 0) + both),
    )


def _slot_wh(watts: _Floats) -> NDArray[np.int32]:
    return np.rint(watts / 2).astype(np.int32)


# How premises are used


@dataclass(frozen=True, slots=True)
class _Habits:
    """What makes a kind of premises; an activity of 1 is an ordinary busy half hour."""

    weekday: _Curve
    "Activity by hour, straight between the points."
    holiday: _Curve
    standing_w: float
    "Used around the clock."
    busy_w: float
    "Used on top at activity 1."
    appliance_w: float
    "Kettles, irons, machines: now and then, the more activity the more often."
    heating_w: float
    "Per °C below comfort while people are about."
    cooling_w: float
    unattended: float
    "Share of heating and cooling that runs at activity 0."
    uneven: float
    "How far use strays from one half hour to the next, as a share of it."
    drift: int = 0
    "Half hours by which a day may run early or late, at most `_MOST_DRIFT`."
    away: float = 0.0
    "Share of the time that everybody is away for some days."
    water_heater_w: float = 0.0


_FAMILY_WEEKDAY: Final[_Curve] = (
    *((0, 0.35), (1, 0.1), (5.5, 0.08), (6.5, 0.7), (7.5, 0.8), (9, 0.3), (12, 0.35), (13, 0.28)),
    *((16, 0.35), (17.5, 0.75), (19, 1.05), (21, 1.0), (23, 0.55), (24, 0.35)),
)
_FAMILY_HOLIDAY: Final[_Curve] = (
    *((0, 0.4), (1.5, 0.1), (6.5, 0.1), (8, 0.6), (9.5, 0.7), (12, 0.65), (14, 0.45), (16, 0.5)),
    *((18, 0.9), (19, 1.1), (21, 1.0), (23, 0.6), (24, 0.4)),
)
_OFFICE_WEEKDAY: Final[_Curve] = (
    *((0, 0.03), (7.5, 0.05), (9, 0.95), (12, 1), (12.2, 0.7), (12.8, 0.7), (13, 1), (17.5, 0.95)),
    *((19, 0.45), (21, 0.12), (22, 0.03), (24, 0.03)),
)
_OFFICE_HOLIDAY: Final[_Curve] = ((0, 0.03), (9, 0.03), (11, 0.08), (16, 0.08), (18, 0.03))
_SHOP_WEEKDAY: Final[_Curve] = (
    *((0, 0.04), (8.5, 0.04), (9.5, 0.6), (10, 0.9), (12, 1), (14, 0.9), (17, 1), (20.5, 1)),
    *((21.2, 0.5), (22, 0.06), (24, 0.04)),
)
_SHOP_HOLIDAY: Final[_Curve] = (
    *((0, 0.04), (8.5, 0.04), (9.5, 0.6), (10, 1.1), (12, 1.25), (17, 1.25), (20.5, 1.1)),
    *((21.2, 0.5), (22, 0.06), (24, 0.04)),
)
_FACTORY_WEEKDAY: Final[_Curve] = (
    *((0, 0.02), (5.4, 0.05), (6.2, 1), (10, 1), (10.2, 0.5), (10.8, 0.5), (11, 1), (13.6, 1)),
    *((14, 0.7), (14.4, 1), (18, 1), (18.2, 0.5), (18.8, 0.5), (19, 1), (21.6, 0.95), (22.2, 0.1)),
    *((23, 0.02), (24, 0.02)),
)
_FACTORY_HOLIDAY: Final[_Curve] = ((0, 0.02), (24, 0.02))

_HABITS: Final = {
    PremisesKind.HOME: _Habits(
        weekday=_FAMILY_WEEKDAY,
        holiday=_FAMILY_HOLIDAY,
        standing_w=140,
        busy_w=400,
        appliance_w=900,
        heating_w=30,
        cooling_w=70,
        unattended=0.3,
        uneven=0.3,
        drift=3,
        away=0.04,
    ),
    PremisesKind.SOLAR_HOME: _Habits(
        weekday=_FAMILY_WEEKDAY,
        holiday=_FAMILY_HOLIDAY,
        standing_w=160,
        busy_w=450,
        appliance_w=1200,
        heating_w=40,
        cooling_w=75,
        unattended=0.3,
        uneven=0.3,
        drift=3,
        away=0.03,
        water_heater_w=900,
    ),
    PremisesKind.OFFICE: _Habits(
        weekday=_OFFICE_WEEKDAY,
        holiday=_OFFICE_HOLIDAY,
        standing_w=900,
        busy_w=7000,
        appliance_w=1000,
        heating_w=250,
        cooling_w=400,
        unattended=0,
        uneven=0.1,
        drift=1,
    ),
    PremisesKind.SHOP: _Habits(
        weekday=_SHOP_WEEKDAY,
        holiday=_SHOP_HOLIDAY,
        standing_w=2500,
        busy_w=7000,
        appliance_w=1500,
        heating_w=250,
        cooling_w=450,
        unattended=0.02,
        uneven=0.1,
    ),
    PremisesKind.FACTORY: _Habits(
        weekday=_FACTORY_WEEKDAY,
        holiday=_FACTORY_HOLIDAY,
        standing_w=5000,
        busy_w=55_000,
        appliance_w=12_000,
        heating_w=300,
        cooling_w=700,
        unattended=0,
        uneven=0.1,
    ),
}
_MOST_DRIFT: Final = 3
_REST_BEFORE_NEW_YEAR: Final = 3
_NEW_YEAR_REST: Final = 6
_COMFORT_FROM: Final = 16
_COMFORT_TO: Final = 24
_DAYS_AWAY: Final = 3
_WATER_HEATER_RUNS: Final = np.repeat([0, 1, 0], [4, 6, 38])
"From 2:00 to 5:00."


def _used_watts(premises: Premises, span: _Days, rest: _Bools) -> _Floats:
    habits, seed = _HABITS[premises.kind], premises.seed
    at_home = (_chance(seed, _Draw.AWAY, span // _DAYS_AWAY) >= habits.away)[:, None]
    activity = _activity(premises, span, rest)
    temperature = _temperature(span)
    climate = habits.heating_w * np.maximum(_COMFORT_FROM - temperature, 0)
    climate += habits.cooling_w * np.maximum(temperature - _COMFORT_TO, 0)
    attended = habits.unattended + (1 - habits.unattended) * np.minimum(activity, 1)
    busy = habits.busy_w * _around_one(_by_slot(seed, _Draw.BUSY, span), habits.uneven)
    appliance = habits.appliance_w * (_by_slot(seed, _Draw.APPLIANCE, span) < 0.12 * activity)
    water = habits.water_heater_w * _WATER_HEATER_RUNS * ((40 - temperature) / 20)
    lively = _around_one(_chance(seed, _Draw.LIVELY, span), 0.15)[:, None]
    living = lively * (activity * busy + appliance + water) + attended * climate
    standing = habits.standing_w * _around_one(_by_slot(seed, _Draw.STANDING, span), habits.uneven)
    return standing + at_home * living


def _activity(premises: Premises, span: _Days, rest: _Bools) -> _Floats:
    """Activity in every half hour; whoever rises early does so most days."""
    drift = _HABITS[premises.kind].drift
    habit = _chance(premises.seed, _Draw.HABIT, np.zeros_like(span))
    lateness = (habit + _chance(premises.seed, _Draw.LATENESS, span)) / 2
    halves = (lateness * (2 * drift + 1)).astype(np.int64) - drift
    return _activity_table(premises.kind)[rest.astype(np.int64), halves + _MOST_DRIFT]


@cache
def _activity_table(kind: PremisesKind) -> _Floats:
    """Activity by (weekday or holiday, half hours late + `_MOST_DRIFT`, slot)."""
    habits = _HABITS[kind]
    late = np.arange(-_MOST_DRIFT, _MOST_DRIFT + 1)[:, None]
    hours = (_HOURS - late / 2) % 24
    curves = (np.array(curve) for curve in (habits.weekday, habits.holiday))
    return np.array([np.interp(hours, curve[:, 0], curve[:, 1]) for curve in curves])


def _is_new_year(span: _Days) -> _Bools:
    """December 29 to January 3, when most businesses rest although the law has weekdays."""
    shifted = (span + _REST_BEFORE_NEW_YEAR).astype("datetime64[D]")
    day_of_year = (shifted - shifted.astype("datetime64[Y]")).astype(np.int64)
    return np.asarray(day_of_year < _NEW_YEAR_REST)


# Weather

_CYCLE: Final = 4 * 365 + 1
_YEAR: Final = _CYCLE / 4
_LATITUDE: Final = np.radians(35.7)
_SOLAR_NOON: Final = 11.7
_TILT: Final = np.radians(25)
_SUNNY_BY_MONTH: Final = (0.72, 0.66, 0.6, 0.6, 0.6, 0.4, 0.5, 0.58, 0.42, 0.48, 0.6, 0.7)


def _temperature(span: _Days) -> _Floats:
    """°C outside."""
    spell = 10 * _spells(_Draw.WARM_SPELL, span, 4) - 5
    day = 4 * _chance(0, _Draw.WARM_DAY, span) - 2
    return (_season_temperature()[span % _CYCLE] + spell + day)[:, None] + _hour_temperature()


@cache
def _season_temperature() -> _Floats:
    """Means of 5 °C in late January and 27 °C in late July, by day of the four-year cycle."""
    wave: _Floats = np.cos(2 * np.pi * (np.arange(_CYCLE) - 27) / _YEAR)
    return 16 - 11 * wave


@cache
def _hour_temperature() -> _Floats:
    wave: _Floats = np.cos(2 * np.pi * (_HOURS - 14) / 24)
    return 3.5 * wave


def _sunlight(span: _Days) -> _Floats:
    """Output of tilted panels as a share of their peak."""
    clouds = 0.5 * (_spells(_Draw.CLOUDY_SPELL, span, 3) + _chance(0, _Draw.CLOUDY_DAY, span))
    sky = np.clip(_sunny()[span % _CYCLE] + 2 * (0.5 - clouds), 0, 1)[:, None]
    passing = 1 - 0.6 * (1 - sky) * _by_slot(0, _Draw.CLOUD, span)
    return _clear_sky()[span % _CYCLE] * (0.12 + 0.88 * sky) * passing


@cache
def _sunny() -> _Floats:
    months = (np.arange(12) + 0.5) * _YEAR / 12
    days = np.arange(_CYCLE) % _YEAR
    sunny: _Floats = np.interp(days, months, _SUNNY_BY_MONTH, period=_YEAR)
    return sunny


@cache
def _clear_sky() -> _Floats:
    """Output under a clear sky, by day of the four-year cycle and slot; 0 with the sun down."""
    season = 2 * np.pi * (np.arange(_CYCLE)[:, None] + 10) / _YEAR
    declination = np.radians(-23.44) * np.cos(season)
    hour_angle = 2 * np.pi * (_HOURS - _SOLAR_NOON) / 24
    sun = _sine_of_height(_LATITUDE, declination, hour_angle)
    # Panels tilted south see the sun as flat ones nearer to the equator do.
    on_panels = _sine_of_height(_LATITUDE - _TILT, declination, hour_angle)
    air_mass = 1 / np.maximum(sun, 0.001)
    beam = 1.353 * 0.7 ** (air_mass**0.678)
    return np.where(sun > 0, 0.8 * beam * (np.maximum(on_panels, 0) + 0.1), 0)


def _sine_of_height(latitude: float, declination: _Floats, hour_angle: _Floats) -> _Floats:
    at_six: _Floats = np.sin(latitude) * np.sin(declination)
    risen: _Floats = np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    return at_six + risen


def _spells(draw: "_Draw", span: _Days, length: int) -> _Floats:
    """Numbers in [0, 1) that wander from day to day and turn every `length` days."""
    before = _chance(0, draw, span // length)
    after = _chance(0, draw, span // length + 1)
    return before + (after - before) * ((span % length) / length)


# Chance


class _Draw(IntEnum):
    """What a random number is for: part of its key, so a new use goes to the end."""

    AWAY = auto()
    APPLIANCE = auto()
    BOTH_WAYS = auto()
    BUSY = auto()
    CLOUD = auto()
    CLOUDY_DAY = auto()
    CLOUDY_SPELL = auto()
    HABIT = auto()
    LATENESS = auto()
    LIVELY = auto()
    STANDING = auto()
    WARM_DAY = auto()
    WARM_SPELL = auto()


def _around_one(chance: _Floats, width: float) -> _Floats:
    return 1 - width + 2 * width * chance


def _by_slot(seed: int, draw: _Draw, days: _Days) -> _Floats:
    return _chance(seed, draw, days[:, None] * SLOTS_PER_DAY + _SLOTS)


def _chance(seed: int, draw: _Draw, counters: _Days) -> _Floats:
    """Numbers in [0, 1) that depend on nothing but seed, use and counter."""
    key = np.array([(seed * 256 + draw) % 2**64], dtype=np.uint64)
    bits = _mix(_mix(key) + counters.astype(np.uint64)) >> np.uint64(11)
    return bits.astype(np.float64) * 2.0**-53


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Number `state` of the splitmix64 sequence (Steele, Lea and Flood, 2014)."""
    state = state * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
