"""Bills worked by hand: what is used, and the lines as a reader of the bill would check them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from textwrap import dedent

import numpy as np
from numpy.typing import NDArray

from datasources.plan_files import read_plan_book
from domain.bills import SEN, LineItem
from domain.facilities import Contract, ContractKind, PaymentMethod
from domain.slots import SLOTS_PER_DAY, TOKYO, slot_at
from domain.tariff.charges import Charge, TermUsage, charge, term_usage, total_usages
from domain.tariff.ladders import MISSING_PRICE
from domain.tariff.rates import billing_month
from domain.tariff.terms import Term, terms

BOOK = read_plan_book()
LONG_AGO = date(2017, 1, 1)
_SIZES = {"A": Decimal(40), "kVA": Decimal(6), "kW": Decimal(10)}
Halves = Mapping[str, int]
"Wh by the local time at which a half hour starts, like `2025-07-14 10:00`."


def contract(
    plan: str, start_on: date = LONG_AGO, end_on: date | None = None, capacity: int | None = None
) -> Contract:
    """A contract for a plan that ships: 40 A, 6 kVA or 10 kW unless told otherwise."""
    found = BOOK.plans[plan]
    unit = found.capacity.unit.value if found.capacity else None
    size = _SIZES[unit] if unit else None
    return Contract(
        number=f"E-{start_on}",
        kind=found.kind,
        plan=plan,
        capacity=size if capacity is None else Decimal(capacity),
        capacity_unit=unit,
        start_on=start_on,
        end_on=end_on,
        payment_method=PaymentMethod.CARD,
    )


def parts_of(period: str, *contracts: Contract) -> tuple[Term, ...]:
    """Terms of a period like `2025-06-12/2025-07-12`."""
    start_on, end_on = map(date.fromisoformat, period.split("/"))
    return terms(contracts, BOOK, contracts[0].kind, start_on, end_on)


def month_of(period: str) -> date:
    return billing_month(date.fromisoformat(period.split("/")[1]))


def bill(
    period: str,
    used: int | Halves,
    *contracts: Contract,
    market: Mapping[str, int] | None = None,
) -> Charge:
    """What a period costs: by its total in thousandths, or by half hours."""
    parts = parts_of(period, *contracts)
    usages: tuple[TermUsage, ...]
    if isinstance(used, int):
        usages = total_usages(parts, used)
    else:
        usages = tuple(
            term_usage(part, halves(part, used), None if market is None else prices(part, market))
            for part in parts
        )
    return charge(parts, usages, BOOK.rates, month_of(period))


def halves(part: Term, used: Halves) -> NDArray[np.int64]:
    """Wh of a term's half hours, shape ``(days * 48,)``."""
    wh = np.zeros(part.end_slot - part.first_slot, np.int64)
    for at, its_wh in used.items():
        place = _slot(at) - part.first_slot
        if 0 <= place < len(wh):
            wh[place] += its_wh
    return wh


def prices(part: Term, market: Mapping[str, int]) -> NDArray[np.int32]:
    """Market prices of a term in sen, shape ``(days, 48)``; those not given are missing."""
    found = np.full(part.days * SLOTS_PER_DAY, MISSING_PRICE, np.int32)
    for at, sen in market.items():
        place = _slot(at) - part.first_slot
        if 0 <= place < len(found):
            found[place] = sen
    return found.reshape(-1, SLOTS_PER_DAY)


def written(found: Charge) -> str:
    """A bill as `label: quantity unit × price = amount`, one line each, and the amount in yen."""
    return "\n".join([*map(_written_line, found.lines), f"= {found.amount_yen}"])


def worked(text: str) -> str:
    """Such a bill as a test writes it."""
    return dedent(text).strip()


def shortened(part: Term, days: int) -> tuple[Term, Term]:
    """A term as two, the first of so many days."""
    middle = part.first_day + days
    return replace(part, end_day=middle), replace(part, first_day=middle)


def is_gas(plan: str) -> bool:
    return BOOK.plans[plan].kind is ContractKind.GAS


def _slot(at: str) -> int:
    return slot_at(datetime.fromisoformat(at).replace(tzinfo=TOKYO))


def _written_line(line: LineItem) -> str:
    amount = Decimal(line.amount_sen) / SEN
    steps = ""
    if line.quantity is not None:
        price = "" if line.unit_price is None else f" × {line.unit_price}"
        steps = f"{line.quantity.normalize():f} {line.unit}{price} = "
    return f"{line.label}: {steps}{amount:.2f}"
