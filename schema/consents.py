"""Consents as their members see them: which app may see what, when it looked, and how to end it."""

from datetime import date, datetime

import strawberry

from datasources.app_accesses import AppAccessRecord
from domain.consents import App, ConsentEnd, Scope
from domain.consents import Consent as ConsentRecord
from domain.paging import page_request, row_cursor
from resolvers import app_access as resolve_accesses
from resolvers import own_consents as resolve
from schema.arguments import After, Before, First, Input, Last
from schema.connections import Connection, connection
from schema.info import Info
from schema.nodes import Node, key_of, node_id
from schema.scopes import in_order
from schema.user_errors import USER_ERRORS, UserError, done_or_refused


@strawberry.type(description="A partner's app as members see it.")
class ConsentApp:
    name: str = strawberry.field(description="As the partner calls it.")
    website: str = strawberry.field(description="Of the partner; may be empty.")
    contact: str = strawberry.field(description="Where the partner can be asked; may be empty.")


@strawberry.type(name="AppAccess", description="What an app looked at in one minute.")
class AppAccess:
    scope: Scope | None = strawberry.field(
        description="Null: only what the consent names, such as names of facilities."
    )
    facility_id: strawberry.ID | None = strawberry.field(
        description="Null of what belongs to no facility, or was asked for all at once."
    )
    requests: int = strawberry.field(description="How many requests and files that were.")
    first_at: datetime = strawberry.field(description="When the first of them came.")
    last_at: datetime = strawberry.field(description="When the last of them came.")


@strawberry.type(description="What a member lets a partner's app see. It is never changed.")
class Consent(Node):
    record: strawberry.Private[ConsentRecord]
    facility_ids: list[strawberry.ID] = strawberry.field(
        description="The facilities of which the app may see something."
    )
    scopes: list[Scope] = strawberry.field(description="What it may see of them.")
    data_from: date = strawberry.field(
        description="First day, in Tokyo, of which usage and bills may be seen."
    )
    until: datetime = strawberry.field(description="When it ends at the latest.")
    given_at: datetime = strawberry.field(description="When the member gave it.")
    used_at: datetime = strawberry.field(
        description="When the app last got tokens by it; unused for 365 days it lapses."
    )

    @property
    def owner(self) -> str:
        return self.record.member

    @strawberry.field(description="The app that may see it.")
    async def app(self, info: Info) -> ConsentApp:
        return consent_app_type(await resolve.app_of(info.context, self.record))

    @strawberry.field(description="When it ended; null while it counts.")
    def ended_at(self, info: Info) -> datetime | None:
        return self.record.ended_by(info.context.now)

    @strawberry.field(description="Why it counts no more; null while it counts.")
    def end(self, info: Info) -> ConsentEnd | None:
        return self.record.end_by(info.context.now)

    @strawberry.field(
        description=(
            "What the app looked at, the newest first, kept for 24 months. It is noted before the app "
            "is answered; a subscription is noted when it begins."
        )
    )
    async def accesses(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[AppAccess]:
        request = page_request("AppAccess", first, after, last, before)
        consent = self.record.id
        return connection(
            await resolve_accesses.access_page(info.context, consent, request),
            access_type,
            lambda access: row_cursor("AppAccess", access.id),
            lambda: resolve_accesses.access_count(info.context, consent),
        )


@strawberry.input(description="Which consent.")
class WithdrawConsentInput:
    id: strawberry.ID = strawberry.field(description="Of one of `Member.consents`.")


@strawberry.type(description="The consent counts no more, if there are no user errors.")
class WithdrawConsentPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class ConsentMutation:
    @strawberry.mutation(
        description=(
            "Let an app see nothing more. Its tokens and subscriptions end before the next event; "
            "again for one that has ended changes nothing."
        )
    )
    async def withdraw_consent(
        self,
        info: Info,
        input: Input[WithdrawConsentInput],  # noqa: A002 - the contract's name
    ) -> WithdrawConsentPayload:
        work = resolve.withdraw(info.context, key_of("Consent", input.id))
        return await done_or_refused(WithdrawConsentPayload, work)


def consent_type(consent: ConsentRecord) -> Consent:
    return Consent(
        id=node_id("Consent", consent.id),
        record=consent,
        facility_ids=[node_id("Facility", number) for number in sorted(consent.facilities)],
        scopes=list(in_order(consent.scopes)),
        data_from=consent.data_from,
        until=consent.until,
        given_at=consent.given_at,
        used_at=consent.used_at,
    )


def consent_cursor(consent: ConsentRecord) -> str:
    return row_cursor("Consent", consent.id)


def consent_app_type(app: App) -> ConsentApp:
    return ConsentApp(name=app.name, website=app.website, contact=app.contact)


def access_type(access: AppAccessRecord) -> AppAccess:
    facility = access.facility
    return AppAccess(
        scope=access.scope,
        facility_id=None if facility is None else node_id("Facility", facility),
        requests=access.requests,
        first_at=access.first_at,
        last_at=access.last_at,
    )
