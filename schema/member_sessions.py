"""The sessions that a member has, as clients see them."""

from datetime import datetime

import strawberry

from domain.members import SessionRecord
from resolvers import sessions as resolve
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.nodes import key_of, node_id
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors


@strawberry.type(description="A session of the member, without its secrets.")
class MemberSession:
    record: strawberry.Private[SessionRecord]
    id: strawberry.ID = strawberry.field(description="For `endSession`.")
    program: str = strawberry.field(
        description="What opened it, in a few words, e.g. `Firefox, Windows`."
    )
    opened_at: datetime = strawberry.field(description="When the member logged in.")
    used_at: datetime = strawberry.field(description="When it was opened or last refreshed.")
    ends_at: datetime = strawberry.field(description="When it ends unless it is refreshed.")

    @property
    def owner(self) -> str:
        return self.record.member

    @strawberry.field(description="Whether this is the session that asks.")
    def current(self, info: Info) -> bool:
        session = info.context.session
        return session is not None and session.id == self.record.id


@strawberry.input(description="Which session.")
class EndSessionInput:
    id: strawberry.ID = strawberry.field(description="Of one of `Member.sessions`.")


@strawberry.type(description="The session is over, if there are no user errors.")
class EndSessionPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="How many are over.")
class EndOtherSessionsPayload:
    ended: int = strawberry.field(description="How many sessions there were.")
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class MemberSessionMutation:
    @strawberry.mutation(description="End a session of one's own.")
    async def end_session(self, info: Info, input: Input[EndSessionInput]) -> EndSessionPayload:  # noqa: A002 - the contract's name
        return await done_or_refused(
            EndSessionPayload, resolve.end_session(info.context, key_of("MemberSession", input.id))
        )

    @strawberry.mutation(description="End all sessions of one's own but that of the request.")
    async def end_other_sessions(self, info: Info) -> EndOtherSessionsPayload:
        try:
            ended = await resolve.end_other_sessions(info.context)
        except Refused as refused:
            return EndOtherSessionsPayload(ended=0, user_errors=user_errors(refused))
        return EndOtherSessionsPayload(ended=ended, user_errors=[])


def member_session_type(record: SessionRecord) -> MemberSession:
    return MemberSession(
        record=record,
        id=node_id("MemberSession", record.id),
        program=record.program,
        opened_at=record.opened_at,
        used_at=record.used_at,
        ends_at=record.ends_at,
    )
