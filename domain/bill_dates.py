"""From when the bill of a reading period may be seen, before there is one (BI-3)."""

from datetime import date

from domain.billing_policy import BillingPolicy
from domain.bills import Bill
from domain.business_days import business_day_after
from domain.calendar import shift_months
from domain.facilities import Contract, Facility, ReadingPeriod
from domain.tariff.rates import billing_month


def contract_billed(facility: Facility, period: ReadingPeriod | Bill) -> Contract | None:
    """The contract by which a period is billed: of its kind, one that it touches.

    That which the bill names, else the last one.
    """
    named = period.contract if isinstance(period, Bill) else None
    touched = [
        contract
        for contract in facility.contracts
        if contract.kind is period.kind
        and contract.start_on < period.end_on
        and (contract.end_on is None or period.start_on < contract.end_on)
    ]
    return max(touched, key=lambda each: (each.number == named, each.start_on), default=None)


def latest_reading_on(period: ReadingPeriod | Bill, contract: Contract | None) -> date:
    """Date of the last reading that a period's bill waits for.

    Of a consolidated invoice that may be the last one of the billing month, until all are known.
    """
    if contract is None or contract.invoiced_with is None:
        return period.read_on
    return max(period.read_on, shift_months(billing_month(period.end_on), 1))


def bill_expected_on(
    facility: Facility, period: ReadingPeriod, billing: BillingPolicy
) -> date | None:
    """From when the bill of a period may be seen; None: as soon as it is issued."""
    if not billing.available_business_days:
        return None
    read_on = latest_reading_on(period, contract_billed(facility, period))
    return business_day_after(read_on, billing.available_business_days, billing.closed)
