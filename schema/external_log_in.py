"""Logging in with an outside account, linking and unlinking one, as clients see it."""

from datetime import datetime

import strawberry

from resolvers import external_log_in as resolve
from resolvers.external_visits import Back, Sent
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.external_log_ins import ExternalLogIn, external_log_in_type
from schema.info import Info
from schema.nodes import key_of
from schema.sessions import LogInPayload, log_in_payload
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors


@strawberry.input(description="With whose account, and where.")
class StartExternalLogInInput:
    portal: str = strawberry.field(description="Key of the portal.")
    provider: str = strawberry.field(description="Key of one of `Portal.externalProviders`.")
    redirect_uri: str = strawberry.field(
        description="Page of the client that the provider sends people back to."
    )


@strawberry.input(description="Whose account is to be linked.")
class StartExternalLinkInput:
    provider: str = strawberry.field(description="Key of one of `Portal.externalProviders`.")
    redirect_uri: str = strawberry.field(
        description="Page of the client that the provider sends people back to."
    )


@strawberry.input(description="What the provider sent back.")
class CompleteExternalLogInInput:
    portal: str = strawberry.field(description="Key of the portal.")
    token: str = strawberry.field(description="What `startExternalLogIn` gave.")
    state: str = strawberry.field(description="`state` of the address that was come back to.")
    code: str = strawberry.field(description="`code` of that address.")
    issuer: str | None = strawberry.field(
        default=None, description="`iss` of that address, if it has one."
    )
    device_token: str | None = strawberry.field(
        default=None, description="Only portals with a second factor look at it."
    )


@strawberry.input(description="What the provider sent back.")
class LinkExternalLogInInput:
    token: str = strawberry.field(description="What `startExternalLink` gave.")
    state: str = strawberry.field(description="`state` of the address that was come back to.")
    code: str = strawberry.field(description="`code` of that address.")
    issuer: str | None = strawberry.field(
        default=None, description="`iss` of that address, if it has one."
    )


@strawberry.input(description="Which account.")
class UnlinkExternalLogInInput:
    id: strawberry.ID = strawberry.field(description="Of one of `Member.externalLogIns`.")


@strawberry.type(description="Where a person goes, and what the client keeps until they are back.")
class StartExternalLogInPayload:
    authorization_url: str | None = strawberry.field(
        default=None, description="Send the person there. Null with user errors."
    )
    state: str | None = strawberry.field(
        default=None,
        description="By it the client finds the token when the person is back. Null with user errors.",
    )
    token: str | None = strawberry.field(
        default=None,
        description=(
            "Keep it in the browser, and send it nowhere but here: it works once. Null with user "
            "errors."
        ),
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When the person must be back. Null with user errors."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type(description="The linked account, or what was wrong.")
class LinkExternalLogInPayload:
    external_log_in: ExternalLogIn | None = strawberry.field(
        description="Null if nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The account logs in no more, if there are no user errors.")
class UnlinkExternalLogInPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class ExternalLogInMutation:
    @strawberry.mutation(description="Begin to log in with an account of a provider.")
    async def start_external_log_in(
        self,
        info: Info,
        input: Input[StartExternalLogInInput],  # noqa: A002 - the contract's name
    ) -> StartExternalLogInPayload:
        try:
            sent = await resolve.start(
                info.context, input.portal, input.provider, input.redirect_uri
            )
        except Refused as refused:
            return StartExternalLogInPayload(user_errors=user_errors(refused))
        return _started(sent)

    @strawberry.mutation(
        description="Open a session for who comes back from a provider; a linked account is needed."
    )
    async def complete_external_log_in(
        self,
        info: Info,
        input: Input[CompleteExternalLogInInput],  # noqa: A002 - the contract's name
    ) -> LogInPayload:
        back = Back(input.token, input.state, input.code, input.issuer)
        try:
            return log_in_payload(
                await resolve.complete(info.context, input.portal, back, input.device_token)
            )
        except Refused as refused:
            return LogInPayload(user_errors=user_errors(refused))

    @strawberry.mutation(
        description=(
            "Begin to link an account of a provider; needs `confirmPassword` shortly before."
        )
    )
    async def start_external_link(
        self,
        info: Info,
        input: Input[StartExternalLinkInput],  # noqa: A002 - the contract's name
    ) -> StartExternalLogInPayload:
        try:
            sent = await resolve.start_linking(info.context, input.provider, input.redirect_uri)
        except Refused as refused:
            return StartExternalLogInPayload(user_errors=user_errors(refused))
        return _started(sent)

    @strawberry.mutation(
        description=(
            "Link the account with which somebody comes back; needs `confirmPassword` shortly before."
        )
    )
    async def link_external_log_in(
        self,
        info: Info,
        input: Input[LinkExternalLogInInput],  # noqa: A002 - the contract's name
    ) -> LinkExternalLogInPayload:
        back = Back(input.token, input.state, input.code, input.issuer)
        try:
            linked = await resolve.link(info.context, back)
        except Refused as refused:
            return LinkExternalLogInPayload(external_log_in=None, user_errors=user_errors(refused))
        return LinkExternalLogInPayload(
            external_log_in=external_log_in_type(linked), user_errors=[]
        )

    @strawberry.mutation(
        description="Let an account log in no longer; all other sessions end, the password stays."
    )
    async def unlink_external_log_in(
        self,
        info: Info,
        input: Input[UnlinkExternalLogInInput],  # noqa: A002 - the contract's name
    ) -> UnlinkExternalLogInPayload:
        return await done_or_refused(
            UnlinkExternalLogInPayload,
            resolve.unlink(info.context, key_of("ExternalLogIn", input.id)),
        )


def _started(sent: Sent) -> StartExternalLogInPayload:
    return StartExternalLogInPayload(
        authorization_url=sent.address,
        state=sent.state,
        token=sent.token,
        expires_at=sent.ends_at,
    )
