"""What goes to somebody who becomes a member: mails to the address, letters to that of the contract."""

from datetime import datetime

from domain.members import Member
from domain.outbox import Language, MailKind, Message, PostalAddress, postal_address
from domain.policy import LoginIdSource, PostcardSecret
from domain.portal import Portal
from domain.supply import SupplyContract


def mails(portal: Portal, member: Member) -> list[Message]:
    """That the registration is complete; with the login ID where it is told by mail (MB-3)."""
    email = member.profile.email
    if email is None:
        return []
    kind, values = MailKind.REGISTERED, dict[str, str]()
    if portal.login_id.source is LoginIdSource.ISSUED_BY_MAIL:
        kind, values = MailKind.LOGIN_ID, {"login_id": member.login_id}
    return [Message(kind, portal.key, member.id, email, Language(member.language), values)]


def code_letter(member: Member, contract: SupplyContract, code: str, ends_at: datetime) -> Message:
    """A postcard with a code (MB-8)."""
    values = {"code": code, "ends_at": ends_at.isoformat()}
    return _letter(MailKind.POSTCARD_CODE, member, contract, values)


def first_letter(
    secret: PostcardSecret,
    member: Member,
    contract: SupplyContract,
    password: str,
    ends_at: datetime,
) -> Message:
    """A postcard with the first password, and where the policy wants it with the login ID (MB-7)."""
    values = {"password": password, "ends_at": ends_at.isoformat()}
    if secret is PostcardSecret.LOGIN_ID_AND_PASSWORD:
        values["login_id"] = member.login_id
        return _letter(MailKind.ACCOUNT_POSTCARD, member, contract, values)
    return _letter(MailKind.FIRST_PASSWORD, member, contract, values)


def _letter(
    kind: MailKind, member: Member, contract: SupplyContract, values: dict[str, str]
) -> Message:
    address = contract.address
    first = f"{address.prefecture}{address.city}{address.line1}"
    lines = (first, address.line2) if address.line2 else (first,)
    to = postal_address(PostalAddress(address.postal_code, lines, contract.name))
    return Message(kind, member.portal, member.id, to, Language(member.language), values)
