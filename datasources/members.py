"""Members in MongoDB."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict

from pymongo import ReturnDocument

from datasources.mongo import Document, Mongo
from domain.members import Member, MemberProfile, MemberState, login_key


class MemberStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._members = mongo["members"]

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Member]:
        found = await self._mongo.find("members", {"_id": {"$in": list(ids)}})
        return {member["_id"]: _member(member) for member in found}

    async def by_login(self, portal: str, login_id: str) -> tuple[Member, str] | None:
        """Member with the password hash; login IDs differ in more than case."""
        found = await self._members.find_one({"portal": portal, "loginKey": login_key(login_id)})
        return found and (_member(found), found["passwordHash"])

    async def ids_by_login(self, logins: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Member ids by (portal, login key)."""
        choice = [{"portal": portal, "loginKey": key} for portal, key in logins]
        if not choice:
            return {}
        found = await self._members.find({"$or": choice}, {"portal": 1, "loginKey": 1}).to_list(
            None
        )
        return {(member["portal"], member["loginKey"]): member["_id"] for member in found}

    async def put(
        self,
        portal: str,
        login_id: str,
        password_hash: str,
        state: MemberState,
        profile: MemberProfile,
    ) -> str:
        """Make a member, or replace what the one with this login ID has; answers the id."""
        stored = await self._members.find_one_and_update(
            {"portal": portal, "loginKey": login_key(login_id)},
            {
                "$set": {
                    "loginId": login_id,
                    "passwordHash": password_hash,
                    "state": state.value,
                    "profile": asdict(profile),
                },
                "$setOnInsert": {"_id": secrets.token_hex(12)},
            },
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return str(stored["_id"])


def _member(found: Document) -> Member:
    return Member(
        id=found["_id"],
        portal=found["portal"],
        login_id=found["loginId"],
        state=MemberState(found["state"]),
        profile=MemberProfile(**found["profile"]),
    )
