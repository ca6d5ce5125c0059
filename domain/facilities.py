"""Places of use, what is contracted for them, and their reading calendar."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

AREAS: Final = {
    "01": "北海道",
    "02": "東北",
    "03": "東京",
    "04": "中部",
    "05": "北陸",
    "06": "関西",
    "07": "中国",
    "08": "四国",
    "09": "九州",
    "10": "沖縄",
}
"Transmission areas by the first two digits of a supply point number."


class ContractKind(StrEnum):
    ELECTRICITY = "ELECTRICITY"
    GAS = "GAS"
    BUY_BACK = "BUY_BACK"


_GAS: Final = ContractKind.GAS
"Looked up once: members of an enum are slow to get at."

_NEVER: Final = date.max


class PaymentMethod(StrEnum):
    DIRECT_DEBIT = "DIRECT_DEBIT"
    CARD = "CARD"
    PAYMENT_SLIP = "PAYMENT_SLIP"


@dataclass(frozen=True, slots=True)
class Address:
    postal_code: str
    prefecture: str
    city: str
    line1: str
    line2: str | None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of a facility over ``[start_on, end_on)`` (FA-2)."""

    number: str
    kind: ContractKind
    plan: str
    capacity: Decimal | None
    capacity_unit: str | None
    start_on: date
    end_on: date | None
    payment_method: PaymentMethod
    invoice_group: str | None = None
    "Contracts of one group are paid with one consolidated invoice (BI-2)."
    paper_receipts: bool = False
    "Whether each payment is receipted on paper: those are not certified again (BI-6)."

    @property
    def invoiced_with(self) -> str | None:
        """Group whose invoice its bills are paid with; None of buy-back: the member gets that paid."""
        return None if self.kind is ContractKind.BUY_BACK else self.invoice_group

    @property
    def bills_paid_by(self) -> PaymentMethod | None:
        """How the member pays its bills; None of buy-back."""
        return None if self.kind is ContractKind.BUY_BACK else self.payment_method


@dataclass(frozen=True, slots=True)
class Facility:
    """A place of use: one supply point (FA-1). `number` is ours, and names its usage."""

    number: int
    portal: str
    owner: str
    name: str
    supply_point: str
    customer_number: str
    address: Address
    contracts: tuple[Contract, ...]

    @property
    def area(self) -> str | None:
        """Transmission area, by the supply point number."""
        return AREAS.get(self.supply_point[:2])

    @property
    def supplied_from(self) -> date | None:
        """First date of electricity, drawn or fed in; None without a contract of it.

        Usage before it belongs to somebody else (US-1).
        """
        starts = [contract.start_on for contract in self.contracts if contract.kind is not _GAS]
        return min(starts, default=None)

    @property
    def supplied_to(self) -> date | None:
        """Date of the end of the last electricity contract; None while one is open."""
        ends = [
            contract.end_on or _NEVER for contract in self.contracts if contract.kind is not _GAS
        ]
        last = max(ends, default=_NEVER)
        return None if last is _NEVER else last


@dataclass(frozen=True, slots=True)
class FacilityChoice:
    """Which facilities of a member are wanted (FA-1); None is any.

    `search`: a text that the name, address or numbers hold; `area`: a transmission area;
    `contract`: a kind of contract that the facility has or had.
    """

    search: str | None = None
    area: str | None = None
    contract: ContractKind | None = None
    only: frozenset[int] | None = None
    "Numbers of those among which they must be."


@dataclass(frozen=True, slots=True)
class ReadingPeriod:
    """A reading period ``[start_on, end_on)`` and the register at both ends (FA-3).

    Quantities are in thousandths of the kind's unit: Wh of electricity, litres of gas.
    """

    facility: int
    start_on: date
    end_on: date
    read_on: date
    previous_register: int
    present_register: int
    usage: int
    kind: ContractKind = ContractKind.ELECTRICITY
