"""Logging in and out as staff."""

from datetime import datetime

import strawberry

from resolvers import staff_sessions as resolve
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.staff import Staff, staff_type
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors


@strawberry.type(
    description="A session of staff. It is no member's session, and no member's is one."
)
class StaffSession:
    access_token: str = strawberry.field(
        description="For `Authorization: Bearer …`; told here, and never again."
    )
    expires_at: datetime = strawberry.field(
        description="Unless something is asked in it before; it then lasts longer, up to a bound."
    )
    staff: Staff = strawberry.field(description="Whose session it is.")


@strawberry.input(description="Who logs in.")
class StaffLogInInput:
    login_id: str = strawberry.field(description="As the operator gave it.")
    password: str = strawberry.field(
        description="Ten wrong ones in a row lock until 06:00 in Tokyo."
    )


@strawberry.input(description="The present password and the next one.")
class StaffChangePasswordInput:
    current_password: str = strawberry.field(description="The one that is replaced.")
    new_password: str = strawberry.field(
        description="At least twelve visible characters of ASCII, and none known from leaks."
    )


@strawberry.type(description="A session of staff, or what was wrong.")
class StaffLogInPayload:
    session: StaffSession | None = strawberry.field(description="Null unless it is open.")
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The session is over, if there are no user errors.")
class StaffLogOutPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The new password holds, if there are no user errors.")
class StaffChangePasswordPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class StaffSessionMutation:
    @strawberry.mutation(description="Open a session of staff.")
    async def staff_log_in(self, info: Info, input: Input[StaffLogInInput]) -> StaffLogInPayload:  # noqa: A002 - the contract's name
        try:
            entered = await resolve.log_in(info.context, input.login_id, input.password)
        except Refused as refused:
            return StaffLogInPayload(session=None, user_errors=user_errors(refused))
        session = StaffSession(
            access_token=entered.token,
            expires_at=entered.visit.session.ends_at,
            staff=staff_type(entered.visit.staff),
        )
        return StaffLogInPayload(session=session, user_errors=[])

    @strawberry.mutation(description="End the session of staff of the request.")
    async def staff_log_out(self, info: Info) -> StaffLogOutPayload:
        return await done_or_refused(StaffLogOutPayload, resolve.log_out(info.context))

    @strawberry.mutation(
        description="Replace the password of staff, and end all sessions but that of the request."
    )
    async def staff_change_password(
        self,
        info: Info,
        input: Input[StaffChangePasswordInput],  # noqa: A002 - the contract's name
    ) -> StaffChangePasswordPayload:
        return await done_or_refused(
            StaffChangePasswordPayload,
            resolve.change_password(info.context, input.current_password, input.new_password),
        )
