"""Payment certificates as clients see them."""

from datetime import date

import strawberry

from domain.certificates import CertifiedBill as CertifiedRecord
from domain.certificates import PaymentCertificate as CertificateRecord
from domain.downloads import Document, DocumentKind, DownloadFormat
from domain.facilities import ContractKind, PaymentMethod
from domain.paging import row_cursor
from resolvers import certificates as resolve
from resolvers import downloads
from resolvers.facilities import number_of
from resolvers.refusals import Refused
from schema.arguments import DocumentFormat, Input
from schema.downloads import Download, download_type
from schema.info import Info
from schema.nodes import Node, key_of, node_id
from schema.user_errors import USER_ERRORS, UserError, user_errors


@strawberry.type(description="A payment as a certificate shows it, whatever became of the bill.")
class CertifiedBill:
    number: str = strawberry.field(description="As printed on the bill.")
    kind: ContractKind = strawberry.field(description="What was billed.")
    period_start_on: date = strawberry.field(description="First day of the reading period.")
    period_end_on: date = strawberry.field(description="Day after its last one.")
    paid_on: date = strawberry.field(description="When it was paid.")
    method: PaymentMethod | None = strawberry.field(
        description="Null where the company did not tell it."
    )
    amount_yen: int = strawberry.field(description="What was paid, in whole yen, tax included.")
    tax_percent: int = strawberry.field(description="Rate of the consumption tax in it.")


@strawberry.type(description="What was paid for a facility, certified once and never again.")
class PaymentCertificate(Node):
    record: strawberry.Private[CertificateRecord]
    number: str = strawberry.field(description="As printed on the certificate.")
    facility_id: strawberry.ID = strawberry.field(description="Id of the facility.")
    issued_on: date = strawberry.field(
        description="Day of issue, in Tokyo: one in a calendar year."
    )
    ends_on: date = strawberry.field(
        description="First day on which the document can be fetched no more."
    )
    amount_yen: int = strawberry.field(
        description="Sum of the payments, in whole yen, tax included."
    )
    bills: list[CertifiedBill] = strawberry.field(description="By the day of payment.")

    @property
    def owner(self) -> str:
        return self.record.owner

    @strawberry.field(
        description="Address of the document, which is the same every time. Null from `endsOn` on."
    )
    async def download(
        self,
        info: Info,
        format: DocumentFormat = DownloadFormat.PDF,  # noqa: A002 - the contract's name
    ) -> Download | None:
        if not resolve.is_kept(info.context, self.record):
            return None
        document = Document(DocumentKind.CERTIFICATE, self.record.id)
        return download_type(await downloads.download(info.context, document, format))


@strawberry.input(description="For which facility.")
class IssuePaymentCertificateInput:
    facility_id: strawberry.ID = strawberry.field(
        description="Another member's is NO_SUCH_FACILITY."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description=(
            "A text of your own, up to 200 characters; a request that is sent again with the same "
            "key gets the same certificate."
        ),
    )


@strawberry.type(description="The certificate, or why there is none.")
class IssuePaymentCertificatePayload:
    certificate: PaymentCertificate | None = strawberry.field(
        description="Null if none was issued now."
    )
    issued_on: date | None = strawberry.field(
        description=(
            "Of the certificate; with ALREADY_ISSUED, of this year's. Null with other user errors."
        )
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class CertificateMutation:
    @strawberry.mutation(
        description=(
            "Issue a certificate of what was paid for a facility in the last months, as far as it "
            "was never certified: once in a calendar year."
        )
    )
    async def issue_payment_certificate(
        self,
        info: Info,
        input: Input[IssuePaymentCertificateInput],  # noqa: A002 - the usual name
    ) -> IssuePaymentCertificatePayload:
        number = number_of(key_of("Facility", input.facility_id))
        try:
            issued = await resolve.issue(info.context, number, input.idempotency_key)
        except Refused as refused:
            day = refused.issued_on if isinstance(refused, resolve.AlreadyIssued) else None
            return IssuePaymentCertificatePayload(
                certificate=None, issued_on=day, user_errors=user_errors(refused)
            )
        return IssuePaymentCertificatePayload(
            certificate=certificate_type(issued), issued_on=issued.issued_on, user_errors=[]
        )


def certificate_type(certificate: CertificateRecord) -> PaymentCertificate:
    return PaymentCertificate(
        id=node_id("PaymentCertificate", certificate.id),
        record=certificate,
        number=certificate.number,
        facility_id=node_id("Facility", certificate.facility),
        issued_on=certificate.issued_on,
        ends_on=certificate.ends_on,
        amount_yen=certificate.amount_yen,
        bills=[_bill(bill) for bill in certificate.bills],
    )


def certificate_cursor(certificate: CertificateRecord) -> str:
    return row_cursor("PaymentCertificate", certificate.order)


def _bill(bill: CertifiedRecord) -> CertifiedBill:
    return CertifiedBill(
        number=bill.number,
        kind=bill.kind,
        period_start_on=bill.start_on,
        period_end_on=bill.end_on,
        paid_on=bill.paid_on,
        method=bill.method,
        amount_yen=bill.amount_yen,
        tax_percent=bill.tax_percent,
    )
