"""Accounts that a company makes, as they arrive, one object a line (MB-2); see `domain.records`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.outbox import Language
from domain.record_fields import InvalidRecord, Record, list_of, one_of, text
from domain.supply import customer_key

_ACCOUNT: Final = ("portal", "account", "customerNumbers", "language")
_MOST_CONTRACTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A checked account; whether there are such contracts is not known."""

    portal: str
    number: str
    "The company's own: the same number again is the same account."
    customer_numbers: tuple[str, ...]
    language: Language


def parse_account(fields: Mapping[str, object]) -> NewAccount:
    """Check the account in one decoded NDJSON object.

    All is required but `language`, in which the member gets letters and mail: ja unless given.
    """
    record = Record.of("", fields, _ACCOUNT)
    return NewAccount(
        portal=record.required("portal", text),
        number=record.required("account", text),
        customer_numbers=record.required("customerNumbers", _customer_numbers),
        language=record.optional("language", one_of(Language)) or Language.JA,
    )


def _customer_numbers(path: str, value: object) -> tuple[str, ...]:
    numbers = list_of(text)(path, value)
    if not 1 <= len(numbers) <= _MOST_CONTRACTS:
        raise InvalidRecord(
            f"{path} must have 1 to {_MOST_CONTRACTS} customer numbers, found {len(numbers)}"
        )
    keys = [customer_key(number) for number in numbers]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise InvalidRecord(f"{path}[{place}] must be another customer number, found it twice")
    return numbers
