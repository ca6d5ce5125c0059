"""Getting back a forgotten ID or password by mail as clients see it."""

import strawberry

from domain.outbox import Language
from resolvers import recovery, resetting
from schema.arguments import Input
from schema.info import Info
from schema.user_errors import USER_ERRORS, UserError, done_or_refused

_NUMBER = "Instead of the address, where `Portal.recovery.ways` has CUSTOMER_NUMBER."


@strawberry.input(description="Whose password; `email` or `customerNumber`.")
class RequestPasswordResetInput:
    portal: str = strawberry.field(description="Key of the portal.")
    email: str | None = strawberry.field(default=None, description="Any address of the member.")
    customer_number: str | None = strawberry.field(default=None, description=_NUMBER)
    language: Language = strawberry.field(description="Of the mail.")


@strawberry.input(description="Whose login ID; `email` or `customerNumber`.")
class RequestLoginIdInput:
    portal: str = strawberry.field(description="Key of the portal.")
    email: str | None = strawberry.field(default=None, description="Any address of the member.")
    customer_number: str | None = strawberry.field(default=None, description=_NUMBER)
    language: Language = strawberry.field(description="Of the mail.")


@strawberry.input(description="The right to a new password, and the password.")
class ResetPasswordInput:
    portal: str = strawberry.field(description="Key of the portal.")
    token: str = strawberry.field(description="Of the link, or of `recoverPassword`.")
    new_password: str = strawberry.field(description="As `Portal.password` says.")


def _named(given: RequestPasswordResetInput | RequestLoginIdInput) -> recovery.Named:
    return recovery.Named(given.email, given.customer_number)


@strawberry.type(description="The request was taken; whether a mail goes out is not told.")
class RequestPasswordResetPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The request was taken; whether a mail goes out is not told.")
class RequestLoginIdPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The new password holds, if there are no user errors.")
class ResetPasswordPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class RecoveryMutation:
    @strawberry.mutation(
        description=(
            "Send a link that sets a new password to an address, or to that of a customer. The answer "
            "never tells whether there is such a member."
        )
    )
    async def request_password_reset(
        self,
        info: Info,
        input: Input[RequestPasswordResetInput],  # noqa: A002 - the contract's name
    ) -> RequestPasswordResetPayload:
        return await done_or_refused(
            RequestPasswordResetPayload,
            recovery.request_password_reset(
                info.context, input.portal, _named(input), input.language
            ),
        )

    @strawberry.mutation(
        description=(
            "Send the login IDs of the members who have an address to it, or that of a customer to "
            "the customer's address. The answer never tells whether there are any."
        )
    )
    async def request_login_id(
        self,
        info: Info,
        input: Input[RequestLoginIdInput],  # noqa: A002 - the contract's name
    ) -> RequestLoginIdPayload:
        return await done_or_refused(
            RequestLoginIdPayload,
            recovery.request_login_id(info.context, input.portal, _named(input), input.language),
        )

    @strawberry.mutation(
        description=(
            "Set a new password with the link of a mail or after a right answer; all sessions end. "
            "Then log in."
        )
    )
    async def reset_password(
        self,
        info: Info,
        input: Input[ResetPasswordInput],  # noqa: A002 - the contract's name
    ) -> ResetPasswordPayload:
        return await done_or_refused(
            ResetPasswordPayload,
            resetting.reset_password(info.context, input.portal, input.token, input.new_password),
        )
