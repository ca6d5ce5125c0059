"""The rules of a portal on bills: plans, taxes, when bills may be seen, who is told, certificates.

The table `billing` of `portals/<key>.toml`. Which days are business days is `domain.business_days`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from domain.facilities import Facility, PaymentMethod
from domain.policy_tables import Between, Shaped, WrongValue
from domain.profile_form import repeated
from domain.tariff.plans import KEY, MonthDay

_MOST_CLOSED: Final = 60
"With more there could be no business day for months."

PlanKey = Annotated[str, Shaped(KEY, "the name of a plan's file, like lighting-b")]


class DetailsOpen(StrEnum):
    """When usage and bills of a facility open (FA-4)."""

    AT_ONCE = "AT_ONCE"
    CONTRACT_START = "CONTRACT_START"
    "When the start of a contract is registered for it."


class ContractsOpen(StrEnum):
    """When a facility's contracts open (FA-4)."""

    AT_ONCE = "AT_ONCE"
    FIRST_BILL = "FIRST_BILL"
    "When its first bill may be seen (BI-3)."


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """Payment certificates, once in a calendar year (BI-6)."""

    months: Annotated[int, Between(1, 24)]
    "How many months of payments one shows."
    download_days: Annotated[int, Between(1, 366)]
    "How long one can be fetched after it was issued."
    excluded_methods: tuple[PaymentMethod, ...]
    "Who pays so gets none, as somebody else gives them a receipt."

    def contradictions(self) -> Iterator[WrongValue]:
        yield from repeated("excluded_methods", list(self.excluded_methods))


@dataclass(frozen=True, slots=True)
class BillingPolicy:
    plans: tuple[PlanKey, ...]
    "Plans that are open to the portal's contracts, by the names of their files."
    issuer_number: Annotated[str, Shaped("T[0-9]{13}", "T and 13 digits")]
    "Registration number of who issues qualified invoices."
    tax_percent: Annotated[int, Between(0, 100)]
    "Consumption tax, which all prices include."
    due_days: Annotated[int, Between(1, 366)]
    "From the issue of a bill to the day by which it is paid."
    available_business_days: Annotated[int, Between(0, 60)]
    "From the reading until the bill may be seen; 0 is as soon as it is issued (BI-3)."
    debit_result_business_days: Annotated[int, Between(0, 60)]
    "From a direct debit until its result may be seen (BI-3)."
    closed: tuple[MonthDay, ...]
    "No business days, beside Saturdays, Sundays and national holidays."
    details_open: DetailsOpen
    contracts_open: ContractsOpen
    no_bill_mail: tuple[PlanKey, ...] = ()
    "Plans whose bills are not told by mail (NO-1)."
    certificate: CertificateRule | None = None
    "None: the portal issues none (BI-6)."

    def opens_details(self, facility: Facility) -> bool:
        """Whether usage and bills of a facility are open (FA-4)."""
        return self.details_open is DetailsOpen.AT_ONCE or bool(facility.contracts)

    def contradictions(self) -> Iterator[WrongValue]:
        yield from repeated("plans", list(self.plans))
        yield from repeated("closed", list(self.closed))
        yield from repeated("no_bill_mail", list(self.no_bill_mail))
        if len(self.closed) > _MOST_CLOSED:
            yield WrongValue(("closed",), f"expected at most {_MOST_CLOSED} days")
        for place, plan in enumerate(self.no_bill_mail):
            if plan not in self.plans:
                yield WrongValue(("no_bill_mail", place), f"expected one of plans, found {plan!r}")
