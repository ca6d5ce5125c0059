"""Prices of the electricity market as they arrive: an object a line, an area's day of half hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.bills import SEN
from domain.facilities import AREAS
from domain.readings import shown
from domain.record_fields import InvalidRecord, Record, decimal, iso_date, list_of
from domain.slots import SLOTS_PER_DAY

_FIELDS: Final = ("area", "date", "yenPerKwh")
_MOST_YEN: Final = 10_000
"Far above what a market has ever asked for."


@dataclass(frozen=True, slots=True)
class MarketDay:
    """Prices of an area's day, in sen per kWh by half hour."""

    area: str
    on: date
    sen: tuple[int, ...]


def parse_market_day(fields: Mapping[str, object]) -> MarketDay:
    """Check the prices in one decoded NDJSON object; all its fields are required.

    Each of the 48 prices is in yen per kWh with up to two decimals.
    """
    record = Record.of("", fields, _FIELDS)
    prices = record.required("yenPerKwh", list_of(_sen))
    if len(prices) != SLOTS_PER_DAY:
        raise InvalidRecord(f"yenPerKwh must have {SLOTS_PER_DAY} prices, found {len(prices)}")
    return MarketDay(
        area=record.required("area", _area), on=record.required("date", iso_date), sen=prices
    )


def _area(path: str, value: object) -> str:
    if not isinstance(value, str) or value not in AREAS.values():
        areas = ", ".join(AREAS.values())
        raise InvalidRecord(f"{path} must be one of {areas}, found {shown(value)}")
    return value


def _sen(path: str, value: object) -> int:
    sen = decimal(path, value) * SEN
    if sen != int(sen):
        raise InvalidRecord(f"{path} must have up to 2 decimals, found {shown(value)}")
    if abs(sen) > _MOST_YEN * SEN:
        expected = f"between -{_MOST_YEN} and {_MOST_YEN}"
        raise InvalidRecord(f"{path} must be {expected}, found {shown(value)}")
    return int(sen)
