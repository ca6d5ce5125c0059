"""Logging in and out as clients see it."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import strawberry

from datasources.sessions import OpenedSession
from resolvers import members as resolve_members
from resolvers import sessions as resolve
from resolvers.sessions import Refusal
from schema.info import Info
from schema.members import Member, member_type

_MESSAGES: Final = {
    Refusal.UNKNOWN_PORTAL: ("there is no such portal", ["input", "portal"]),
    Refusal.WRONG_LOGIN: ("login ID or password is wrong", None),
    Refusal.WRONG_TOKEN: (
        "the refresh token is wrong, used or has ended",
        ["input", "refreshToken"],
    ),
    Refusal.NOT_LOGGED_IN: ("nobody is logged in", None),
}


@strawberry.type(description="What a user can put right; `field` is the path of the input.")
class UserError:
    code: str
    message: str
    field: list[str] | None


@strawberry.type
class Session:
    opened: strawberry.Private[OpenedSession]
    access_token: str
    refresh_token: str = strawberry.field(description="Works once; a refresh gives a new one.")
    expires_at: datetime = strawberry.field(
        description="End of the access token, and of open subscriptions unless refreshed by then."
    )

    @property
    def owner(self) -> str:
        return self.opened.session.member

    @strawberry.field
    async def member(self, info: Info) -> Member:
        return member_type(await resolve_members.member(info.context, self.opened.session.member))


@strawberry.enum(description="What a portal may ask for before it opens a session.")
class LogInChallengeKind(StrEnum):
    SECRET_KEYWORD = "SECRET_KEYWORD"  # noqa: S105 - a code, not a secret


@strawberry.type(description="What the portal asks for before it opens a session.")
class LogInChallenge:
    kind: LogInChallengeKind


@strawberry.input
class LogInInput:
    portal: str
    login_id: str
    password: str
    device_token: str | None = strawberry.field(
        default=None, description="Only portals with a second factor look at it."
    )


@strawberry.input
class RefreshSessionInput:
    refresh_token: str


@strawberry.type
class LogInPayload:
    session: Session | None
    challenge: LogInChallenge | None = strawberry.field(
        description="Set when the portal asks for more before it opens a session."
    )
    user_errors: list[UserError]


@strawberry.type
class LogOutPayload:
    user_errors: list[UserError]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Open a session with a login ID and a password.")
    async def log_in(self, info: Info, input: LogInInput) -> LogInPayload:  # noqa: A002 - the contract's name
        given = resolve.LogIn(input.portal, input.login_id, input.password)
        return _payload(await resolve.log_in(info.context, given))

    @strawberry.mutation(description="New tokens for a session; the old ones are dead.")
    async def refresh_session(
        self,
        info: Info,
        input: RefreshSessionInput,  # noqa: A002 - the contract's name
    ) -> LogInPayload:
        return _payload(await resolve.refresh_session(info.context, input.refresh_token))

    @strawberry.mutation(description="End the session of the request.")
    async def log_out(self, info: Info) -> LogOutPayload:
        refusal = await resolve.log_out(info.context)
        return LogOutPayload(user_errors=[_user_error(refusal)] if refusal else [])


def _payload(opened: OpenedSession | Refusal) -> LogInPayload:
    if isinstance(opened, Refusal):
        return LogInPayload(session=None, challenge=None, user_errors=[_user_error(opened)])
    session = Session(
        opened=opened,
        access_token=opened.access_token,
        refresh_token=opened.refresh_token,
        expires_at=opened.session.ends_at,
    )
    return LogInPayload(session=session, challenge=None, user_errors=[])


def _user_error(refusal: Refusal) -> UserError:
    message, field = _MESSAGES[refusal]
    return UserError(code=refusal.value, message=message, field=field)
