"""Supply contracts as the company keeps them: what shows that a person is its customer (MB-7)."""

from dataclasses import dataclass, field
from typing import Final

from domain.facilities import Address, PaymentMethod
from domain.identity import normalised

_LOW_VOLTAGE: Final = 200
"Volts; homes and small shops have 100 or 200."


@dataclass(frozen=True, slots=True)
class SupplyContract:
    """What the company knows of one customer number; the portal never changes it (MB-12)."""

    portal: str
    customer_number: str
    name: str
    kana: str | None
    phone: str | None
    address: Address
    "Where letters go."
    payment_method: PaymentMethod
    voltage: int
    last_four_hash: str | None = field(default=None, repr=False)
    "Of the last four digits of the paying card or account."
    member: str | None = None
    "Who has shown that the contract is theirs."

    @property
    def id(self) -> str:
        return contract_id(self.portal, self.customer_number)

    @property
    def is_low_voltage(self) -> bool:
        return self.voltage <= _LOW_VOLTAGE


def customer_key(customer_number: str) -> str:
    """What customer numbers are compared by: no matter the width, spaces, hyphens and case."""
    return normalised(customer_number).casefold()


def contract_id(portal: str, customer_number: str) -> str:
    return f"{portal}/{customer_key(customer_number)}"
