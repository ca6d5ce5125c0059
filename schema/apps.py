"""Partner apps as they see themselves, with a token of their own."""

from datetime import date, datetime

import strawberry

from domain.consents import App as AppRecord
from domain.consents import Consent as ConsentRecord
from domain.consents import ConsentEnd, Scope
from domain.paging import page_request, row_cursor
from resolvers import own_consents as resolve
from resolvers import webhooks as resolve_webhooks
from schema.arguments import After, Before, First, Last
from schema.connections import Connection, connection
from schema.info import Info
from schema.nodes import node_id
from schema.scopes import in_order
from schema.webhooks import Webhook, webhook_type


@strawberry.type(description="What a member lets the app see, as the app may know it.")
class AppConsent:
    record: strawberry.Private[ConsentRecord]
    id: strawberry.ID = strawberry.field(description="As `Consent.id` of the member.")
    facility_ids: list[strawberry.ID] = strawberry.field(description="The facilities it is for.")
    scopes: list[Scope] = strawberry.field(description="What may be seen of them.")
    data_from: date = strawberry.field(
        description="First day, in Tokyo, of which usage and bills may be seen."
    )
    until: datetime = strawberry.field(description="When it ends at the latest.")
    given_at: datetime = strawberry.field(description="When the member gave it.")

    @property
    def app_id(self) -> str:
        return self.record.app

    @strawberry.field(description="When it ended; null while it counts.")
    def ended_at(self, info: Info) -> datetime | None:
        return self.record.ended_by(info.context.now)

    @strawberry.field(description="Why it counts no more; null while it counts.")
    def end(self, info: Info) -> ConsentEnd | None:
        return self.record.end_by(info.context.now)


@strawberry.type(description="The app that asks with a token of its own (client credentials).")
class App:
    record: strawberry.Private[AppRecord]
    id: strawberry.ID = strawberry.field(description="Its OAuth client id.")
    name: str = strawberry.field(description="As members see it.")
    scopes: list[Scope] = strawberry.field(description="What it may ask members for.")
    redirect_uris: list[str] = strawberry.field(
        description="Where the consent page may send members back, exactly so."
    )
    origins: list[str] = strawberry.field(
        description="Of the web pages that may call this server for it."
    )
    documents_only: bool = strawberry.field(
        description="Whether only documents registered for it are executed."
    )

    @property
    def app_id(self) -> str:
        return self.record.id

    @strawberry.field(description="Consents to it, the newest first, ended ones too.")
    async def consents(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[AppConsent]:
        request = page_request("AppConsent", first, after, last, before)
        app = self.record.id
        return connection(
            await resolve.app_consent_page(info.context, app, request),
            _consent_type,
            lambda consent: row_cursor("AppConsent", consent.id),
            lambda: resolve.app_consent_count(info.context, app),
        )

    @strawberry.field(description="Its webhooks, the oldest first; at most five.")
    async def webhooks(self, info: Info) -> list[Webhook]:
        found = await resolve_webhooks.of_app(info.context, self.record.id)
        return [webhook_type(webhook) for webhook in found]


def app_type(app: AppRecord) -> App:
    return App(
        id=strawberry.ID(app.id),
        record=app,
        name=app.name,
        scopes=list(in_order(app.scopes)),
        redirect_uris=list(app.redirect_uris),
        origins=list(app.origins),
        documents_only=app.documents_only,
    )


def _consent_type(consent: ConsentRecord) -> AppConsent:
    return AppConsent(
        record=consent,
        id=node_id("Consent", consent.id),
        facility_ids=[node_id("Facility", number) for number in sorted(consent.facilities)],
        scopes=list(in_order(consent.scopes)),
        data_from=consent.data_from,
        until=consent.until,
        given_at=consent.given_at,
    )
