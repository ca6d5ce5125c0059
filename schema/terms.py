"""Terms of use as clients see them: of a portal, and of a member."""

from datetime import date, datetime

import strawberry

from domain.terms import Acceptance, TermsChange
from domain.terms import MemberTerms as MemberTermsRecord
from domain.terms import TermsDocument as TermsDocumentRecord
from domain.terms import TermsVersion as TermsVersionRecord
from resolvers import own_terms as resolve
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.portal_rules import Label, label_type
from schema.user_errors import USER_ERRORS, UserError, user_errors


@strawberry.type(description="A version of a document of terms.")
class TermsVersion:
    version: str = strawberry.field(description="Its name within the document, for `acceptTerms`.")
    starts_on: date = strawberry.field(description="In force from the beginning of it, in Tokyo.")
    text: Label = strawberry.field(description="The whole text.")


@strawberry.type(description="A document that everybody accepts who registers.")
class TermsDocument:
    key: str = strawberry.field(description="For `acceptTerms`.")
    label: Label = strawberry.field(description="Its title.")
    change: TermsChange = strawberry.field(
        description="What counts as acceptance of a change, of a member who does not say so."
    )
    notice_months: int | None = strawberry.field(
        description=(
            "How many months after the notice a change counts as accepted; null of all but "
            "AFTER_NOTICE."
        )
    )
    current: TermsVersion | None = strawberry.field(
        description="The version in force; null before the first."
    )
    coming: list[TermsVersion] = strawberry.field(description="The next one first.")


@strawberry.type(description="A version that a member accepted, or may accept.")
class MemberTerms:
    document: str = strawberry.field(description="As `Portal.terms.key`.")
    label: Label = strawberry.field(description="The document's title.")
    version: TermsVersion = strawberry.field(description="Which version of it.")
    notified_at: datetime | None = strawberry.field(
        description="When the member was told of the version by mail; null if not."
    )
    deemed_from: datetime | None = strawberry.field(
        description="From when time, or use, counts as acceptance; null once it is accepted."
    )
    accepted_at: datetime | None = strawberry.field(description="Null while it waits for that.")
    acceptance: Acceptance | None = strawberry.field(
        description="How it was accepted; null while it waits for that."
    )


@strawberry.input(description="A version of a document.")
class AcceptTermsInput:
    document: str = strawberry.field(description="Key of one of `Portal.terms`.")
    version: str = strawberry.field(description="Name of a version that is in force or to come.")


@strawberry.type(description="What was accepted, or what was wrong.")
class AcceptTermsPayload:
    terms: MemberTerms | None = strawberry.field(
        default=None, description="Null if nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type
class TermsMutation:
    @strawberry.mutation(
        description="Accept terms that are in force or to come; again changes nothing."
    )
    async def accept_terms(
        self,
        info: Info,
        input: Input[AcceptTermsInput],  # noqa: A002 - the contract's name
    ) -> AcceptTermsPayload:
        try:
            accepted = await resolve.accept_terms(info.context, input.document, input.version)
        except Refused as refused:
            return AcceptTermsPayload(user_errors=user_errors(refused))
        return AcceptTermsPayload(terms=member_terms_type(accepted))


def terms_document_type(document: TermsDocumentRecord, now: datetime) -> TermsDocument:
    current = document.current(now)
    return TermsDocument(
        key=document.key,
        label=label_type(document.label),
        change=document.change,
        notice_months=document.notice_months,
        current=_version(current) if current else None,
        coming=[_version(version) for version in document.coming(now)],
    )


def member_terms_type(terms: MemberTermsRecord) -> MemberTerms:
    record = terms.record
    return MemberTerms(
        document=terms.document.key,
        label=label_type(terms.document.label),
        version=_version(terms.version),
        notified_at=record.notified_at,
        deemed_from=record.deemed_from,
        accepted_at=record.accepted_at,
        acceptance=record.acceptance,
    )


def _version(version: TermsVersionRecord) -> TermsVersion:
    text = label_type(version.text)
    return TermsVersion(version=version.version, starts_on=version.starts_on, text=text)
