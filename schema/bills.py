"""Bills as clients see them."""

from datetime import date

import strawberry

from domain.billing import LineItem, LineKind
from domain.bills import Bill as BillRecord
from domain.bills import PaymentState
from domain.paging import row_cursor
from schema.nodes import Node, node_id


@strawberry.type(description="One line of a bill, in whole yen, tax included.")
class BillLine:
    kind: LineKind
    label: str
    quantity: float | None
    unit: str | None
    unit_price_yen: float | None
    amount_yen: int


@strawberry.type(description="The lines add up to the amount, always.")
class Bill(Node):
    record: strawberry.Private[BillRecord]
    number: str
    facility_id: strawberry.ID
    period_start_on: date = strawberry.field(description="First day of the reading period.")
    period_end_on: date = strawberry.field(
        description="Day after the last one of the reading period."
    )
    usage_kwh: float
    amount_yen: int
    lines: list[BillLine]
    issued_on: date
    due_on: date
    payment_state: PaymentState
    paid_on: date | None

    @property
    def owner(self) -> str:
        return self.record.owner


@strawberry.type(
    description="Either a bill that came out, or (bill: null) a heartbeat: there is no other so far."
)
class BillEvent:
    bill: Bill | None
    cursor: str = strawberry.field(description="Resume here after a lost connection.")


def bill_type(bill: BillRecord) -> Bill:
    return Bill(
        id=node_id("Bill", bill.id),
        record=bill,
        number=bill.number,
        facility_id=node_id("Facility", bill.facility),
        period_start_on=bill.start_on,
        period_end_on=bill.end_on,
        usage_kwh=bill.usage_wh / 1000,
        amount_yen=bill.amount_yen,
        lines=[_line(line) for line in bill.lines],
        issued_on=bill.issued_on,
        due_on=bill.due_on,
        payment_state=bill.payment_state,
        paid_on=bill.paid_on,
    )


def bill_cursor(bill: BillRecord) -> str:
    return row_cursor("Bill", bill.order)


def _line(line: LineItem) -> BillLine:
    return BillLine(
        kind=line.kind,
        label=line.label,
        quantity=None if line.quantity is None else float(line.quantity),
        unit=line.unit,
        unit_price_yen=None if line.unit_price is None else float(line.unit_price),
        amount_yen=line.amount_yen,
    )
