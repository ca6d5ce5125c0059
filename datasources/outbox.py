"""The outbox in MongoDB: messages are written with the change that causes them, and taken by lease.

Whoever takes a message has it until its lease ends; then others may take it, with the same
`Message-ID`. So each is sent at least once, and twice only where somebody died, or lost the database,
between sending it and saying so. What a message says is forgotten once it is sent.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from datasources.mongo import Document, Mongo, Transaction
from domain.outbox import (
    PATIENCE,
    Channel,
    DeadMessage,
    Dispatch,
    InvalidMessage,
    Language,
    MailKind,
    Message,
    MessageState,
    cleaned,
    kinds_of,
)

UNREADABLE: Final = "UNREADABLE"
"Why a message is dead that this version cannot make sense of."


class OutboxStore:
    """Messages of a deployment; all processes share them."""

    def __init__(self, mongo: Mongo, clock: Callable[[], datetime], mail_domain: str) -> None:
        self.added = asyncio.Event()
        "Set when this process added something, whose transaction may not be committed yet."
        self._mongo = mongo
        self._messages = mongo["outbox"]
        self._clock = clock
        self._mail_domain = mail_domain

    async def add(self, messages: Sequence[Message], transaction: Transaction) -> None:
        """Write messages in the transaction of what causes them; they leave once it is committed."""
        if not messages:
            return
        now = self._clock()
        documents = [self._document(message, now) for message in messages]
        await self._messages.insert_many(documents, session=transaction)
        self.added.set()

    async def post(self, messages: Sequence[Message]) -> None:
        """Write messages that go with no other change, all of them or none."""

        async def work(transaction: Transaction) -> None:
            await self.add(messages, transaction)

        if messages:
            await self._mongo.transaction(work)

    async def take(self, channel: Channel, holder: str, lease: timedelta) -> Dispatch | None:
        """The message of a channel that is due longest, for `holder` until the lease ends."""
        while document := await self._take(channel, holder, lease):
            try:
                return _dispatch(document)
            except InvalidMessage:
                await self.give_up(document["_id"], holder, UNREADABLE)
        return None

    async def due(self, channel: Channel) -> int:
        """How many messages of a channel could be taken now."""
        found = self._messages.count_documents(
            {"channel": channel.value, "nextAt": {"$lte": self._clock()}}
        )
        return int(await found)

    async def backlog(self, channel: Channel) -> tuple[int, timedelta]:
        """How many messages of a channel are due, and for how long the first of them has been."""
        now = self._clock()
        due = {"channel": channel.value, "nextAt": {"$lte": now}}
        first = await self._messages.find_one(due, {"nextAt": 1}, sort=[("nextAt", ASCENDING)])
        if first is None:
            return 0, timedelta(0)
        return await self.due(channel), now - first["nextAt"]

    async def sent(self, ids: Sequence[str]) -> None:
        """These have left the house, whoever has them in hand now."""
        await self._messages.update_many(
            {"_id": {"$in": list(ids)}, "nextAt": {"$exists": True}},
            {
                "$set": {"state": MessageState.SENT.value, "sentAt": self._clock()},
                "$unset": {"values": "", "nextAt": "", "holder": "", "error": ""},
            },
        )

    async def postpone(self, message: str, holder: str, pause: timedelta, error: str) -> None:
        """Put back a message that could not be sent, for a later attempt."""
        waiting = {"state": MessageState.WAITING.value, "nextAt": self._clock() + pause}
        await self._messages.update_one(
            {"_id": message, "holder": holder},
            {"$set": waiting | {"error": error}, "$unset": {"holder": ""}},
        )

    async def give_up(self, message: str, holder: str, error: str) -> None:
        """No further attempt at a message."""
        dead = {"state": MessageState.DEAD.value, "deadAt": self._clock(), "error": error}
        await self._messages.update_one(
            {"_id": message, "holder": holder},
            {"$set": dead, "$unset": {"nextAt": "", "holder": ""}},
        )

    async def dead(self, limit: int, portals: Collection[str] | None = None) -> list[DeadMessage]:
        """What was given up, the newest first; of these portals, if they are named."""
        choice: Document = {"state": MessageState.DEAD.value}
        if portals is not None:
            choice["portal"] = {"$in": sorted(portals)}
        found = self._messages.find(
            choice, {"to": 0, "values": 0}, sort=[("deadAt", DESCENDING)], limit=limit
        )
        return [_dead(document) for document in await found.to_list(None)]

    async def dead_message(self, message: str) -> DeadMessage | None:
        """A message that was given up."""
        found = await self._messages.find_one(
            {"_id": message, "state": MessageState.DEAD.value}, {"to": 0, "values": 0}
        )
        return None if found is None else _dead(found)

    async def resend(self, message: str, transaction: Transaction | None = None) -> bool:
        """Let a message that was given up wait once more; False: no such message is dead."""
        now = self._clock()
        waiting = {"state": MessageState.WAITING.value, "nextAt": now, "giveUpAt": now + PATIENCE}
        found = await self._messages.update_one(
            {"_id": message, "state": MessageState.DEAD.value},
            {"$set": waiting | {"attempts": 0}, "$unset": {"deadAt": "", "error": ""}},
            session=transaction,
        )
        return bool(found.modified_count)

    async def _take(self, channel: Channel, holder: str, lease: timedelta) -> Document | None:
        now = self._clock()
        found: Document | None = await self._messages.find_one_and_update(
            {
                "channel": channel.value,
                "nextAt": {"$lte": now},
                "kind": {"$in": [kind.value for kind in kinds_of(channel)]},
            },
            {
                "$set": {
                    "state": MessageState.SENDING.value,
                    "holder": holder,
                    "nextAt": now + lease,
                },
                "$inc": {"attempts": 1},
            },
            sort=[("nextAt", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return found

    def _document(self, message: Message, now: datetime) -> Document:
        key = secrets.token_hex(12)
        return {
            "_id": key,
            "messageId": f"<{key}@{self._mail_domain}>",
            "kind": message.kind.value,
            "channel": message.kind.channel.value,
            "portal": message.portal,
            "member": message.member,
            "to": cleaned(message.to),
            "language": message.language.value,
            "values": {name: cleaned(value) for name, value in message.values.items()},
            "state": MessageState.WAITING.value,
            "attempts": 0,
            "createdAt": now,
            "nextAt": now,
            "giveUpAt": now + PATIENCE,
        }


def _dispatch(document: Document) -> Dispatch:
    """Raises InvalidMessage."""
    try:
        language = Language(document["language"])
    except ValueError:
        raise InvalidMessage("unknown language") from None
    return Dispatch(
        id=document["_id"],
        message_id=document["messageId"],
        message=Message(
            kind=MailKind(document["kind"]),
            portal=document["portal"],
            member=document["member"],
            to=document["to"],
            language=language,
            values=document["values"],
        ),
        attempt=document["attempts"],
        created_at=document["createdAt"],
        give_up_at=document["giveUpAt"],
    )


def _dead(document: Document) -> DeadMessage:
    return DeadMessage(
        id=document["_id"],
        kind=document["kind"],
        portal=document["portal"],
        member=document["member"],
        channel=document["channel"],
        attempts=document["attempts"],
        created_at=document["createdAt"],
        dead_at=document["deadAt"],
        reason=document["error"],
    )
