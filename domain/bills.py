"""Bills of a facility: an amount, the lines that add up to it, and how it is paid (BI-1).

How a bill is priced is told in `domain.tariff`; when it may be seen in `domain.business_days`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.facilities import ContractKind, PaymentMethod

SEN: Final = 100
"One yen is a hundred sen."


class LineKind(StrEnum):
    BASIC_CHARGE = "BASIC_CHARGE"
    MINIMUM_CHARGE = "MINIMUM_CHARGE"
    ENERGY_CHARGE = "ENERGY_CHARGE"
    FUEL_ADJUSTMENT = "FUEL_ADJUSTMENT"
    RENEWABLE_LEVY = "RENEWABLE_LEVY"
    DISCOUNT = "DISCOUNT"
    BUY_BACK = "BUY_BACK"
    ROUNDING = "ROUNDING"


class BillSource(StrEnum):
    MADE = "MADE"
    IMPORTED = "IMPORTED"


class PaymentState(StrEnum):
    UNPAID = "UNPAID"
    PAID = "PAID"
    OVERDUE = "OVERDUE"
    DEBIT_FAILED = "DEBIT_FAILED"


class UnbalancedBill(ValueError):
    """The lines of a bill do not add up to its amount."""


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a bill, in whole sen, tax included. Prices are in yen."""

    kind: LineKind
    label: str
    quantity: Decimal | None
    unit: str | None
    unit_price: Decimal | None
    amount_sen: int


@dataclass(frozen=True, slots=True)
class Payment:
    """How a bill is paid and how far that is. The method is that of the day of the bill."""

    method: PaymentMethod | None
    state: PaymentState
    due_on: date
    debit_on: date | None = None
    paid_on: date | None = None
    recorded_at: datetime | None = None
    "When the company said so by itself; None: as it was with the bill."


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill of the reading period ``[start_on, end_on)``. `id` is portal and bill number.

    Of a BUY_BACK bill the amount is paid to the member.
    """

    id: str
    portal: str
    owner: str
    facility: int
    kind: ContractKind
    contract: str | None
    "Number of the contract at the end of the period."
    plan: str | None
    "What that contract calls its plan."
    number: str
    source: BillSource
    start_on: date
    end_on: date
    read_on: date
    usage: int
    "In thousandths of the unit: Wh of electricity, litres of gas."
    amount_yen: int
    lines: tuple[LineItem, ...]
    tax_percent: int
    issued_on: date
    available_on: date
    "First day on which members see it (BI-3)."
    payment: Payment
    revision: int = 0
    "Counted up whenever what is billed has changed."
    invoice: str | None = None
    "Number of the consolidated invoice that it is paid with (BI-2)."
    estimated: int = 0
    "How much of the usage was estimated."
    points_rest_sen: int | None = None
    "The amount without its fixed part and the sum of the usage series' points; None without points."

    @property
    def order(self) -> str:
        """Sorts bills by the day they come out, and by id among those of a day."""
        return f"{self.available_on.isoformat()} {self.id}"

    @property
    def tax_yen(self) -> int:
        """Consumption tax that the amount includes."""
        return included_tax(self.amount_yen, self.tax_percent)

    def __post_init__(self) -> None:
        total = sum(line.amount_sen for line in self.lines)
        if total != self.amount_yen * SEN:
            raise UnbalancedBill(
                f"bill {self.number}: lines add up to {yen_text(total)} yen, "
                f"amount is {self.amount_yen} yen"
            )


def included_tax(amount_yen: int, percent: int) -> int:
    """Tax in an amount that includes it, in whole yen, the fraction dropped."""
    tax = abs(amount_yen) * percent // (100 + percent)
    return tax if amount_yen >= 0 else -tax


def yen_text(sen: int) -> str:
    """Sen as yen, with decimals only if there are any."""
    yen = Decimal(sen) / SEN
    return f"{yen:.0f}" if sen % SEN == 0 else f"{yen:.2f}"
