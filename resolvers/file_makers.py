"""Which maker gives the file of a kind of document in a format."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from datasources.green_button import GreenButton
from datasources.usage_csv import UsageCsv
from datasources.usage_xlsx import UsageWorkbook
from domain.downloads import DocumentKind, DownloadFormat
from resolvers.bill_files import bill_csv_file
from resolvers.certificates import certificate_pdf_file
from resolvers.downloads import Maker
from resolvers.printed_bills import bill_pdf_file, invoice_pdf_file
from resolvers.usage_files import usage_file

MAKERS: Final[Mapping[tuple[DocumentKind, DownloadFormat], Maker]] = {
    (DocumentKind.USAGE, DownloadFormat.CSV): partial(usage_file, UsageCsv, "csv"),
    (DocumentKind.USAGE, DownloadFormat.XLSX): partial(usage_file, UsageWorkbook, "xlsx"),
    (DocumentKind.USAGE, DownloadFormat.GREEN_BUTTON): partial(usage_file, GreenButton, "xml"),
    (DocumentKind.BILL, DownloadFormat.CSV): bill_csv_file,
    (DocumentKind.BILL, DownloadFormat.PDF): bill_pdf_file,
    (DocumentKind.INVOICE, DownloadFormat.PDF): invoice_pdf_file,
    (DocumentKind.CERTIFICATE, DownloadFormat.PDF): certificate_pdf_file,
}
