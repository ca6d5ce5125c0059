"""Messages for tests, one of each kind."""

import asyncio
from collections.abc import Callable
from typing import Any

from datasources.mongo import Mongo
from domain.outbox import Channel, Language, MailKind, Message, PostalAddress, postal_address
from resolvers.sources import Sources

AT = "2040-06-15T03:10:00+00:00"
VALUES = {
    "at": AT,
    "until_at": AT,
    "ends_at": AT,
    "link": "https://portal.example/register?token=abc&x=1",
    "device": "Firefox, Windows",
    "provider": "かぜID",
    "app": "おうち電気メーター",
    "scopes": "30分ごとのご使用量と検針結果",
    "facilities": "3",
    "code": "4821-9930",
    "login_id": "W1234567",
    "login_ids": "W1234567, W7654321",
    "password": "initial-7x",
    "old_email": "old@example.jp",
    "new_email": "hanako@example.jp",
    "emails": "hanako@example.jp, taro@example.jp",
    "document": "会員規約",
    "version": "2040-04",
    "starts_at": AT,
    "deemed_at": AT,
    "facility": "灯台下 3-1",
    "from_on": "2040-05-10",
    "last_on": "2040-06-09",
    "due_on": "2040-07-06",
    "read_on": "2040-06-08",
    "amount_yen": "12,345",
    "usage": "312.4 kWh",
    "number": "G-2040-05",
    "bills": "12",
}
HOME = postal_address(
    PostalAddress(
        "060-0001", ("北海道札幌市中央区北一条西2丁目", "時計台マンション 305"), "検針 花子"
    )
)


def message(
    kind: MailKind = MailKind.PASSWORD_CHANGED,
    to: str | None = None,
    *,
    portal: str = "mirai",
    language: Language = Language.JA,
    **values: str,
) -> Message:
    """A message of a kind, to somebody unless told otherwise."""
    somewhere = HOME if kind.channel is Channel.LETTER else "hanako@example.jp"
    needed = {name: VALUES[name] for name in kind.needs}
    return Message(kind, portal, "a" * 24, to or somewhere, language, needed | values)


async def put(sources: Sources, *messages: Message) -> None:
    """Store messages in a transaction of their own."""

    async def work(transaction: Any) -> None:
        await sources.outbox.add(messages, transaction)

    await sources.mongo.transaction(work)


async def eventually_stored(
    sources: Sources, wanted: Callable[[list[dict[str, Any]]], object], seconds: float = 10.0
) -> list[dict[str, Any]]:
    """The outbox in the order of its addresses, once it is as wanted; fails after the limit."""
    async with asyncio.timeout(seconds):
        while True:
            found = sorted(await stored(sources.mongo), key=lambda document: str(document["to"]))
            if wanted(found):
                return found
            await asyncio.sleep(0.01)


async def stored(mongo: Mongo) -> list[dict[str, Any]]:
    """The outbox as it is."""
    return await mongo.find("outbox", {})
