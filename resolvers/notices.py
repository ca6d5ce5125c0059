"""What a member is told of by mail because it may have been somebody else."""

from datetime import datetime

from domain.members import Member
from domain.outbox import Language, MailKind, Message


def account_locked(member: Member, until: datetime) -> list[Message]:
    return _to(member, MailKind.ACCOUNT_LOCKED, until_at=until.isoformat())


def new_device(member: Member, program: str, at: datetime) -> list[Message]:
    return _to(member, MailKind.NEW_DEVICE, device=program, at=at.isoformat())


def password_changed(member: Member, at: datetime) -> list[Message]:
    return _to(member, MailKind.PASSWORD_CHANGED, at=at.isoformat())


def session_theft(member: Member, program: str, at: datetime) -> list[Message]:
    return _to(member, MailKind.SESSION_THEFT, device=program, at=at.isoformat())


def withdrawn(member: Member, ends_at: datetime) -> list[Message]:
    return _to(member, MailKind.WITHDRAWN, ends_at=ends_at.isoformat())


def _to(member: Member, kind: MailKind, **values: str) -> list[Message]:
    """The message, or none to a member without an address."""
    email = member.profile.email
    if email is None:
        return []
    return [Message(kind, member.portal, member.id, email, Language(member.language), values)]
