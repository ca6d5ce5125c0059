"""Plans as companies publish them: what a file of `portals/plans/` says, and what must hold of it.

Prices are in yen, tax included. What they come to for a reading period is `domain.tariff.charges`.
Quantities of electricity are counted in kWh, of gas in m³.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final

from domain.facilities import ContractKind
from domain.policy_tables import Amount, Between, Shaped, WrongValue
from domain.profile_form import Label, repeated
from domain.tariff.band_times import Band, band_faults

Price = Annotated[Decimal, Amount(0, 10_000)]
"Yen for a kWh or a m³."
Yen = Annotated[Decimal, Amount(0, 1_000_000)]
Percent = Annotated[Decimal, Amount(0, 100)]
Factor = Annotated[Decimal, Amount(0, 10, decimals=4)]
MonthDay = Annotated[
    str,
    Shaped(
        "(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31",
        "a day of the year like 12-31",
    ),
]
KEY: Final = "[a-z][a-z0-9-]{0,39}"
EXAMPLE_ENDINGS: Final = {"ja": "（例）", "en": "(example)"}
"The name of a plan that is an example says so."

_ALL_PERCENT: Final = 100


class CapacityUnit(StrEnum):
    """What a contracted size is counted in."""

    A = "A"
    KVA = "kVA"
    KW = "kW"


_EQUAL: Final[Mapping[tuple[str | None, str], Decimal]] = {
    **{(unit, unit): Decimal(1) for unit in CapacityUnit},
    (CapacityUnit.A, CapacityUnit.KVA): Decimal("0.1"),
    (CapacityUnit.KVA, CapacityUnit.A): Decimal(10),
}
"How many of the second unit are one of the first, at 100 V."


@dataclass(frozen=True, slots=True)
class Capacity:
    """The contracted sizes that a plan is for, both bounds allowed."""

    unit: CapacityUnit
    least: Annotated[int, Between(0, 10_000)]
    most: Annotated[int, Between(1, 10_000)]

    def size(self, contracted: Decimal | None, unit: str | None) -> Decimal | None:
        """A contracted size in this unit; None if there is none or the plan is not for it.

        10 A are 1 kVA.
        """
        if contracted is None:
            return None
        size = contracted * _EQUAL.get((unit, self.unit), Decimal(0))
        return size if size and self.least <= size <= self.most else None

    def contradictions(self) -> Iterator[WrongValue]:
        if self.least > self.most:
            yield WrongValue(("most",), f"expected at least least {self.least}, found {self.most}")


@dataclass(frozen=True, slots=True)
class Basic:
    """Basic charge of a month: for every `per` contracted units, or for the contract."""

    yen: Yen
    per: Annotated[int, Between(1, 100)] | None = None
    "Contracted units of the plan's capacity; None: the charge is for the contract."
    half_at_zero: bool = False
    "Half of it is due in a reading period without any use."


@dataclass(frozen=True, slots=True)
class Minimum:
    """Minimum charge of a month, which pays for the first kWh."""

    yen: Yen
    included: Annotated[int, Between(0, 1_000)]
    "kWh; they bear no fuel adjustment, but the renewable levy."


@dataclass(frozen=True, slots=True)
class Market:
    """What a kWh costs on the market at its half hour, beside the price of its band."""

    factor: Factor
    "Times the market's price: losses on the way and tax."


@dataclass(frozen=True, slots=True)
class GasTable:
    """Basic charge and price of all m³ of a month whose use is within the table's border."""

    basic: Yen
    price: Price
    up_to: Annotated[int, Between(1, 100_000)] | None = None
    "Upper border in m³, included; None: no border."


class DiscountOn(StrEnum):
    BASIC_CHARGE = "BASIC_CHARGE"
    ENERGY_CHARGE = "ENERGY_CHARGE"
    BOTH = "BOTH"


@dataclass(frozen=True, slots=True)
class Discount:
    """So many yen a month, never more than the charges, or percent of what `on` names."""

    label: Label
    yen: Yen | None = None
    percent: Percent | None = None
    on: DiscountOn = DiscountOn.BOTH

    def contradictions(self) -> Iterator[WrongValue]:
        if (self.yen is None) == (self.percent is None):
            yield WrongValue((), "expected either yen or percent")


