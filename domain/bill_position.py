"""How far somebody has heard of bills, and the cursor that says so.

A bill comes out when it is stored, and not before the day that policy says (BI-3). Stored bills have
places in one order, so what came out since is what has a later place, and what has become available
since. That day comes without anybody writing anything.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.bills import Bill
from domain.errors import BadInput
from domain.paging import row_cursor, row_key

_KIND: Final = "BillEvent"
_MOST_PLACES: Final = 2**63


@dataclass(frozen=True, slots=True)
class BillPosition:
    """All bills are known that were stored up to `place` and available up to a date."""

    place: int
    available_on: date

    def includes(self, other: "BillPosition") -> bool:
        """Whether no bill is known to the other one alone."""
        return other.place <= self.place and other.available_on <= self.available_on

    @property
    def cursor(self) -> str:
        """The position as an opaque text."""
        return row_cursor(_KIND, f"{self.place} {self.available_on.isoformat()}")


@dataclass(frozen=True, slots=True)
class PlacedBill:
    """A bill with its place in the order in which bills were stored."""

    place: int
    bill: Bill

    @property
    def position(self) -> BillPosition:
        """The first position that includes the bill."""
        return BillPosition(self.place, self.bill.available_on)


def bill_position(cursor: str) -> BillPosition:
    """Position in a cursor; raises BadInput for a text that is none."""
    place, _, available_on = row_key(_KIND, cursor).partition(" ")
    try:
        found = BillPosition(int(place), date.fromisoformat(available_on))
    except ValueError:
        raise BadInput(f"cursor {cursor[:40]!r} is unknown here") from None
    if found.cursor != cursor or not 0 <= found.place < _MOST_PLACES:
        raise BadInput(f"cursor {cursor[:40]!r} is unknown here")
    return found
