"""Members as staff see them: who they are and how things stand, nothing of usage and bills."""

from datetime import datetime

import strawberry

from domain.leaving import LeaveReason
from domain.members import Member as MemberRecord
from domain.members import MemberState
from domain.outbox import DeadMessage as DeadRecord
from domain.standing import Counted
from domain.standing import MemberHistory as HistoryRecord
from resolvers import staff_members as resolve
from schema.audit import AuditEntry, audit_entry_type
from schema.info import Info
from schema.members import MemberProfile, member_type
from schema.nodes import node_id


@strawberry.type(description="When what happened; null is never, or before it was recorded.")
class MemberHistory:
    joined_at: datetime | None = strawberry.field(
        description="When the account was made; null if that was before it was recorded."
    )
    logged_in_at: datetime | None = strawberry.field(description="The last time; null if never.")
    leaves_at: datetime | None = strawberry.field(
        description="When the membership ends, of a member who has withdrawn; null of others."
    )
    left_at: datetime | None = strawberry.field(
        description="When the membership ended; null of a present member."
    )
    leave_reason: LeaveReason | None = strawberry.field(
        description="Why it ended; null of a present member."
    )


@strawberry.type(description="A registration that was begun with an address of the member.")
class MemberRegistration:
    ends_at: datetime = strawberry.field(description="Until when its link works, or would.")
    used_up: bool = strawberry.field(description="Whether somebody became a member with it.")


@strawberry.type(description="Wrong entries in a row.")
class MemberTries:
    kind: Counted = strawberry.field(description="Of what.")
    wrong: int = strawberry.field(description="How many, since the last right one.")
    locked_until: datetime | None = strawberry.field(
        description="Null if nothing is locked by them."
    )


@strawberry.type(description="A postcard that was sent, and whose code or password was not used.")
class MemberPostcard:
    issued_at: datetime | None = strawberry.field(
        description="Null of a first password: when it was sent stands among the messages."
    )
    ends_at: datetime = strawberry.field(description="Until when its secret works.")


@strawberry.type(description="That there was a message: not what it said, and where it went.")
class MemberMessage:
    id: strawberry.ID = strawberry.field(description="For `staffResendMessage`.")
    kind: str = strawberry.field(description="What the message is for, e.g. PASSWORD_RESET.")
    channel: str = strawberry.field(description="MAIL or LETTER.")
    state: str = strawberry.field(description="WAITING, SENDING, SENT or DEAD.")
    attempts: int = strawberry.field(description="How often sending was tried.")
    created_at: datetime = strawberry.field(description="When what it tells of was done.")
    sent_at: datetime | None = strawberry.field(
        description="When the mail server took it, or the letter was written; null until then."
    )


@strawberry.type(description="A message that was given up.")
class DeadMessage:
    id: strawberry.ID = strawberry.field(description="For `staffResendMessage`.")
    kind: str = strawberry.field(description="What the message is for, e.g. PASSWORD_RESET.")
    portal: str = strawberry.field(description="Key of the portal.")
    member_id: strawberry.ID | None = strawberry.field(
        description="Whose it was; null of one to somebody who is no member."
    )
    channel: str = strawberry.field(description="MAIL or LETTER.")
    attempts: int = strawberry.field(description="How often sending was tried.")
    created_at: datetime = strawberry.field(description="When what it tells of was done.")
    dead_at: datetime = strawberry.field(description="When it was given up.")
    reason: str = strawberry.field(description="What the mail server said last.")


@strawberry.type(description="A member as staff see it.")
class MemberFile:
    record: strawberry.Private[MemberRecord]
    id: strawberry.ID = strawberry.field(description="Id of the member.")
    portal: str = strawberry.field(description="Key of the portal.")
    login_id: str = strawberry.field(description="What the member logs in with.")
    state: MemberState = strawberry.field(description="How far the membership is.")
    profile: MemberProfile = strawberry.field(description="Who the member is.")
    emails: list[str] = strawberry.field(description="All addresses, the first one first.")
    has_keywords: bool = strawberry.field(description="Whether secret keywords are set.")

    @strawberry.field(description="Of the supply contracts that are registered.")
    async def customer_numbers(self, info: Info) -> list[str]:
        return await resolve.customer_numbers(info.context, self.record)

    @strawberry.field(description="When they came, were last there, and leave.")
    async def history(self, info: Info) -> MemberHistory:
        found = await resolve.history(info.context, self.record)
        return _history_type(self.record, found)

    @strawberry.field(description="Until their links end, the newest twenty.")
    async def registrations(self, info: Info) -> list[MemberRegistration]:
        found = await resolve.registrations(info.context, self.record)
        return [MemberRegistration(ends_at=each.ends_at, used_up=each.used_up) for each in found]

    @strawberry.field(description="Of every kind of which there are any.")
    async def tries(self, info: Info) -> list[MemberTries]:
        found = await resolve.tries(info.context, self.record)
        return [
            MemberTries(kind=kind, wrong=each.wrong, locked_until=each.locked_until)
            for kind, each in found
        ]

    @strawberry.field(description="The one on its way; null if none is.")
    async def postcard(self, info: Info) -> MemberPostcard | None:
        found = await resolve.postcard(info.context, self.record)
        if found is not None:
            return MemberPostcard(issued_at=found.issued_at, ends_at=found.ends_at)
        ends_at = (await resolve.history(info.context, self.record)).password_ends_at
        return None if ends_at is None else MemberPostcard(issued_at=None, ends_at=ends_at)

    @strawberry.field(description="How many sessions are open.")
    async def session_count(self, info: Info) -> int:
        return await resolve.open_sessions(info.context, self.record)

    @strawberry.field(description="The newest twenty of the last three months.")
    async def messages(self, info: Info) -> list[MemberMessage]:
        return [
            MemberMessage(
                id=node_id("Message", each.id),
                kind=each.kind,
                channel=each.channel,
                state=each.state,
                attempts=each.attempts,
                created_at=each.created_at,
                sent_at=each.sent_at,
            )
            for each in await resolve.messages(info.context, self.record)
        ]

    @strawberry.field(description="What staff did, the newest twenty; not who looked.")
    async def acts(self, info: Info) -> list[AuditEntry]:
        return [audit_entry_type(each) for each in await resolve.acts(info.context, self.record)]


def member_file_type(member: MemberRecord) -> MemberFile:
    shown = member_type(member)
    return MemberFile(
        record=member,
        id=shown.id,
        portal=member.portal,
        login_id=member.login_id,
        state=member.state,
        profile=shown.profile,
        emails=list(member.emails),
        has_keywords=member.has_keywords,
    )


def dead_message_type(message: DeadRecord) -> DeadMessage:
    return DeadMessage(
        id=node_id("Message", message.id),
        kind=message.kind,
        portal=message.portal,
        member_id=None if message.member is None else node_id("Member", message.member),
        channel=message.channel,
        attempts=message.attempts,
        created_at=message.created_at,
        dead_at=message.dead_at,
        reason=message.reason,
    )


def _history_type(member: MemberRecord, found: HistoryRecord) -> MemberHistory:
    return MemberHistory(
        joined_at=found.joined_at,
        logged_in_at=found.logged_in_at,
        leaves_at=member.leaves_at,
        left_at=found.left_at,
        leave_reason=found.leave_reason,
    )
