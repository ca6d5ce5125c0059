"""Bills as clients see them."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from datasources.bill_revisions import EarlierBill as EarlierRecord
from domain.bills import SEN, BillSource, LineItem, LineKind, PaymentState
from domain.bills import Bill as BillRecord
from domain.bills import Payment as PaymentRecord
from domain.downloads import Document, DocumentKind, DownloadFormat
from domain.facilities import ContractKind, PaymentMethod
from domain.paging import row_cursor
from resolvers import bills as resolve
from resolvers import downloads
from schema.downloads import Download, download_type
from schema.info import Info
from schema.nodes import Node, node_id


@strawberry.type(description="One line of a bill, tax included.")
class BillLine:
    kind: LineKind = strawberry.field(description="What the line is for.")
    label: str = strawberry.field(description="As printed, in Japanese.")
    quantity: float | None = strawberry.field(
        description="In `unit`; null of lines that are not reckoned by one."
    )
    unit: str | None = strawberry.field(description="Like kWh, kVA or m³; null without a quantity.")
    unit_price_yen: float | None = strawberry.field(
        description="Of one `unit`, tax included; null without a quantity."
    )
    amount_yen: float = strawberry.field(description="With up to two decimals: to the sen.")
    amount_sen: float = strawberry.field(
        description="The same in hundredths of a yen: a whole number, and more than an Int may hold."
    )


@strawberry.type(description="How a bill or an invoice is paid, and how far that is.")
class Payment:
    method: PaymentMethod | None = strawberry.field(
        description="Null where the company did not tell it."
    )
    state: PaymentState = strawberry.field(
        description="As far as it may be told: see `resultAvailableOn`."
    )
    due_on: date = strawberry.field(description="Last day on which payment is in time.")
    debit_on: date | None = strawberry.field(
        description="When the account is debited; null of other methods."
    )
    paid_on: date | None = strawberry.field(description="When it was paid; null until then.")
    result_available_on: date | None = strawberry.field(
        description=(
            "From when the result of a direct debit is told: `state` is UNPAID until then. Null "
            "of other methods."
        )
    )


@strawberry.type(description="What was billed before a correction.")
class BillRevision:
    revision: int = strawberry.field(description="As `Bill.revision` was.")
    number: str = strawberry.field(description="As printed on it.")
    source: BillSource = strawberry.field(description="Who had made it.")
    usage_kwh: float | None = strawberry.field(description="In kWh; null of gas.")
    usage_m3: float | None = strawberry.field(description="In m³; null of all but gas.")
    amount_yen: int = strawberry.field(description="In whole yen, tax included.")
    tax_percent: int = strawberry.field(description="Rate of the consumption tax in the amount.")
    tax_yen: int = strawberry.field(description="Consumption tax in the amount, in whole yen.")
    lines: list[BillLine] = strawberry.field(description="What the amount was made of.")
    issued_on: date = strawberry.field(description="Day of issue, in Tokyo.")
    replaced_at: datetime = strawberry.field(description="Until when it stood.")


@strawberry.type(
    description=(
        "The lines add up to the amount, always. The amount of a BUY_BACK bill is paid to the member."
    )
)
class Bill(Node):
    record: strawberry.Private[BillRecord]
    number: str = strawberry.field(description="As printed on the bill.")
    facility_id: strawberry.ID = strawberry.field(description="Id of the facility.")
    kind: ContractKind = strawberry.field(description="What is billed; says also who pays whom.")
    contract_number: str | None = strawberry.field(
        description="As `Contract.number`; null where the company did not tell it."
    )
    plan: str | None = strawberry.field(
        description="Key of the tariff plan; null where the company did not tell it."
    )
    revision: int = strawberry.field(description="0 at first, counted up by corrections.")
    source: BillSource = strawberry.field(
        description="MADE from readings here, or IMPORTED as the company made it."
    )
    period_start_on: date = strawberry.field(description="First day of the reading period.")
    period_end_on: date = strawberry.field(
        description="Day after the last one of the reading period."
    )
    read_on: date = strawberry.field(description="When the meter was read.")
    usage_kwh: float | None = strawberry.field(description="In kWh; null of gas.")
    usage_m3: float | None = strawberry.field(description="In m³; null of all but gas.")
    estimated_kwh: float = strawberry.field(
        description="How many kWh of the usage were estimated, for half hours that are missing."
    )
    amount_yen: int = strawberry.field(
        description="In whole yen, tax included: what is to be paid."
    )
    tax_percent: int = strawberry.field(description="Rate of the consumption tax in the amount.")
    tax_yen: int = strawberry.field(
        description="Consumption tax that the amount includes, in whole yen."
    )
    lines: list[BillLine] = strawberry.field(
        description="What the amount is made of, in the printed order."
    )
    points_rest_yen: float | None = strawberry.field(
        description=(
            "The amount without its fixed charges and without the sum of the yen of the period's "
            "points in the usage series; null if the bill was not priced from half hours."
        )
    )
    issued_on: date = strawberry.field(description="Day of issue, in Tokyo.")
    available_on: date = strawberry.field(
        description="First day, in Tokyo, on which the bill is seen."
    )
    due_on: date = strawberry.field(description="Last day on which payment is in time.")
    invoice_id: strawberry.ID | None = strawberry.field(
        description=(
            "The consolidated invoice that the bill is paid with; null of one that is paid by "
            "itself."
        )
    )

    @property
    def owner(self) -> str:
        return self.record.owner

    @strawberry.field(
        description="How it is paid, and how far that is; of an invoiced bill, as of its invoice."
    )
    def payment(self, info: Info) -> Payment:
        return payment_type(info, self.record.portal, self.record.payment)

    @strawberry.field(description="As `payment.state`.")
    def payment_state(self, info: Info) -> PaymentState:
        return resolve.shown_payment(info.context, self.record.portal, self.record.payment).state

    @strawberry.field(description="As `payment.paidOn`; null until it is paid.")
    def paid_on(self, info: Info) -> date | None:
        return resolve.shown_payment(info.context, self.record.portal, self.record.payment).paid_on

    @strawberry.field(description="As PDF, or its breakdown as CSV.")
    async def download(
        self,
        info: Info,
        format: Annotated[  # noqa: A002 - the contract's name
            DownloadFormat, strawberry.argument(description="PDF or CSV: another is BAD_INPUT.")
        ],
    ) -> Download:
        document = Document(DocumentKind.BILL, self.record.id)
        return download_type(await downloads.download(info.context, document, format))

    @strawberry.field(description="What was billed before corrections, the newest first.")
    async def revisions(self, info: Info) -> list[BillRevision]:
        return [_revision(each) for each in await resolve.revisions(info.context, self.record)]


@strawberry.type(
    description="Either a bill that came out, or (bill: null) a heartbeat: there is no other so far."
)
class BillEvent:
    bill: Bill | None = strawberry.field(description="Null of a heartbeat.")
    cursor: str = strawberry.field(description="Resume here after a lost connection.")


def bill_type(bill: BillRecord) -> Bill:
    return Bill(
        id=node_id("Bill", bill.id),
        record=bill,
        number=bill.number,
        facility_id=node_id("Facility", bill.facility),
        kind=bill.kind,
        contract_number=bill.contract,
        plan=bill.plan,
        revision=bill.revision,
        source=bill.source,
        period_start_on=bill.start_on,
        period_end_on=bill.end_on,
        read_on=bill.read_on,
        usage_kwh=_kwh(bill),
        usage_m3=_m3(bill),
        estimated_kwh=bill.estimated / 1000,
        amount_yen=bill.amount_yen,
        tax_percent=bill.tax_percent,
        tax_yen=bill.tax_yen,
        lines=[_line(line) for line in bill.lines],
        points_rest_yen=None if bill.points_rest_sen is None else bill.points_rest_sen / SEN,
        issued_on=bill.issued_on,
        available_on=bill.available_on,
        due_on=bill.payment.due_on,
        invoice_id=_invoice_id(bill),
    )


def bill_cursor(bill: BillRecord) -> str:
    return row_cursor("Bill", bill.order)


def payment_type(info: Info, portal: str, payment: PaymentRecord) -> Payment:
    shown = resolve.shown_payment(info.context, portal, payment)
    return Payment(
        method=shown.method,
        state=shown.state,
        due_on=shown.due_on,
        debit_on=shown.debit_on,
        paid_on=shown.paid_on,
        result_available_on=resolve.debit_result_on(info.context, portal, payment),
    )


def _revision(earlier: EarlierRecord) -> BillRevision:
    bill = earlier.bill
    return BillRevision(
        revision=bill.revision,
        number=bill.number,
        source=bill.source,
        usage_kwh=_kwh(bill),
        usage_m3=_m3(bill),
        amount_yen=bill.amount_yen,
        tax_percent=bill.tax_percent,
        tax_yen=bill.tax_yen,
        lines=[_line(line) for line in bill.lines],
        issued_on=bill.issued_on,
        replaced_at=earlier.replaced_at,
    )


def _invoice_id(bill: BillRecord) -> strawberry.ID | None:
    return None if bill.invoice is None else node_id("Invoice", f"{bill.portal}/{bill.invoice}")


def _kwh(bill: BillRecord) -> float | None:
    return None if bill.kind is ContractKind.GAS else bill.usage / 1000


def _m3(bill: BillRecord) -> float | None:
    return bill.usage / 1000 if bill.kind is ContractKind.GAS else None


def _line(line: LineItem) -> BillLine:
    return BillLine(
        kind=line.kind,
        label=line.label,
        quantity=None if line.quantity is None else float(line.quantity),
        unit=line.unit,
        unit_price_yen=None if line.unit_price is None else float(line.unit_price),
        amount_yen=line.amount_sen / SEN,
        amount_sen=line.amount_sen,
    )
