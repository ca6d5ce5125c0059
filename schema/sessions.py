"""Logging in and out as clients see it."""

from datetime import datetime
from enum import StrEnum

import strawberry

from domain.policy import Duty
from resolvers import members as resolve_members
from resolvers import sessions as resolve
from resolvers.entering import Entered
from resolvers.refusals import Refused
from resolvers.second_factor import Asked
from schema.arguments import Input
from schema.described import described
from schema.info import Info
from schema.members import Member, member_type
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors


@strawberry.type(
    description="An open session. Its tokens are secrets: they are told here, and never again."
)
class Session:
    entered: strawberry.Private[Entered]
    access_token: str = strawberry.field(
        description="For `Authorization: Bearer …`, until `expiresAt`."
    )
    refresh_token: str = strawberry.field(
        description=(
            "Works once; a refresh gives a new one. One that is used again ends the session."
        )
    )
    expires_at: datetime = strawberry.field(
        description="End of the access token, and of open subscriptions unless refreshed by then."
    )

    duties: list[Duty] = strawberry.field(
        description=(
            "What must be done before anything else of the member is shown, in this order: until then "
            "all of it answers FORBIDDEN."
        )
    )

    @property
    def owner(self) -> str:
        return self.entered.opened.session.member

    @strawberry.field(description="Whose session it is.")
    async def member(self, info: Info) -> Member:
        return member_type(await resolve_members.member(info.context, self.owner))


class LogInChallengeKind(StrEnum):
    SECRET_KEYWORD = "SECRET_KEYWORD"  # noqa: S105 - a code, not a secret


described(
    LogInChallengeKind,
    "What a portal may ask for before it opens a session.",
    SECRET_KEYWORD="One of the member's keywords, on a device that is not known.",  # noqa: S106 - a text
)


@strawberry.type(description="What the portal asks for before it opens a session.")
class LogInChallenge:
    kind: LogInChallengeKind = strawberry.field(description="What is asked for.")
    token: str = strawberry.field(description="For `answerChallenge`; it works once.")
    position: int = strawberry.field(description="Which of the keywords is asked for, from 1.")
    expires_at: datetime = strawberry.field(description="Answer before it.")


@strawberry.input(description="Who logs in, and where.")
class LogInInput:
    portal: str = strawberry.field(description="Key of the portal.")
    login_id: str = strawberry.field(
        description="Case matters as `Portal.loginId.caseSensitive` says."
    )
    password: str = strawberry.field(
        description="Several wrong ones in a row lock, as `Portal.lockout` says."
    )
    device_token: str | None = strawberry.field(
        default=None, description="Only portals with a second factor look at it."
    )


@strawberry.input(description="Which session.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="The newest one of the session.")


@strawberry.type(
    description="A session, or a challenge that must be answered first, or user errors."
)
class LogInPayload:
    session: Session | None = strawberry.field(default=None, description="Null unless it is open.")
    challenge: LogInChallenge | None = strawberry.field(
        default=None,
        description="What the portal asks for before it opens a session; null if it asks for nothing.",
    )
    device_token: str | None = strawberry.field(
        default=None,
        description="Of a device that is known from now on: keep it, to log in with. Null of others.",
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type(description="The session is over, if there are no user errors.")
class LogOutPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class LogInMutation:
    @strawberry.mutation(description="Open a session with a login ID and a password.")
    async def log_in(self, info: Info, input: Input[LogInInput]) -> LogInPayload:  # noqa: A002 - the contract's name
        given = resolve.LogIn(input.portal, input.login_id, input.password, input.device_token)
        try:
            return log_in_payload(await resolve.log_in(info.context, given))
        except Refused as refused:
            return LogInPayload(user_errors=user_errors(refused))

    @strawberry.mutation(description="New tokens for a session; the old ones are dead.")
    async def refresh_session(
        self,
        info: Info,
        input: Input[RefreshSessionInput],  # noqa: A002 - the contract's name
    ) -> LogInPayload:
        try:
            return log_in_payload(await resolve.refresh_session(info.context, input.refresh_token))
        except Refused as refused:
            return LogInPayload(user_errors=user_errors(refused))

    @strawberry.mutation(description="End the session of the request.")
    async def log_out(self, info: Info) -> LogOutPayload:
        return await done_or_refused(LogOutPayload, resolve.log_out(info.context))


def log_in_payload(found: Entered | Asked) -> LogInPayload:
    """What a log-in, a refresh or an answer gives."""
    if isinstance(found, Asked):
        challenge = LogInChallenge(
            kind=LogInChallengeKind.SECRET_KEYWORD,
            token=found.token,
            position=found.position,
            expires_at=found.ends_at,
        )
        return LogInPayload(challenge=challenge)
    opened = found.opened
    session = Session(
        entered=found,
        access_token=opened.access_token,
        refresh_token=opened.refresh_token,
        expires_at=opened.session.ends_at,
        duties=list(opened.session.duties),
    )
    return LogInPayload(session=session, device_token=found.device_token)
