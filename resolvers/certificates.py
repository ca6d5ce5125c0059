"""Payment certificates: issued once a year for a facility, and fetched again for a while (BI-6)."""

from datetime import date, datetime
from functools import partial
from typing import Final

from datasources.mongo import Transaction
from datasources.papers import certificate_paper
from domain.bill_sheets import place_of
from domain.billing_policy import CertificateRule
from domain.certificates import (
    CertifiedBill,
    PaymentCertificate,
    billed_period,
    certifiable,
    certificate_id,
    ends_on,
    paid_since,
    refused_kinds,
)
from domain.downloads import Document
from domain.errors import LinkEnded, NotFound, PostcardInTransit
from domain.facilities import Facility
from domain.identity import text_fault
from domain.members import Member
from domain.paging import Page, PageRequest
from domain.slots import TOKYO
from domain.text_forms import Characters, TextForm
from resolvers.bills import today
from resolvers.context import RequestContext
from resolvers.downloads import File, write_bytes
from resolvers.facilities import facility
from resolvers.printed_bills import addressee_of, issuer_of
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.step_up import logged_in

_KEY: Final = TextForm(1, 200, Characters.HALF_WIDTH_VISIBLE)


class AlreadyIssued(Refused):
    """There is a certificate of the year: the next one can be asked for when the year is over."""

    def __init__(self, issued_on: date) -> None:
        next_year = datetime(issued_on.year + 1, 1, 1, tzinfo=TOKYO)
        super().__init__(Refusal.ALREADY_ISSUED, retry_at=next_year)
        self.issued_on = issued_on


async def issue(context: RequestContext, number: int | None, key: str | None) -> PaymentCertificate:
    """Issue the certificate of this year for a facility of who asks; raises Refused.

    The same request again, with the same idempotency key, gets the same answer and changes nothing.
    """
    place = await _own_place(context, number)
    member = await context.loaders.member(place.owner)
    rule = context.portal(place.portal).billing.certificate
    if member is None or rule is None:
        raise Refused(Refusal.NOT_OFFERED)
    if key is not None and (fault := text_fault(_KEY, key, ("idempotencyKey",))):
        raise RefusedInput(fault)
    to = await addressee_of(context, member, place)
    store, on = context.sources.certificates, today(context)
    id_ = certificate_id(place.portal, place.number, on.year)

    async def work(transaction: Transaction) -> PaymentCertificate:
        issued = await store.issued(id_, transaction)
        if issued is not None:
            return _again(*issued, place, key)
        listed = await _listed(context, place, rule, transaction)
        certificate = PaymentCertificate(
            id=id_,
            portal=place.portal,
            owner=place.owner,
            facility=place.number,
            number=await store.next_number(place.portal, on.year, transaction),
            issued_on=on,
            ends_on=ends_on(rule, on),
            addressee=to,
            place=place_of(place, place.owner),
            bills=listed,
        )
        await store.add(certificate, key, transaction)
        return certificate

    return await context.sources.mongo.transaction(work)


async def certificate(context: RequestContext, certificate_key: str) -> PaymentCertificate:
    """A certificate of who asks; raises NotFound for any other."""
    await context.require_session()
    context.refuse_app("a payment certificate")
    found = await context.sources.certificates.by_id(certificate_key)
    if found is None:
        raise NotFound
    context.require_owner(found.owner)
    context.require_proven()
    return found


async def certificate_page(
    context: RequestContext, of: Member, request: PageRequest
) -> Page[PaymentCertificate]:
    return await context.sources.certificates.page_of_member(of.id, request)


async def certificate_count(context: RequestContext, of: Member) -> int:
    return await context.sources.certificates.count_of_member(of.id)


def is_kept(context: RequestContext, of: PaymentCertificate) -> bool:
    """Whether a certificate can still be fetched."""
    return today(context) < of.ends_on


async def certificate_pdf_file(context: RequestContext, document: Document) -> File:
    """The page of a certificate; raises as `certificate`, and LinkEnded when it is kept no more."""
    found = await certificate(context, document.key)
    if not is_kept(context, found):
        raise LinkEnded("this certificate could be fetched only until a while after its issue")
    make = partial(certificate_paper, found, issuer_of(context.portal(found.portal)))
    return File(f"支払証明書_{found.number}.pdf", partial(write_bytes, make=make))


async def _own_place(context: RequestContext, number: int | None) -> Facility:
    """Raises Refused for a facility that is not of who asks, or while a postcard is on its way."""
    await logged_in(context)
    try:
        context.require_proven()
        return await facility(context, number or 0)
    except PostcardInTransit:
        raise Refused(Refusal.POSTCARD_IN_TRANSIT) from None
    except NotFound:
        raise Refused(Refusal.NO_SUCH_FACILITY, "facilityId") from None


def _again(
    issued: PaymentCertificate, key_before: str | None, place: Facility, key: str | None
) -> PaymentCertificate:
    """The answer that was given to the same request before; raises AlreadyIssued to another."""
    if key is None or key != key_before or issued.owner != place.owner:
        raise AlreadyIssued(issued.issued_on)
    return issued


async def _listed(
    context: RequestContext, place: Facility, rule: CertificateRule, transaction: Transaction
) -> tuple[CertifiedBill, ...]:
    """The bills that are certified now; raises Refused if there are none, or may be none."""
    on, store = today(context), context.sources.certificates
    kinds = refused_kinds(place.contracts, rule, on)
    refused = {kind: reason for kind, reason in kinds.items() if reason is not None}
    if refused and refused.keys() == kinds.keys():
        raise Refused(Refusal(min(refused.values()).value))
    paid = await store.paid_bills(place.number, place.owner, paid_since(rule, on), transaction)
    certified = await store.certified([billed_period(bill) for bill in paid], transaction)
    listed = certifiable(paid, certified, context.portal(place.portal).billing, refused, on)
    if not listed:
        raise Refused(Refusal.NOTHING_PAID)
    return listed
