"""Supply contracts as they arrive, one object a line; see `domain.records` for the other kinds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.facilities import PaymentMethod
from domain.readings import shown
from domain.record_fields import InvalidRecord, Record, one_of, text
from domain.records import address
from domain.supply import SupplyContract

_SUPPLY_CONTRACT: Final = (
    *("portal", "customerNumber", "name", "kana", "phone", "address"),
    *("paymentMethod", "lastFour", "voltage"),
)
_FOUR_DIGITS: Final = re.compile("[0-9]{4}")
_MOST_VOLTS: Final = 500_000


@dataclass(frozen=True, slots=True)
class NewSupplyContract:
    """A checked supply contract; its last four digits are not hashed yet."""

    contract: SupplyContract
    last_four: str | None = field(repr=False)


def parse_supply_contract(fields: Mapping[str, object]) -> NewSupplyContract:
    """Check the supply contract in one decoded NDJSON object.

    All is required but `kana`, `phone` and `lastFour`; a contract that is paid by payment slip has no
    `lastFour`.
    """
    record = Record.of("", fields, _SUPPLY_CONTRACT)
    payment = record.required("paymentMethod", one_of(PaymentMethod))
    last_four = record.optional("lastFour", _last_four)
    if last_four is not None and payment is PaymentMethod.PAYMENT_SLIP:
        raise InvalidRecord("lastFour must not be given with paymentMethod PAYMENT_SLIP")
    contract = SupplyContract(
        portal=record.required("portal", text),
        customer_number=record.required("customerNumber", text),
        name=record.required("name", text),
        kana=record.optional("kana", text),
        phone=record.optional("phone", text),
        address=record.required("address", address),
        payment_method=payment,
        voltage=record.required("voltage", _volts),
    )
    return NewSupplyContract(contract, last_four)


def _last_four(path: str, value: object) -> str:
    """No reason shows what was found: it may be a whole card number."""
    if not isinstance(value, str) or _FOUR_DIGITS.fullmatch(value) is None:
        raise InvalidRecord(f'{path} must be a string of four digits like "0123"')
    return value


def _volts(path: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST_VOLTS:
        raise InvalidRecord(
            f"{path} must be an integer from 1 to {_MOST_VOLTS}, found {shown(value)}"
        )
    return value
