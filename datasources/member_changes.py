"""What members change of themselves: addresses, profile, which mails they want (MB-12 to MB-14).

Each write is part of a transaction that has read the member before: two changes at once are done one
after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from pymongo.errors import DuplicateKeyError

from datasources.members import EmailTaken, email_keys
from datasources.mongo import Document, Mongo, Transaction
from domain.members import Member, login_key


class MemberChanges:
    def __init__(self, mongo: Mongo) -> None:
        self._members = mongo["members"]

    async def set_emails(
        self,
        member: str,
        emails: Sequence[str],
        transaction: Transaction,
        *,
        one_member_each: bool,
        first_is_login_id: bool,
    ) -> None:
        """Replace all addresses, at least one; raises EmailTaken, which undoes the transaction."""
        first, *more = emails
        changes: Document = {
            "profile.email": first,
            "moreEmails": more,
            **email_keys(emails, one_member_each=one_member_each),
        }
        if first_is_login_id:
            changes |= {"loginId": first, "loginKey": login_key(first)}
        try:
            await self._members.update_one({"_id": member}, {"$set": changes}, session=transaction)
        except DuplicateKeyError:
            raise EmailTaken from None

    async def set_profile(self, member: Member, transaction: Transaction) -> None:
        """Replace the profile and the values of the portal's form."""
        changes = {"profile": asdict(member.profile), "fields": dict(member.fields)}
        await self._members.update_one({"_id": member.id}, {"$set": changes}, session=transaction)

    async def set_mail_topics(
        self, member: str, wanted: Mapping[str, bool], transaction: Transaction
    ) -> None:
        """Switch mails of some topics on or off; others stay as they are."""
        if not wanted:
            return
        changes = {f"mailTopics.{topic}": is_wanted for topic, is_wanted in wanted.items()}
        await self._members.update_one({"_id": member}, {"$set": changes}, session=transaction)
