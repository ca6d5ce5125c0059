"""Bills of a facility: an amount and the lines that add up to it (BI-1)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.billing import LineItem


class PaymentState(StrEnum):
    UNPAID = "UNPAID"
    PAID = "PAID"
    OVERDUE = "OVERDUE"


class UnbalancedBill(ValueError):
    """The lines of a bill do not add up to its amount."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill of the reading period ``[start_on, end_on)``. `id` is portal and bill number."""

    id: str
    portal: str
    owner: str
    facility: int
    number: str
    start_on: date
    end_on: date
    usage_wh: int
    amount_yen: int
    lines: tuple[LineItem, ...]
    issued_on: date
    due_on: date
    payment_state: PaymentState
    paid_on: date | None

    @property
    def order(self) -> str:
        """Sorts bills by issue date, and by id among those of a day."""
        return f"{self.issued_on.isoformat()} {self.id}"

    def __post_init__(self) -> None:
        total = sum(line.amount_yen for line in self.lines)
        if total != self.amount_yen:
            raise UnbalancedBill(
                f"bill {self.number}: lines add up to {total} yen, amount is {self.amount_yen} yen"
            )
