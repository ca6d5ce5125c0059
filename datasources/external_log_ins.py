"""Outside accounts that are linked to members, kept in their documents: one of each provider.

Of an account only a hash is kept, which an index makes unique in its portal. Who leaves loses them with
the member's other data (`datasources.members`).
"""

import secrets
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from datasources.memberships import STILL_MEMBER
from datasources.mongo import Document, Mongo, Transaction
from datasources.tokens import token_hash
from domain.external_log_in import ExternalLogIn, OutsideAccount


class AccountTaken(Exception):
    """Another member of the portal has this outside account."""


class ExternalLogInStore:
    def __init__(self, mongo: Mongo) -> None:
        self._members = mongo["members"]

    async def add(
        self,
        member: str,
        provider: str,
        account: OutsideAccount,
        now: datetime,
        transaction: Transaction,
    ) -> ExternalLogIn | None:
        """Link an account; None if the member has one of this provider, or has left.

        Raises AccountTaken, and then the transaction is undone.
        """
        link = {
            "id": secrets.token_hex(12),
            "provider": provider,
            "account": _key(account),
            "linkedAt": now,
            "usedAt": None,
        }
        try:
            found = await self._members.update_one(
                {
                    "_id": member,
                    **STILL_MEMBER,
                    "externalLogIns.provider": {"$ne": provider},
                },
                {"$push": {"externalLogIns": link}},
                session=transaction,
            )
        except DuplicateKeyError:
            raise AccountTaken from None
        return _log_in(member, link) if found.modified_count else None

    async def find(self, portal: str, account: OutsideAccount) -> ExternalLogIn | None:
        """The link of an account in a portal."""
        key = _key(account)
        found = await self._members.find_one(
            {"portal": portal, "externalLogIns.account": key}, {"externalLogIns": 1}
        )
        if found is None:
            return None
        (link,) = [each for each in found["externalLogIns"] if each["account"] == key]
        return _log_in(found["_id"], link)

    async def of_member(self, member: str) -> list[ExternalLogIn]:
        """Links of a member, the oldest first."""
        found = await self._members.find_one({"_id": member}, {"externalLogIns": 1})
        links = found.get("externalLogIns", []) if found else []
        return [_log_in(member, link) for link in links]

    async def note_use(
        self, link: ExternalLogIn, now: datetime, transaction: Transaction | None
    ) -> bool:
        """Note a log-in; False if the link is no longer there."""
        found = await self._members.update_one(
            {"_id": link.member, "externalLogIns.id": link.id},
            {"$set": {"externalLogIns.$.usedAt": now}},
            session=transaction,
        )
        return bool(found.matched_count)

    async def remove(self, member: str, link: str, transaction: Transaction) -> bool:
        """Unlink an account; False if the member has none with this id."""
        found = await self._members.update_one(
            {"_id": member}, {"$pull": {"externalLogIns": {"id": link}}}, session=transaction
        )
        return bool(found.modified_count)


def _key(account: OutsideAccount) -> bytes:
    return token_hash(f"{account.issuer}\0{account.subject}")


def _log_in(member: str, link: Document) -> ExternalLogIn:
    return ExternalLogIn(link["id"], member, link["provider"], link["linkedAt"], link["usedAt"])
