"""Consolidated invoices as clients see them."""

from datetime import date

import strawberry

from domain.downloads import Document, DocumentKind, DownloadFormat
from domain.invoices import Invoice as InvoiceRecord
from domain.paging import row_cursor
from resolvers import downloads
from resolvers import invoices as resolve
from schema.arguments import DocumentFormat
from schema.bills import Bill, Payment, bill_type, payment_type
from schema.downloads import Download, download_type
from schema.info import Info
from schema.nodes import Node, node_id


@strawberry.type(
    description="A consolidated invoice (まとめ請求): bills of a group of contracts, paid in one sum."
)
class Invoice(Node):
    record: strawberry.Private[InvoiceRecord]
    number: str = strawberry.field(description="As printed on the invoice.")
    group: str = strawberry.field(description="As `Contract.invoiceGroup` names it.")
    month: date = strawberry.field(description="First day of the billing month.")
    revision: int = strawberry.field(description="0 at first, counted up by corrections.")
    read_on: date = strawberry.field(description="Day of the last reading that it waited for.")
    issued_on: date = strawberry.field(description="Day of issue, in Tokyo.")
    available_on: date = strawberry.field(
        description="First day on which the invoice and its bills are seen."
    )
    amount_yen: int = strawberry.field(
        description="What its bills add up to, in whole yen, tax included."
    )
    tax_percent: int = strawberry.field(description="Rate of the consumption tax in the amount.")
    tax_yen: int = strawberry.field(
        description="Consumption tax that the amount includes, in whole yen."
    )

    @property
    def owner(self) -> str:
        return self.record.owner

    @strawberry.field(description="How it is paid, and how far that is: for all its bills.")
    def payment(self, info: Info) -> Payment:
        return payment_type(info, self.record.portal, self.record.payment)

    @strawberry.field(description="What it sums up.")
    async def bills(self, info: Info) -> list[Bill]:
        return [bill_type(bill) for bill in await resolve.invoice_bills(info.context, self.record)]

    @strawberry.field(description="Address of the invoice as a document, for a few minutes.")
    async def download(
        self,
        info: Info,
        format: DocumentFormat = DownloadFormat.PDF,  # noqa: A002 - the contract's name
    ) -> Download:
        document = Document(DocumentKind.INVOICE, self.record.id)
        return download_type(await downloads.download(info.context, document, format))


def invoice_type(invoice: InvoiceRecord) -> Invoice:
    return Invoice(
        id=node_id("Invoice", invoice.id),
        record=invoice,
        number=invoice.number,
        group=invoice.group,
        month=invoice.month,
        revision=invoice.revision,
        read_on=invoice.read_on,
        issued_on=invoice.issued_on,
        available_on=invoice.available_on,
        amount_yen=invoice.amount_yen,
        tax_percent=invoice.tax_percent,
        tax_yen=invoice.tax_yen,
    )


def invoice_cursor(invoice: InvoiceRecord) -> str:
    return row_cursor("Invoice", invoice.order)
