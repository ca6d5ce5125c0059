"""Secret answers and identity keywords: kept as hashes, in the documents of their members (MB-11)."""

from collections.abc import Mapping
from typing import Any

from datasources.memberships import STILL_MEMBER
from datasources.mongo import Document, Mongo, Transaction
from domain.members import RecoveryAnswer


class RecoveryAnswerStore:
    def __init__(self, mongo: Mongo) -> None:
        self._members = mongo["members"]

    async def put(self, member: str, answer: RecoveryAnswer, transaction: Transaction) -> bool:
        """Let this be the member's answer, in place of an older one; False if the member has left."""
        found = await self._members.update_one(
            {"_id": member, **STILL_MEMBER},
            {"$set": answer_fields(answer)},
            session=transaction,
        )
        return bool(found.matched_count)


def answer_fields(answer: RecoveryAnswer | None) -> Document:
    """What the document of a member has of its answer."""
    if answer is None:
        return {}
    return {"recovery": {"question": answer.question, "answerHash": answer.answer_hash}}


def stored_answer(member: Mapping[str, Any]) -> RecoveryAnswer | None:
    """The answer in the document of a member."""
    found = member.get("recovery")
    return None if found is None else RecoveryAnswer(found["question"], found["answerHash"])
