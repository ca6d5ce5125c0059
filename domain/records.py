"""Master data as it arrives: members, facilities, reading periods and bills, one object a line.

How one field is read is told in `domain.record_fields`; who owns what, and which portals there
are, the caller knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from domain.billing import LineItem, LineKind
from domain.bills import Bill, PaymentState, UnbalancedBill
from domain.facilities import (
    Address,
    Contract,
    ContractKind,
    Facility,
    PaymentMethod,
    ReadingPeriod,
)
from domain.members import MemberProfile, MemberState
from domain.record_fields import (
    InvalidRecord,
    Record,
    after,
    argon2id_hash,
    capacity,
    decimal,
    iso_date,
    list_of,
    one_of,
    password,
    postal_code,
    supply_point,
    text,
    wh_of_kwh,
    whole_yen,
)

__all__ = [
    "InvalidRecord",
    "NewBill",
    "NewFacility",
    "NewMember",
    "NewReadingPeriod",
    "address",
    "parse_bill",
    "parse_facility",
    "parse_member",
    "parse_reading_period",
]

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
    *("startOn", "endOn", "paymentMethod"),
)
_READING_PERIOD: Final = (
    *("supplyPointNumber", "startOn", "endOn", "readOn"),
    *("previousRegisterKwh", "presentRegisterKwh", "usageKwh"),
)
_BILL: Final = (
    *("portal", "supplyPointNumber", "number", "startOn", "endOn", "usageKwh"),
    *("amountYen", "lines", "issuedOn", "dueOn", "paymentState", "paidOn"),
)
_LINE: Final = ("kind", "label", "quantity", "unit", "unitPrice", "amountYen")


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


@dataclass(frozen=True, slots=True)
class NewReadingPeriod:
    """A checked reading period of a supply point; its facility is not known."""

    supply_point: str
    period: ReadingPeriod


@dataclass(frozen=True, slots=True)
class NewBill:
    """A checked bill of a supply point; its facility and owner are not known."""

    supply_point: str
    bill: Bill


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
    `capacity`, `capacityUnit` and `endOn`.
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
            contracts=record.required("contracts", _contracts),
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


def _contracts(path: str, value: object) -> tuple[Contract, ...]:
    contracts = list_of(_contract)(path, value)
    if not contracts:
        raise InvalidRecord(f"{path} must have at least one contract, found none")
    return contracts


def _contract(path: str, value: object) -> Contract:
    record = Record.of(path, value, _CONTRACT)
    start_on = record.required("startOn", iso_date)
    return Contract(
        number=record.required("number", text),
        kind=record.required("kind", one_of(ContractKind)),
        plan=record.required("plan", text),
        capacity=record.optional("capacity", capacity),
        capacity_unit=record.optional("capacityUnit", text),
        start_on=start_on,
        end_on=record.optional("endOn", after(start_on)),
        payment_method=record.required("paymentMethod", one_of(PaymentMethod)),
    )


def parse_reading_period(fields: Mapping[str, object]) -> NewReadingPeriod:
    """Check the reading period ``[startOn, endOn)`` in one decoded NDJSON object.

    All is required but `readOn`, which is `endOn` unless given.
    """
    record = Record.of("", fields, _READING_PERIOD)
    start_on, end_on = record.span()
    return NewReadingPeriod(
        supply_point=record.required("supplyPointNumber", supply_point),
        period=ReadingPeriod(
            facility=0,
            start_on=start_on,
            end_on=end_on,
            read_on=record.optional("readOn", iso_date) or end_on,
            previous_register_wh=record.required("previousRegisterKwh", wh_of_kwh),
            present_register_wh=record.required("presentRegisterKwh", wh_of_kwh),
            usage_wh=record.required("usageKwh", wh_of_kwh),
        ),
    )


def parse_bill(fields: Mapping[str, object]) -> NewBill:
    """Check the bill of the period ``[startOn, endOn)`` in one decoded NDJSON object.

    All is required but `paidOn` and, of each line, `quantity`, `unit` and `unitPrice`.
    """
    record = Record.of("", fields, _BILL)
    lines = record.required("lines", list_of(_line))
    number = record.required("supplyPointNumber", supply_point)
    try:
        return NewBill(number, _bill(record, lines))
    except UnbalancedBill:
        total = sum(line.amount_yen for line in lines)
        expected = f"amountYen {fields['amountYen']}"
        raise InvalidRecord(f"lines must add up to {expected}, found {total}") from None


def _bill(record: Record, lines: tuple[LineItem, ...]) -> Bill:
    portal, number = record.required("portal", text), record.required("number", text)
    start_on, end_on = record.span()
    issued_on = record.required("issuedOn", iso_date)
    return Bill(
        id=f"{portal}/{number}",
        portal=portal,
        owner="",
        facility=0,
        number=number,
        start_on=start_on,
        end_on=end_on,
        usage_wh=record.required("usageKwh", wh_of_kwh),
        amount_yen=record.required("amountYen", whole_yen),
        lines=lines,
        issued_on=issued_on,
        due_on=_due_on(record, issued_on),
        payment_state=record.required("paymentState", one_of(PaymentState)),
        paid_on=record.optional("paidOn", iso_date),
    )


def _due_on(record: Record, issued_on: date) -> date:
    due_on = record.required("dueOn", iso_date)
    if due_on < issued_on:
        raise InvalidRecord(f"dueOn must not be before issuedOn {issued_on}, found {due_on}")
    return due_on


def _line(path: str, value: object) -> LineItem:
    record = Record.of(path, value, _LINE)
    return LineItem(
        kind=record.required("kind", one_of(LineKind)),
        label=record.required("label", text),
        quantity=record.optional("quantity", decimal),
        unit=record.optional("unit", text),
        unit_price=record.optional("unitPrice", decimal),
        amount_yen=record.required("amountYen", whole_yen),
    )
