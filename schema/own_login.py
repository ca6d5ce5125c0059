"""Giving the password again, changing it and the login ID, as clients see it."""

import strawberry

from resolvers import own_login as resolve
from resolvers import step_up
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.members import Member, member_type
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors


@strawberry.input(description="The member's password again.")
class ConfirmPasswordInput:
    password: str = strawberry.field(description="The present one.")


@strawberry.input(description="The present password and the next one.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The one that is replaced.")
    new_password: str = strawberry.field(description="As `Portal.password` says.")


@strawberry.input(description="The next login ID.")
class ChangeLoginIdInput:
    login_id: str = strawberry.field(description="As `Portal.loginId` says, and nobody else's.")


@strawberry.type(
    description="The session may do what needs it for a while, if there are no user errors."
)
class ConfirmPasswordPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The new password holds, if there are no user errors.")
class ChangePasswordPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The member with the new login ID, or what was wrong.")
class ChangeLoginIdPayload:
    member: Member | None = strawberry.field(description="Null if nothing was done.")
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class OwnLoginMutation:
    @strawberry.mutation(
        description="Give the password again, for what answers `PASSWORD_NEEDED` without it."
    )
    async def confirm_password(
        self,
        info: Info,
        input: Input[ConfirmPasswordInput],  # noqa: A002 - the contract's name
    ) -> ConfirmPasswordPayload:
        return await done_or_refused(
            ConfirmPasswordPayload, step_up.confirm_password(info.context, input.password)
        )

    @strawberry.mutation(description="Replace the password; all other sessions end.")
    async def change_password(
        self,
        info: Info,
        input: Input[ChangePasswordInput],  # noqa: A002 - the contract's name
    ) -> ChangePasswordPayload:
        return await done_or_refused(
            ChangePasswordPayload,
            resolve.change_password(info.context, input.current_password, input.new_password),
        )

    @strawberry.mutation(
        description="Replace the login ID; needs `confirmPassword` shortly before."
    )
    async def change_login_id(
        self,
        info: Info,
        input: Input[ChangeLoginIdInput],  # noqa: A002 - the contract's name
    ) -> ChangeLoginIdPayload:
        try:
            changed = await resolve.change_login_id(info.context, input.login_id)
        except Refused as refused:
            return ChangeLoginIdPayload(member=None, user_errors=user_errors(refused))
        return ChangeLoginIdPayload(member=member_type(changed), user_errors=[])
