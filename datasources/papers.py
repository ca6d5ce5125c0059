"""Bills, invoices and certificates as PDF.

What PDFs need takes long to load, and most processes never print one: it is loaded with the first.
"""

from domain.bill_sheets import BillSheet, InvoiceSheet, Issuer
from domain.certificates import PaymentCertificate


def bill_paper(printed: BillSheet) -> bytes:
    """The same sheet gives the same bytes. It takes some time: not for the event loop."""
    from datasources.invoice_pdf import bill_pdf  # noqa: PLC0415 - see above

    return bill_pdf(printed)


def invoice_paper(printed: InvoiceSheet) -> bytes:
    """The same as `bill_paper`."""
    from datasources.consolidated_pdf import consolidated_pdf  # noqa: PLC0415 - see above

    return consolidated_pdf(printed)


def certificate_paper(certificate: PaymentCertificate, issuer: Issuer) -> bytes:
    """The same as `bill_paper`."""
    from datasources.certificate_pdf import certificate_pdf  # noqa: PLC0415 - see above

    return certificate_pdf(certificate, issuer)
