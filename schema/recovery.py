"""Getting back a forgotten ID or password by mail as clients see it."""

import strawberry

from domain.outbox import Language
from resolvers import recovery, resetting
from schema.info import Info
from schema.user_errors import UserError, done_or_refused

_NUMBER = "Instead of the address, where `Portal.recovery.ways` has CUSTOMER_NUMBER."


@strawberry.input
class RequestPasswordResetInput:
    portal: str
    email: str | None = None
    customer_number: str | None = strawberry.field(default=None, description=_NUMBER)
    language: Language


@strawberry.input
class RequestLoginIdInput:
    portal: str
    email: str | None = None
    customer_number: str | None = strawberry.field(default=None, description=_NUMBER)
    language: Language


@strawberry.input
class ResetPasswordInput:
    portal: str
    token: str = strawberry.field(description="Of the link, or of `recoverPassword`.")
    new_password: str


def _named(given: RequestPasswordResetInput | RequestLoginIdInput) -> recovery.Named:
    return recovery.Named(given.email, given.customer_number)


@strawberry.type
class RequestPasswordResetPayload:
    user_errors: list[UserError]


@strawberry.type
class RequestLoginIdPayload:
    user_errors: list[UserError]


@strawberry.type
class ResetPasswordPayload:
    user_errors: list[UserError]


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
        input: RequestPasswordResetInput,  # noqa: A002 - the contract's name
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
        input: RequestLoginIdInput,  # noqa: A002 - the contract's name
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
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> ResetPasswordPayload:  # noqa: A002 - the contract's name
        return await done_or_refused(
            ResetPasswordPayload,
            resetting.reset_password(info.context, input.portal, input.token, input.new_password),
        )
