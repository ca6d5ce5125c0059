"""Webhooks of an app, as it sees them with a token of its own."""

from datetime import datetime

import strawberry

from domain.webhooks import EventKind, FailureReason, WebhookState
from domain.webhooks import Failure as FailureRecord
from domain.webhooks import Webhook as WebhookRecord
from resolvers import webhooks as resolve
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.described import described
from schema.info import Info
from schema.nodes import key_of, node_id
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors

described(
    WebhookState,
    "Whether a webhook is told of what is new.",
    ACTIVE="It is told; what failed is tried again.",
    PAUSED="Requests failed for 72 hours, or were answered with 410: `resumeWebhook` lets it go on.",
)
described(
    FailureReason,
    "Why a request of a webhook did not arrive.",
    PRIVATE_ADDRESS="The host has no address of the Internet.",
    UNKNOWN_HOST="The host has no address.",
    NO_CONNECTION="Nobody takes connections there, or the certificate is not trusted.",
    NO_ANSWER="There was no answer in time, or none of HTTP.",
    REDIRECT="The answer names another address (3xx): webhooks do not follow.",
    GONE="The answer was 410: the webhook is paused at once.",
    REFUSED="The answer was another one than 2xx.",
)


described(
    EventKind,
    "What a webhook is told of; in its requests `type` is as in the description.",
    name="WebhookEvent",
    READINGS_RECEIVED="`readings.received`: readings of a consent with `usage:live`.",
    BILL_PUBLISHED="`bill.published`: bills of a consent with `bills:read`, new or changed.",
    CONSENT_GIVEN="`consent.given`: a member gave one.",
    CONSENT_ENDED="`consent.ended`, for whatever reason.",
)


@strawberry.type(description="A request of a webhook that did not arrive.")
class WebhookFailure:
    at: datetime = strawberry.field(description="When it was sent.")
    reason: FailureReason = strawberry.field(description="What went wrong.")
    status: int | None = strawberry.field(
        description="HTTP status of the answer; null where there was none."
    )


@strawberry.type(description="An address of an app that is told of what is new.")
class Webhook:
    record: strawberry.Private[WebhookRecord]
    id: strawberry.ID = strawberry.field(description="For the mutations of webhooks.")
    url: str = strawberry.field(description="Where its requests go.")
    events: list[EventKind] = strawberry.field(description="What it is told of.")
    state: WebhookState = strawberry.field(description="Whether it is told.")
    created_at: datetime = strawberry.field(description="When the app made it.")
    paused_at: datetime | None = strawberry.field(
        description="When it was paused; null while it is active."
    )
    last_error: WebhookFailure | None = strawberry.field(
        description="The last request that failed; null once one has arrived after that."
    )
    arrived_at: datetime | None = strawberry.field(
        description="When a request last arrived, to some seconds; null before the first one."
    )

    @property
    def app_id(self) -> str:
        return self.record.app


@strawberry.input(description="Where an app is told, and of what.")
class CreateWebhookInput:
    url: str = strawberry.field(
        description="Begins with https://, and its host has addresses of the Internet."
    )
    events: list[EventKind] = strawberry.field(description="At least one.")


@strawberry.input(description="What changes in a webhook; what is not given stays.")
class UpdateWebhookInput:
    id: strawberry.ID = strawberry.field(description="Of one of `App.webhooks`.")
    url: str | None = strawberry.field(
        default=None, description="As in `createWebhook`; null: it stays."
    )
    events: list[EventKind] | None = strawberry.field(
        default=None,
        description=(
            "At least one; null: they stay. Of an event that is added, it is told from now on."
        ),
    )
    new_secret: bool = strawberry.field(
        default=False,
        description="A new secret. For 24 hours requests are signed with the one before, too.",
    )


@strawberry.input(description="Which webhook.")
class WebhookInput:
    id: strawberry.ID = strawberry.field(description="Of one of `App.webhooks`.")


