"""Prices one reading period into the lines of a bill, for the demo.

Fixed prices only: no time bands, no plan changes within a period, no campaign discounts. Prices
include tax. Each line is floored to whole yen, so the amount of a bill is the sum of its lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import floor
from typing import Final


class LineKind(StrEnum):
    BASIC_CHARGE = "BASIC_CHARGE"
    ENERGY_CHARGE = "ENERGY_CHARGE"
    FUEL_ADJUSTMENT = "FUEL_ADJUSTMENT"
    RENEWABLE_LEVY = "RENEWABLE_LEVY"
    DISCOUNT = "DISCOUNT"


@dataclass(frozen=True, slots=True)
class Tier:
    up_to_kwh: int | None
    "Upper border, included; None: no border."
    yen_per_kwh: Decimal


@dataclass(frozen=True, slots=True)
class Tariff:
    code: str
    name: str
    basic_yen_per_unit: Decimal
    basic_unit: str
    "What the contracted size is counted in: `10A` (30 A are 3 units) or `kVA`."
    tiers: tuple[Tier, ...]
    fuel_yen_per_kwh: Decimal
    "Below zero when fuel is cheap."
    levy_yen_per_kwh: Decimal

    def __post_init__(self) -> None:
        """Refuse tiers that would leave some use without a price, or with two."""
        borders = [tier.up_to_kwh for tier in self.tiers]
        rising = [0, *(border or 0 for border in borders[:-1])]
        if borders[-1:] != [None] or rising != sorted(set(rising)):
            raise ValueError(f"{self.code}: tiers must rise and end in an open one: {borders}")


@dataclass(frozen=True, slots=True)
class LineItem:
    kind: LineKind
    label: str
    quantity: Decimal | None
    unit: str | None
    unit_price: Decimal | None
    amount_yen: int


def bill_lines(tariff: Tariff, contracted: Decimal, usage_wh: int) -> tuple[LineItem, ...]:
    """Lines of a bill; `contracted` is counted in the tariff's basic unit."""
    if usage_wh < 0 or contracted < 0:
        raise ValueError(f"neither may be negative: usage {usage_wh} Wh, contracted {contracted}")
    kwh = Decimal(usage_wh).scaleb(-3)
    unit, price = tariff.basic_unit, tariff.basic_yen_per_unit
    if not kwh:
        label = "基本料金（ご使用がないため半額）"
        return (_line(LineKind.BASIC_CHARGE, label, contracted, unit, price / 2),)
    fuel, levy = tariff.fuel_yen_per_kwh, tariff.levy_yen_per_kwh
    return (
        _line(LineKind.BASIC_CHARGE, "基本料金", contracted, unit, price),
        *_energy(tariff.tiers, kwh),
        _line(LineKind.FUEL_ADJUSTMENT, "燃料費調整額", kwh, "kWh", fuel),
        _line(LineKind.RENEWABLE_LEVY, "再生可能エネルギー発電促進賦課金", kwh, "kWh", levy),
    )


def _energy(tiers: tuple[Tier, ...], kwh: Decimal) -> Iterator[LineItem]:
    reached = Decimal(0)
    for step, tier in enumerate(tiers, start=1):
        border = kwh if tier.up_to_kwh is None else min(kwh, Decimal(tier.up_to_kwh))
        if border > reached:
            label = "電力量料金" if len(tiers) == 1 else f"電力量料金（第{step}段階）"
            quantity = border - reached
            yield _line(LineKind.ENERGY_CHARGE, label, quantity, "kWh", tier.yen_per_kwh)
        reached = border


def _line(kind: LineKind, label: str, quantity: Decimal, unit: str, price: Decimal) -> LineItem:
    return LineItem(kind, label, quantity, unit, price, floor(quantity * price))


_FUEL: Final = Decimal("0.85")
_LEVY: Final = Decimal("3.98")
_HOME_TIERS: Final = (
    Tier(120, Decimal("29.50")),
    Tier(300, Decimal("36.20")),
    Tier(None, Decimal("40.30")),
)
_ONE_PRICE: Final = (Tier(None, Decimal("26.40")),)

EXAMPLE_HOME_TARIFF: Final = Tariff(
    "EXAMPLE_HOME", "従量電灯（例）", Decimal("310.00"), "10A", _HOME_TIERS, _FUEL, _LEVY
)
EXAMPLE_BUSINESS_TARIFF: Final = Tariff(
    "EXAMPLE_BUSINESS", "低圧電力（例）", Decimal("1150.00"), "kVA", _ONE_PRICE, _FUEL, _LEVY
)
