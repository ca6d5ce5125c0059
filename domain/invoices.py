"""Consolidated invoices (まとめ請求): the bills of a group of contracts, paid in one sum (BI-2)."""

from dataclasses import dataclass
from datetime import date

from domain.bills import Payment, included_tax


@dataclass(frozen=True, slots=True)
class Invoice:
    """The bills of a group's contracts in one billing month. `id` is portal and invoice number."""

    id: str
    portal: str
    owner: str
    number: str
    group: str
    "What its contracts are grouped by."
    month: date
    "First day of the billing month."
    read_on: date
    "Day of the last reading that it waited for."
    issued_on: date
    available_on: date
    "First day on which members see it, and its bills (BI-3)."
    bills: tuple[str, ...]
    "Ids, in the order in which they are shown."
    amount_yen: int
    tax_percent: int
    payment: Payment
    revision: int = 0
    "Counted up whenever its bills or its amount have changed."

    @property
    def order(self) -> str:
        """Sorts invoices by the day they come out, and by id among those of a day."""
        return f"{self.available_on.isoformat()} {self.id}"

    @property
    def tax_yen(self) -> int:
        """Consumption tax that the amount includes."""
        return included_tax(self.amount_yen, self.tax_percent)

    def bills_the_same_as(self, other: "Invoice") -> bool:
        """Whether nothing that is billed differs; whose it is and how it is paid may."""
        return (self.month, self.bills, self.amount_yen, self.tax_percent) == (
            *(other.month, other.bills, other.amount_yen, other.tax_percent),
        )
