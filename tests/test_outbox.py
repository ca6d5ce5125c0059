"""The outbox in MongoDB, over both drivers: nothing is lost, nothing is taken by two (NO-4)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from datasources.outbox import OutboxStore
from domain.outbox import PATIENCE, Channel, MailKind
from resolvers.sources import Sources
from tests.api import NOW, Clock
from tests.drivers import over_both_drivers
from tests.messages import message, put, stored

LEASE = timedelta(seconds=60)
PAUSE = timedelta(seconds=5)

pytestmark = over_both_drivers


@pytest.fixture
def outbox(sources: Sources) -> OutboxStore:
    return sources.outbox


async def test_what_a_transaction_adds_is_there_once_it_is_committed(
    sources: Sources, outbox: OutboxStore
) -> None:
    async def work(transaction: Any) -> None:
        await outbox.add([message(), message(MailKind.EMAIL_TEST)], transaction)
        assert await outbox.take(Channel.MAIL, "me", LEASE) is None

    await sources.mongo.transaction(work)

    taken = [await outbox.take(Channel.MAIL, "me", LEASE) for _ in range(3)]
    assert [dispatch and dispatch.message for dispatch in taken] == [
        message(),
        message(MailKind.EMAIL_TEST),
        None,
    ]


async def test_what_an_aborted_transaction_added_never_was(
    sources: Sources, outbox: OutboxStore
) -> None:
    async def work(transaction: Any) -> None:
        await outbox.add([message()], transaction)
        raise LookupError

    with pytest.raises(LookupError):
        await sources.mongo.transaction(work)

    assert await stored(sources.mongo) == []


async def test_no_message_is_no_write(sources: Sources, outbox: OutboxStore) -> None:
    await put(sources)

    assert await stored(sources.mongo) == []
    assert not outbox.added.is_set()


async def test_every_message_is_taken_by_one_of_many(sources: Sources, outbox: OutboxStore) -> None:
    await put(sources, *(message() for _ in range(20)))

    taken = await asyncio.gather(
        *(outbox.take(Channel.MAIL, f"holder {index}", LEASE) for index in range(30))
    )

    ids = [dispatch.id for dispatch in taken if dispatch]
    assert len(ids) == len(set(ids)) == 20


async def test_a_message_is_taken_again_with_the_same_message_id_when_its_lease_is_over(
    sources: Sources, outbox: OutboxStore, clock: Clock
) -> None:
    await put(sources, message())
    first = await outbox.take(Channel.MAIL, "killed", LEASE)

    clock.now = NOW + LEASE - timedelta(milliseconds=1)
    assert await outbox.take(Channel.MAIL, "other", LEASE) is None
    clock.now = NOW + LEASE
    second = await outbox.take(Channel.MAIL, "other", LEASE)

    assert first
    assert second
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.message_id == second.message_id == f"<{first.id}@localhost>"


async def test_who_lost_the_lease_can_neither_postpone_nor_give_up(
    sources: Sources, outbox: OutboxStore, clock: Clock
) -> None:
    await put(sources, message())
    late = await outbox.take(Channel.MAIL, "late", LEASE)
    clock.advance(seconds=60)
    await outbox.take(Channel.MAIL, "other", LEASE)
    (before,) = await stored(sources.mongo)

    assert late
    await outbox.postpone(late.id, "late", PAUSE, "SLOW")
    await outbox.give_up(late.id, "late", "SLOW")

    assert await stored(sources.mongo) == [before]


async def test_a_sent_message_forgets_what_it_said_and_stays_sent(
    sources: Sources, outbox: OutboxStore, clock: Clock
) -> None:
    await put(sources, message(MailKind.REGISTRATION_LINK))
    dispatch = await outbox.take(Channel.MAIL, "me", LEASE)
    assert dispatch

    await outbox.sent([dispatch.id])
    clock.advance(days=1)
    await outbox.sent([dispatch.id])
    await outbox.postpone(dispatch.id, "me", PAUSE, "LATE")

    (document,) = await stored(sources.mongo)
    assert (document["state"], document["sentAt"]) == ("SENT", NOW)
    assert not document.keys() & {"values", "nextAt", "holder", "error"}
    assert await outbox.take(Channel.MAIL, "me", LEASE) is None
    assert not await outbox.resend(dispatch.id)


async def test_a_postponed_message_waits_for_its_time(
    sources: Sources, outbox: OutboxStore, clock: Clock
) -> None:
    await put(sources, message())
    first = await outbox.take(Channel.MAIL, "me", LEASE)
    assert first
    await outbox.postpone(first.id, "me", PAUSE, "SMTPDataError 451")

    assert await outbox.take(Channel.MAIL, "me", LEASE) is None
    clock.now = NOW + PAUSE
    second = await outbox.take(Channel.MAIL, "me", LEASE)

    assert second
    assert (second.id, second.attempt) == (first.id, 2)


async def test_what_was_given_up_is_listed_without_its_address_and_can_be_sent_again(
    sources: Sources, outbox: OutboxStore, clock: Clock
) -> None:
    await put(sources, message(MailKind.ACCOUNT_LOCKED), message())
    for minutes in (1, 2):
        clock.now = NOW + timedelta(minutes=minutes)
        dispatch = await outbox.take(Channel.MAIL, "me", LEASE)
        assert dispatch
        await outbox.give_up(dispatch.id, "me", "SMTPRecipientRefused 550")

    newest, oldest = await outbox.dead(10)
    assert await outbox.dead(1) == [newest]
    assert (oldest.kind, oldest.attempts, oldest.reason) == (
        "ACCOUNT_LOCKED",
        1,
        "SMTPRecipientRefused 550",
    )
    assert oldest.dead_at == NOW + timedelta(minutes=1)
    assert "example.jp" not in repr(oldest)
    assert await outbox.take(Channel.MAIL, "me", LEASE) is None

    clock.advance(days=30)
    assert await outbox.resend(oldest.id)
    assert not await outbox.resend(oldest.id)
    again = await outbox.take(Channel.MAIL, "me", LEASE)
    assert again
    assert (again.id, again.attempt, again.message) == (
        oldest.id,
        1,
        message(MailKind.ACCOUNT_LOCKED),
    )
    assert again.give_up_at == clock.now + PATIENCE
    assert await outbox.dead(10) == [newest]


async def test_letters_and_mails_are_taken_apart(sources: Sources, outbox: OutboxStore) -> None:
    await put(sources, message(MailKind.POSTCARD_CODE))

    assert await outbox.take(Channel.MAIL, "me", LEASE) is None
    letter = await outbox.take(Channel.LETTER, "me", LEASE)
    assert letter
    assert letter.message == message(MailKind.POSTCARD_CODE)


async def test_a_kind_that_only_another_version_knows_is_left_for_it(
    sources: Sources, outbox: OutboxStore
) -> None:
    await put(sources, message())
    await sources.mongo["outbox"].update_one({}, {"$set": {"kind": "POINTS_LAPSE"}})

    assert await outbox.take(Channel.MAIL, "me", LEASE) is None
    assert [document["state"] for document in await stored(sources.mongo)] == ["WAITING"]


@pytest.mark.parametrize("spoilt", [{"values": {}}, {"language": "tlh"}])
async def test_a_message_that_makes_no_sense_is_given_up_and_the_next_one_taken(
    sources: Sources, outbox: OutboxStore, clock: Clock, spoilt: dict[str, Any]
) -> None:
    await put(sources, message())
    await sources.mongo["outbox"].update_one({}, {"$set": spoilt})
    clock.advance(seconds=1)
    await put(sources, message(MailKind.EMAIL_TEST))

    dispatch = await outbox.take(Channel.MAIL, "me", LEASE)

    assert dispatch
    assert dispatch.message.kind is MailKind.EMAIL_TEST
    assert [dead.reason for dead in await outbox.dead(10)] == ["UNREADABLE"]


async def test_what_no_database_can_hold_is_stored_as_a_question_mark(
    sources: Sources, outbox: OutboxStore
) -> None:
    await put(sources, message(MailKind.NEW_DEVICE, to="a\udc00@example.jp", device="x\ud800"))

    dispatch = await outbox.take(Channel.MAIL, "me", LEASE)

    assert dispatch
    assert (dispatch.message.to, dispatch.message.values["device"]) == ("a?@example.jp", "x?")


async def test_looking_for_due_messages_reads_no_sent_ones(
    sources: Sources, outbox: OutboxStore
) -> None:
    await put(sources, *(message() for _ in range(20)))
    ids = [document["_id"] for document in await stored(sources.mongo)]
    await outbox.sent(ids[:19])

    plan = await sources.mongo.database.command(
        {
            "explain": {
                "find": "outbox",
                "filter": {"channel": "MAIL", "nextAt": {"$lte": NOW}},
                "sort": {"nextAt": 1},
            },
            "verbosity": "executionStats",
        }
    )

    assert plan["executionStats"]["totalDocsExamined"] == 1