@dataclass(frozen=True, slots=True, eq=False)
class PlanVersion:
    """Prices from a day until the next version starts. It is equal to itself alone."""

    starts_on: date
    bands: tuple[Band, ...] = ()
    "Of electricity; every half hour of every day is in one of them."
    basic: Basic | None = None
    minimum: Minimum | None = None
    market: Market | None = None
    gas_tables: tuple[GasTable, ...] = ()
    fuel: Annotated[str, Shaped(KEY, "the name of a file of rates")] | None = None
    "Series of the fuel cost adjustment; None: there is none."
    levy: bool = False
    "Whether the renewable levy is due."
    discounts: tuple[Discount, ...] = ()
    extra_holidays: tuple[MonthDay, ...] = ()
    "Days that count as holidays beside Saturdays, Sundays and national holidays."

    def contradictions(self) -> Iterator[WrongValue]:
        yield from repeated("extra_holidays", list(self.extra_holidays))
        if self.bands:
            yield from band_faults(self.bands)
        if self.minimum is not None:
            yield from self._minimum_faults(self.minimum)
        yield from self._gas_faults()
        if sum(discount.percent or 0 for discount in self.discounts) > _ALL_PERCENT:
            yield WrongValue(("discounts",), "expected at most 100 percent together")
        if self.market is not None:
            for place, discount in enumerate(self.discounts):
                if discount.percent is not None and discount.on is not DiscountOn.BASIC_CHARGE:
                    yield WrongValue(
                        ("discounts", place),
                        "expected none in percent of energy, as there is a market",
                    )

    def _minimum_faults(self, minimum: Minimum) -> Iterator[WrongValue]:
        if self.basic is not None:
            yield WrongValue(("minimum",), "expected either a basic charge or a minimum charge")
        if len(self.bands) != 1:
            yield WrongValue(("minimum",), "expected a single band with it")
        elif (first := self.bands[0].tiers[0].up_to) is not None and first <= minimum.included:
            yield WrongValue(
                ("minimum", "included"),
                f"expected less than the first tier's border {first}, found {minimum.included}",
            )

    def _gas_faults(self) -> Iterator[WrongValue]:
        tables = self.gas_tables
        for place, (table, dearer) in enumerate(pairwise(tables)):
            border = table.up_to
            if border is None or (dearer.up_to is not None and dearer.up_to <= border):
                yield WrongValue(
                    ("gas_tables", place, "up_to"), "expected borders that rise, the last open"
                )
            elif table.basic + border * table.price > dearer.basic + border * dearer.price:
                yield WrongValue(
                    ("gas_tables", place + 1),
                    f"at its border of {border} m³ it is cheaper than the table before",
                )
        if tables and tables[-1].up_to is not None:
            last = len(tables) - 1
            yield WrongValue(("gas_tables", last, "up_to"), "expected none in the last table")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a contract can be for. It is equal to itself alone."""

    key: str
    kind: ContractKind
    label: Label
    example: bool
    "Made up; its name says so."
    versions: tuple[PlanVersion, ...]
    "The oldest first."
    capacity: Capacity | None = None
    "None: any contracted size, or none."
    ends_on: date | None = None
    "First day on which the plan is no more; None: it goes on."

    def size(self, contracted: Decimal | None, unit: str | None) -> Decimal | None:
        """Contracted size in the plan's unit, 1 if it asks for none; None if it isn't for this one."""
        return Decimal(1) if self.capacity is None else self.capacity.size(contracted, unit)

    def contradictions(self) -> Iterator[WrongValue]:
        yield from self._name_faults()
        if not self.versions:
            yield WrongValue(("versions",), "expected one or more, found none")
        starts = [version.starts_on for version in self.versions]
        for place, (before, after) in enumerate(pairwise(starts), start=1):
            if after <= before:
                yield WrongValue(
                    ("versions", place, "starts_on"), f"expected later than {before}, found {after}"
                )
        if starts and self.ends_on is not None and self.ends_on <= starts[-1]:
            yield WrongValue(
                ("ends_on",), f"expected later than {starts[-1]}, found {self.ends_on}"
            )
        for place, version in enumerate(self.versions):
            for key, problem in self._version_faults(version):
                yield WrongValue(("versions", place, key), problem)

    def _name_faults(self) -> Iterator[WrongValue]:
        if re.fullmatch(KEY, self.key) is None:
            yield WrongValue((), f"expected a file named like my-plan.toml, found {self.key!r}")
        for language, ending in EXAMPLE_ENDINGS.items():
            if self.example != getattr(self.label, language).endswith(ending):
                expected = "one" if self.example else "none"
                yield WrongValue(
                    ("label", language),
                    f"expected {expected} that ends with {ending}, as example is "
                    f"{str(self.example).lower()}",
                )

    def _version_faults(self, version: PlanVersion) -> Iterator[tuple[str, str]]:
        gas = self.kind is ContractKind.GAS
        if gas == bool(version.bands):
            yield "bands", "expected of electricity and buy-back, and not of gas"
        if gas != bool(version.gas_tables):
            yield "gas_tables", "expected of gas, and of nothing else"
        for key in _NOT_OF[self.kind]:
            if getattr(version, key):
                yield key, f"expected none of {self.kind}"
        if version.basic is not None and version.basic.per is not None and self.capacity is None:
            yield "basic", "expected no per, as the plan has no capacity"


_NOT_OF: Final = {
    ContractKind.ELECTRICITY: (),
    ContractKind.GAS: ("basic", "minimum", "market", "levy"),
    ContractKind.BUY_BACK: ("basic", "minimum", "fuel", "levy", "discounts"),
}
"What plans of a kind cannot have."
