"""What a member is told of by mail because it may have been somebody else."""

from collections.abc import Sequence
from datetime import datetime

from domain.consent_texts import scopes_text
from domain.consents import App, Consent
from domain.members import Member
from domain.outbox import Language, MailKind, Message


def account_locked(member: Member, until: datetime) -> list[Message]:
    return _to(member, MailKind.ACCOUNT_LOCKED, until_at=until.isoformat())


def new_device(member: Member, program: str, at: datetime) -> list[Message]:
    return _to(member, MailKind.NEW_DEVICE, device=program, at=at.isoformat())


def password_changed(member: Member, at: datetime) -> list[Message]:
    return _to(member, MailKind.PASSWORD_CHANGED, at=at.isoformat())


def email_changed(member: Member, new: str, at: datetime) -> list[Message]:
    """To the address that a member had, if there was one, and to the new one (MB-13)."""
    old = member.profile.email
    values = {"old_email": old or "-", "new_email": new, "at": at.isoformat()}
    return [
        Message(MailKind.EMAIL_CHANGED, member.portal, member.id, to, _language(member), values)
        for to in (old, new)
        if to is not None
    ]


def emails_changed(
    member: Member, emails: Sequence[str], concerned: str, at: datetime
) -> list[Message]:
    """To the first address, and to the one that was added or taken away."""
    values = {"emails": ", ".join(emails), "at": at.isoformat()}
    return [
        Message(MailKind.EMAILS_CHANGED, member.portal, member.id, to, _language(member), values)
        for to in dict.fromkeys((emails[0], concerned))
    ]


def recovery_locked(member: Member, until: datetime) -> list[Message]:
    return _to(member, MailKind.RECOVERY_LOCKED, until_at=until.isoformat())


def recovery_changed(member: Member, at: datetime) -> list[Message]:
    return _to(member, MailKind.RECOVERY_CHANGED, at=at.isoformat())


def external_linked(member: Member, provider: str, at: datetime) -> list[Message]:
    return _to(member, MailKind.EXTERNAL_LINKED, provider=provider, at=at.isoformat())


def external_unlinked(member: Member, provider: str, at: datetime) -> list[Message]:
    return _to(member, MailKind.EXTERNAL_UNLINKED, provider=provider, at=at.isoformat())


def consent_given(member: Member, app: App, consent: Consent) -> list[Message]:
    return _to(
        member,
        MailKind.CONSENT_GIVEN,
        app=app.name,
        scopes=scopes_text(consent.scopes, _language(member)),
        facilities=str(len(consent.facilities)),
        until_at=consent.until.isoformat(),
        at=consent.given_at.isoformat(),
    )


def consent_stopped(member: Member, app: App, at: datetime) -> list[Message]:
    return _to(member, MailKind.CONSENT_STOPPED, app=app.name, at=at.isoformat())


def session_theft(member: Member, program: str, at: datetime) -> list[Message]:
    return _to(member, MailKind.SESSION_THEFT, device=program, at=at.isoformat())


def registration_removed(member: Member, at: datetime) -> list[Message]:
    return _to(member, MailKind.REGISTRATION_REMOVED, at=at.isoformat())


def withdrawn(member: Member, ends_at: datetime) -> list[Message]:
    return _to(member, MailKind.WITHDRAWN, ends_at=ends_at.isoformat())


def _to(member: Member, kind: MailKind, **values: str) -> list[Message]:
    """The message, or none to a member without an address."""
    email = member.profile.email
    if email is None:
        return []
    return [Message(kind, member.portal, member.id, email, _language(member), values)]


def _language(member: Member) -> Language:
    return Language(member.language)
