"""Members as clients see them."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from domain.facilities import ContractKind, FacilityChoice
from domain.members import Member as MemberRecord
from domain.members import MemberState
from domain.paging import page_request
from domain.policy import Duty
from resolvers import bills as resolve_bills
from resolvers import certificates as resolve_certificates
from resolvers import devices as resolve_devices
from resolvers import external_log_in as resolve_external
from resolvers import facilities as resolve_facilities
from resolvers import invoices as resolve_invoices
from resolvers import own_consents
from resolvers import own_profile as resolve_profile
from resolvers import own_terms as resolve_terms
from resolvers import sessions as resolve_sessions
from schema.arguments import After, Before, First, Last, OfKind
from schema.bills import Bill, bill_cursor, bill_type
from schema.certificates import PaymentCertificate, certificate_cursor, certificate_type
from schema.connections import Connection, connection
from schema.consents import Consent, consent_cursor, consent_type
from schema.devices import Device, device_type
from schema.external_log_ins import ExternalLogIn, external_log_in_type
from schema.facilities import Facility, facility_cursor, facility_type
from schema.info import Info
from schema.invoices import Invoice, invoice_cursor, invoice_type
from schema.mail_preferences import MailPreference, mail_preference_type
from schema.member_sessions import MemberSession, member_session_type
from schema.nodes import Node, node_id
from schema.portal_rules import RecoveryQuestion
from schema.portals import recovery_question
from schema.terms import MemberTerms, member_terms_type


@strawberry.type(description="What a field of the portal's profile form was filled in with.")
class ProfileValue:
    key: str = strawberry.field(description="As in `Portal.profile.fields`.")
    value: str = strawberry.field(description="As entered, or the key of the choice.")


@strawberry.type(description="Who a member is, as entered with the portal.")
class MemberProfile:
    name: str = strawberry.field(description="Of the person or company, as written in Japanese.")
    kana: str | None = strawberry.field(
        description="The name in katakana; null where the portal does not ask for it."
    )
    email: str | None = strawberry.field(
        description="The first of `Member.emails`; null of a member without one."
    )
    phone: str | None = strawberry.field(description="As entered; null if none was.")
    fields: list[ProfileValue] = strawberry.field(
        description="By the keys of `Portal.profile.fields`."
    )


@strawberry.input(description="All that is given must hold.")
class FacilityFilter:
    area: str | None = strawberry.field(
        default=None, description="Transmission area, as `Facility.area` names it."
    )
    contract_kind: ContractKind | None = strawberry.field(
        default=None, description="A kind of contract that the facility has or had."
    )


Search = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "Text of up to 100 characters in the name, address, supply point number or customer "
            "number; width, case and spaces do not matter."
        )
    ),
]
Filter = Annotated[
    FacilityFilter | None,
    strawberry.argument(description="By area, kind of contract; null is all."),
]
IssuedFrom = Annotated[
    date | None,
    strawberry.argument(
        name="from",
        description="First day, in Tokyo, on which they came out; null is from the first.",
    ),
]
IssuedTo = Annotated[
    date | None,
    strawberry.argument(description="Day before which they came out; null is up to the newest."),
]


@strawberry.type(
    description="Somebody with an account at a portal: their own data, and all that they may see."
)
class Member(Node):
    record: strawberry.Private[MemberRecord]
    login_id: str = strawberry.field(
        description="What the member logs in with; in some portals the first e-mail address."
    )
    state: MemberState = strawberry.field(description="How far the membership is.")
    profile: MemberProfile = strawberry.field(
        description="Who the member is. Changing it never changes a contract of supply."
    )
    has_keywords: bool = strawberry.field(
        description="Whether secret keywords are set, one of which a new device is asked for."
    )
    has_recovery_answer: bool = strawberry.field(
        description="Whether who forgot ID or password can be asked for an answer or a keyword."
    )
    leaves_at: datetime | None = strawberry.field(
        description="When the membership ends, of a member who has withdrawn; null of others."
    )
    emails: list[str] = strawberry.field(
        description="All addresses; the first is told what concerns the account."
    )

    @property
    def owner(self) -> str:
        return self.record.id

    @strawberry.field(description="The portal's mails that members may switch on and off.")
    def mail_preferences(self, info: Info) -> list[MailPreference]:
        found = resolve_profile.preferences(info.context, self.record)
        return [mail_preference_type(each) for each in found]

    @strawberry.field(
        description=(
            "With `search`, those whose name, address or numbers contain the text; with `filter`, "
            "those of an area or with a kind of contract."
        )
    )
    async def facilities(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        search: Search = None,
        filter: Filter = None,  # noqa: A002 - the usual name
    ) -> Connection[Facility]:
        request = page_request("Facility", first, after, last, before)
        member = self.record.id
        kind = filter or FacilityFilter()
        wanted = FacilityChoice(search, kind.area, kind.contract_kind)
        return connection(
            await resolve_facilities.facility_page(info.context, member, wanted, request),
            facility_type,
            facility_cursor,
            lambda: resolve_facilities.facility_count(info.context, member, wanted),
        )

    @strawberry.field(
        description="Bills of all facilities that came out in [from, to), newest first."
    )
    async def bills(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        from_: IssuedFrom = None,
        to: IssuedTo = None,
        kind: OfKind = None,
    ) -> Connection[Bill]:
        request = page_request("Bill", first, after, last, before)
        member = self.record
        wanted = await resolve_bills.member_bills(info.context, member, from_, to, kind)
        return connection(
            await resolve_bills.member_bill_page(info.context, member, wanted, request),
            bill_type,
            bill_cursor,
            lambda: resolve_bills.member_bill_count(info.context, member, wanted),
        )

    @strawberry.field(description="Payment certificates of all facilities, newest first.")
    async def payment_certificates(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PaymentCertificate]:
        request = page_request("PaymentCertificate", first, after, last, before)
        return connection(
            await resolve_certificates.certificate_page(info.context, self.record, request),
            certificate_type,
            certificate_cursor,
            lambda: resolve_certificates.certificate_count(info.context, self.record),
        )

    @strawberry.field(description="Consolidated invoices of the portal's history, newest first.")
    async def invoices(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Invoice]:
        request = page_request("Invoice", first, after, last, before)
        member = self.record
        return connection(
            await resolve_invoices.member_invoice_page(info.context, member, request),
            invoice_type,
            invoice_cursor,
            lambda: resolve_invoices.member_invoice_count(info.context, member),
        )

    @strawberry.field(
        description="What the session that asks must do before anything else is shown, in this order."
    )
    def duties(self, info: Info) -> list[Duty]:
        session = info.context.session
        return [] if session is None else list(session.duties)

    @strawberry.field(
        description="The secret question that the member chose; null if the portal has it no longer."
    )
    def recovery_question(self, info: Info) -> RecoveryQuestion | None:
        questions = info.context.portal(self.record.portal).recovery.questions
        chosen = self.record.recovery_question
        return next((recovery_question(each) for each in questions if each.key == chosen), None)

    @strawberry.field(description="Open sessions, the last used first, at most a hundred.")
    async def sessions(self, info: Info) -> list[MemberSession]:
        found = await resolve_sessions.sessions(info.context, self.record.id)
        return [member_session_type(record) for record in found]

    @strawberry.field(
        description="Where the second factor is not asked for any more, the last used first."
    )
    async def devices(self, info: Info) -> list[Device]:
        found = await resolve_devices.devices(info.context, self.record.id)
        return [device_type(record) for record in found]

    @strawberry.field(description="Outside accounts that log in, the first linked first.")
    async def external_log_ins(self, info: Info) -> list[ExternalLogIn]:
        found = await resolve_external.external_log_ins(info.context, self.record.id)
        return [external_log_in_type(record) for record in found]

    @strawberry.field(description="Terms of use: those accepted, and those that wait for that.")
    async def terms(self, info: Info) -> list[MemberTerms]:
        found = await resolve_terms.member_terms(info.context, self.record)
        return [member_terms_type(terms) for terms in found]

    @strawberry.field(
        description="What partner apps were let see, the newest consent first, ended ones too."
    )
    async def consents(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Consent]:
        request = page_request("Consent", first, after, last, before)
        member = self.record
        return connection(
            await own_consents.consent_page(info.context, member, request),
            consent_type,
            consent_cursor,
            lambda: own_consents.consent_count(info.context, member),
        )


def member_type(member: MemberRecord) -> Member:
    return Member(
        id=node_id("Member", member.id),
        record=member,
        login_id=member.login_id,
        state=member.state,
        profile=MemberProfile(
            name=member.profile.name,
            kana=member.profile.kana,
            email=member.profile.email,
            phone=member.profile.phone,
            fields=[ProfileValue(key=key, value=text) for key, text in member.fields.items()],
        ),
        has_keywords=member.has_keywords,
        has_recovery_answer=member.has_recovery_answer,
        leaves_at=member.leaves_at,
        emails=list(member.emails),
    )
