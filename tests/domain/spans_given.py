"""Asked spans, as slots, of a facility under contract in some terms."""

from datetime import date, datetime
from decimal import Decimal

from datasources.portal_files import read_portals
from domain.facilities import Address, Contract, ContractKind, Facility, PaymentMethod
from domain.slots import slot_at
from domain.usage import Resolution
from domain.usage_span import asked_span, span_before

PORTAL = read_portals()["mirai"]
Term = tuple[date, date | None]


def facility(*terms: Term) -> Facility:
    """A facility with a contract for each term."""
    return Facility(
        number=7,
        portal="mirai",
        owner="M1",
        name="自宅",
        supply_point="09" + "0" * 20,
        customer_number="1",
        address=Address("810-0001", "福岡県", "福岡市", "天神1", None),
        contracts=tuple(
            Contract(
                number=str(number),
                kind=ContractKind.ELECTRICITY,
                plan="home",
                capacity=Decimal(30),
                capacity_unit="A",
                start_on=start_on,
                end_on=end_on,
                payment_method=PaymentMethod.CARD,
            )
            for number, (start_on, end_on) in enumerate(terms)
        ),
    )


ALWAYS = facility((date(2000, 1, 1), None))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text if text[-1] == "Z" or "+" in text else f"{text}+09:00")


NOW = at("2026-11-22T10:10")


def slots(start: str, end: str) -> tuple[int, int]:
    return slot_at(at(start)), slot_at(at(end))


def asked(
    start: str,
    end: str,
    of: Facility = ALWAYS,
    now: datetime = NOW,
    resolution: Resolution = Resolution.DAY,
) -> tuple[int, int]:
    span = asked_span(at(start), at(end), resolution, of, PORTAL, now)
    return span.first, span.end


def before(
    start: str, end: str, months: int, of: Facility = ALWAYS, now: datetime = NOW
) -> tuple[int, int] | None:
    span = span_before(at(start), at(end), months, Resolution.DAY, of, PORTAL, now)
    return None if span is None else (span.first, span.end)
