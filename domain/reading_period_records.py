"""Reading periods as they arrive, one object a line: of electricity, gas, or what is fed in (FA-3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.facilities import ContractKind, ReadingPeriod
from domain.record_fields import InvalidRecord, Record, iso_date, one_of, supply_point, thousandths

_QUANTITIES: Final = ("previousRegister", "presentRegister", "usage")
_SUFFIXES: Final = {
    ContractKind.ELECTRICITY: "Kwh",
    ContractKind.BUY_BACK: "Kwh",
    ContractKind.GAS: "M3",
}
_FIELDS: Final = (
    *("supplyPointNumber", "kind", "startOn", "endOn", "readOn"),
    *(f"{name}Kwh" for name in _QUANTITIES),
    *(f"{name}M3" for name in _QUANTITIES),
)


@dataclass(frozen=True, slots=True)
class NewReadingPeriod:
    """A checked reading period of a supply point; its facility is not known."""

    supply_point: str
    period: ReadingPeriod


def parse_reading_period(fields: Mapping[str, object]) -> NewReadingPeriod:
    """Check the reading period ``[startOn, endOn)`` in one decoded NDJSON object.

    `kind` is ELECTRICITY unless given, `readOn` is `endOn`. Registers and usage are required: in kWh,
    of gas in m³.
    """
    record = Record.of("", fields, _FIELDS)
    start_on, end_on = record.span()
    kind = record.optional("kind", one_of(ContractKind)) or ContractKind.ELECTRICITY
    previous, present, usage = _quantities(record, kind)
    return NewReadingPeriod(
        supply_point=record.required("supplyPointNumber", supply_point),
        period=ReadingPeriod(
            facility=0,
            start_on=start_on,
            end_on=end_on,
            read_on=record.optional("readOn", iso_date) or end_on,
            previous_register=previous,
            present_register=present,
            usage=usage,
            kind=kind,
        ),
    )


def _quantities(record: Record, kind: ContractKind) -> tuple[int, ...]:
    suffix = _SUFFIXES[kind]
    for name in _QUANTITIES:
        for other in {*_SUFFIXES.values()} - {suffix}:
            if record.fields.get(f"{name}{other}") is not None:
                expected = f"{name}{suffix} is what {kind} has"
                raise InvalidRecord(f"{name}{other} must not be given, {expected}")
    return tuple(record.required(f"{name}{suffix}", thousandths) for name in _QUANTITIES)
