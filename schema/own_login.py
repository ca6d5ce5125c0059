"""Giving the password again, changing it and the login ID, as clients see it."""

import strawberry

from resolvers import own_login as resolve
from resolvers import step_up
from resolvers.refusals import Refused
from schema.info import Info
from schema.members import Member, member_type
from schema.user_errors import UserError, done_or_refused, user_errors


@strawberry.input
class ConfirmPasswordInput:
    password: str


@strawberry.input
class ChangePasswordInput:
    current_password: str
    new_password: str


@strawberry.input
class ChangeLoginIdInput:
    login_id: str


@strawberry.type
class ConfirmPasswordPayload:
    user_errors: list[UserError]


@strawberry.type
class ChangePasswordPayload:
    user_errors: list[UserError]


@strawberry.type
class ChangeLoginIdPayload:
    member: Member | None
    user_errors: list[UserError]


@strawberry.type
class OwnLoginMutation:
    @strawberry.mutation(
        description="Give the password again, for what answers `PASSWORD_NEEDED` without it."
    )
    async def confirm_password(
        self,
        info: Info,
        input: ConfirmPasswordInput,  # noqa: A002 - the contract's name
    ) -> ConfirmPasswordPayload:
        return await done_or_refused(
            ConfirmPasswordPayload, step_up.confirm_password(info.context, input.password)
        )

    @strawberry.mutation(description="Replace the password; all other sessions end.")
    async def change_password(
        self,
        info: Info,
        input: ChangePasswordInput,  # noqa: A002 - the contract's name
    ) -> ChangePasswordPayload:
        return await done_or_refused(
            ChangePasswordPayload,
            resolve.change_password(info.context, input.current_password, input.new_password),
        )

    @strawberry.mutation(
        description="Replace the login ID; needs `confirmPassword` shortly before."
    )
    async def change_login_id(self, info: Info, input: ChangeLoginIdInput) -> ChangeLoginIdPayload:  # noqa: A002 - the contract's name
        try:
            changed = await resolve.change_login_id(info.context, input.login_id)
        except Refused as refused:
            return ChangeLoginIdPayload(member=None, user_errors=user_errors(refused))
        return ChangeLoginIdPayload(member=member_type(changed), user_errors=[])
