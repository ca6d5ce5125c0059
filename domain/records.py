"""Master data as it arrives: members and facilities, one object a line.

How one field is read is told in `domain.record_fields`; who owns what, and which portals there
are, the caller knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from domain.facilities import (
    Address,
    Contract,
    ContractKind,
    Facility,
    PaymentMethod,
)
from domain.members import MemberProfile, MemberState
from domain.record_fields import (
    InvalidRecord,
    Record,
    after,
    argon2id_hash,
    capacity,
    iso_date,
    list_of,
    one_of,
    password,
    postal_code,
    supply_point,
    text,
    true_or_false,
)

__all__ = [
    "InvalidRecord",
    "NewFacility",
    "NewMember",
    "address",
    "parse_facility",
    "parse_member",
]

_MOST_CONTRACTS: Final = 100
_MEMBER: Final = (
    *("portal", "loginId", "password", "passwordHash"),
    *("name", "kana", "email", "phone", "state"),
)
_FACILITY: Final = (
    *("portal", "loginId", "supplyPointNumber", "customerNumber"),
    *("name", "address", "contracts"),
)
_ADDRESS: Final = ("postalCode", "prefecture", "city", "line1", "line2")
_CONTRACT: Final = (
    *("number", "kind", "plan", "capacity", "capacityUnit"),
    *("startOn", "endOn", "paymentMethod", "invoiceGroup", "paperReceipts"),
)


class _GivenState(StrEnum):
    """Of members that others hand in; who waits for a postcard has registered here."""

    ACTIVE = MemberState.ACTIVE.value
    WITHDRAWN = MemberState.WITHDRAWN.value


@dataclass(frozen=True, slots=True)
class NewMember:
    """A checked member, with either a password or the hash of one."""

    portal: str
    login_id: str
    password: str | None = field(repr=False)
    password_hash: str | None = field(repr=False)
    state: MemberState
    profile: MemberProfile


@dataclass(frozen=True, slots=True)
class NewFacility:
    """A checked facility; its number and owner are not known.

    It is the member's with this login ID; without one it is the member's who has shown that the supply
    contract of its customer number is theirs, and until then nobody's.
    """

    portal: str
    login_id: str | None
    facility: Facility


def parse_member(fields: Mapping[str, object]) -> NewMember:
    """Check the member in one decoded NDJSON object.

    `portal`, `loginId`, `name` and one of `password` and `passwordHash` (argon2id) are required;
    `state` is ACTIVE unless given.
    """
    record = Record.of("", fields, _MEMBER)
    plain, hashed = _password_or_hash(record)
    return NewMember(
        portal=record.required("portal", text),
        login_id=record.required("loginId", text),
        password=plain,
        password_hash=hashed,
        state=MemberState(record.optional("state", one_of(_GivenState)) or MemberState.ACTIVE),
        profile=MemberProfile(
            name=record.required("name", text),
            kana=record.optional("kana", text),
            email=record.optional("email", text),
            phone=record.optional("phone", text),
        ),
    )


def _password_or_hash(record: Record) -> tuple[str | None, str | None]:
    plain = record.optional("password", password)
    hashed = record.optional("passwordHash", argon2id_hash)
    if (plain is None) == (hashed is None):
        found = "none" if plain is None else "both"
        raise InvalidRecord(f"either password or passwordHash must be given, found {found}")
    return plain, hashed


def parse_facility(fields: Mapping[str, object]) -> NewFacility:
    """Check the facility in one decoded NDJSON object.

    `loginId` is its owner's. All is required but that, `address.line2` and, of each contract,
    `capacity`, `capacityUnit`, `endOn`, `invoiceGroup` and `paperReceipts`, which is true of who pays
    by slip. There may be no contract yet.
    """
    record = Record.of("", fields, _FACILITY)
    portal = record.required("portal", text)
    return NewFacility(
        portal=portal,
        login_id=record.optional("loginId", text),
        facility=Facility(
            number=0,
            portal=portal,
            owner="",
            name=record.required("name", text),
            supply_point=record.required("supplyPointNumber", supply_point),
            customer_number=record.required("customerNumber", text),
            address=record.required("address", address),
            contracts=record.required("contracts", list_of(_contract, _MOST_CONTRACTS)),
        ),
    )


def address(path: str, value: object) -> Address:
    """An address; all is required but `line2`."""
    record = Record.of(path, value, _ADDRESS)
    return Address(
        postal_code=record.required("postalCode", postal_code),
        prefecture=record.required("prefecture", text),
        city=record.required("city", text),
        line1=record.required("line1", text),
        line2=record.optional("line2", text),
    )


def _contract(path: str, value: object) -> Contract:
    record = Record.of(path, value, _CONTRACT)
    start_on = record.required("startOn", iso_date)
    method = record.required("paymentMethod", one_of(PaymentMethod))
    paper = record.optional("paperReceipts", true_or_false)
    return Contract(
        number=record.required("number", text),
        kind=record.required("kind", one_of(ContractKind)),
        plan=record.required("plan", text),
        capacity=record.optional("capacity", capacity),
        capacity_unit=record.optional("capacityUnit", text),
        start_on=start_on,
        end_on=record.optional("endOn", after(start_on)),
        payment_method=method,
        invoice_group=record.optional("invoiceGroup", text),
        paper_receipts=method is PaymentMethod.PAYMENT_SLIP if paper is None else paper,
    )