@strawberry.type(description="A webhook that was made.")
class CreateWebhookPayload:
    webhook: Webhook | None = strawberry.field(
        default=None, description="It is told of what comes from now on; null if none was made."
    )
    secret: str | None = strawberry.field(
        default=None,
        description=(
            "`whsec_…`, with which requests are signed. Shown here and never again; null if none "
            "was made."
        ),
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="A webhook that was changed.")
class UpdateWebhookPayload:
    webhook: Webhook | None = strawberry.field(
        default=None, description="As it is now; null if nothing was done."
    )
    secret: str | None = strawberry.field(
        default=None,
        description="The new one, shown here and never again; null if none was asked for.",
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="A webhook that goes on.")
class ResumeWebhookPayload:
    webhook: Webhook | None = strawberry.field(
        default=None, description="As it is now; null if nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The webhook is removed, if there are no user errors.")
class DeleteWebhookPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="What came of a request for trial.")
class TestWebhookPayload:
    arrived: bool = strawberry.field(description="Whether it was answered with 2xx.")
    error: WebhookFailure | None = strawberry.field(
        default=None, description="What went wrong; null if it arrived, or with user errors."
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class WebhookMutation:
    @strawberry.mutation(
        description="Have an app told of what is new; it asks for it with a token of its own."
    )
    async def create_webhook(
        self,
        info: Info,
        input: Input[CreateWebhookInput],  # noqa: A002 - the contract's name
    ) -> CreateWebhookPayload:
        try:
            made = await resolve.create(info.context, input.url, input.events)
        except Refused as refused:
            return CreateWebhookPayload(user_errors=user_errors(refused))
        return CreateWebhookPayload(
            webhook=webhook_type(made.webhook), secret=made.secret, user_errors=[]
        )

    @strawberry.mutation(description="Change a webhook, or have a new secret made for it.")
    async def update_webhook(
        self,
        info: Info,
        input: Input[UpdateWebhookInput],  # noqa: A002 - the contract's name
    ) -> UpdateWebhookPayload:
        try:
            made = await resolve.update(
                info.context, _key(input.id), input.url, input.events, new_secret=input.new_secret
            )
        except Refused as refused:
            return UpdateWebhookPayload(user_errors=user_errors(refused))
        return UpdateWebhookPayload(
            webhook=webhook_type(made.webhook), secret=made.secret, user_errors=[]
        )

    @strawberry.mutation(
        description="Let a webhook that was paused go on where it stopped: nothing is left out."
    )
    async def resume_webhook(
        self,
        info: Info,
        input: Input[WebhookInput],  # noqa: A002 - the contract's name
    ) -> ResumeWebhookPayload:
        try:
            found = await resolve.resume(info.context, _key(input.id))
        except Refused as refused:
            return ResumeWebhookPayload(user_errors=user_errors(refused))
        return ResumeWebhookPayload(webhook=webhook_type(found), user_errors=[])

    @strawberry.mutation(description="Remove a webhook; what it was not told of is forgotten.")
    async def delete_webhook(
        self,
        info: Info,
        input: Input[WebhookInput],  # noqa: A002 - the contract's name
    ) -> DeleteWebhookPayload:
        return await done_or_refused(
            DeleteWebhookPayload, resolve.delete(info.context, _key(input.id))
        )

    @strawberry.mutation(
        description="Send a webhook a signed `webhook.test` now, also one that is paused."
    )
    async def test_webhook(
        self,
        info: Info,
        input: Input[WebhookInput],  # noqa: A002 - the contract's name
    ) -> TestWebhookPayload:
        try:
            failure = await resolve.send_trial(info.context, _key(input.id))
        except Refused as refused:
            return TestWebhookPayload(arrived=False, user_errors=user_errors(refused))
        return TestWebhookPayload(
            arrived=failure is None, error=_failure_type(failure), user_errors=[]
        )


def webhook_type(record: WebhookRecord) -> Webhook:
    return Webhook(
        record=record,
        id=node_id("Webhook", record.id),
        url=record.url,
        events=[kind for kind in EventKind if kind in record.kinds],
        state=record.state,
        created_at=record.created_at,
        paused_at=record.paused_at,
        last_error=_failure_type(record.failure),
        arrived_at=record.arrived_at,
    )


def _failure_type(failure: FailureRecord | None) -> WebhookFailure | None:
    if failure is None:
        return None
    return WebhookFailure(at=failure.at, reason=failure.reason, status=failure.status)


def _key(webhook: strawberry.ID) -> str:
    return key_of("Webhook", webhook)
