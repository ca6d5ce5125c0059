"""The postman over a real SMTP server: every mail leaves, or is there for staff to see (NO-4)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import DEFAULT, AsyncMock

import pytest
from pymongo.errors import AutoReconnect
from structlog.testing import capture_logs

from datasources.mail import Mail, mail_of
from datasources.mongo import Mongo
from domain.outbox import FIRST_PAUSE, PATIENCE, Dispatch, Language, MailKind
from domain.settings import Settings
from resolvers import postman
from resolvers.sources import Sources, open_sources
from tests.api import NOW, Api, Clock, eventually
from tests.messages import VALUES, eventually_stored, message, put, stored
from tests.smtp_server import Received, SmtpProcess, bad_server

Delivering = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture(scope="module")
def smtp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpProcess]:
    process = SmtpProcess(tmp_path_factory.mktemp("smtp"))
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.end()


@pytest.fixture
def received(smtp: SmtpProcess) -> Callable[[], list[Received]]:
    """What the server has taken since the test began."""
    before = len(smtp.received())
    return lambda: smtp.received()[before:]


@pytest.fixture
def delivering(settings: Settings, mongo: Mongo, clock: Clock, smtp: SmtpProcess) -> Delivering:
    """Serves the API with mail going to the server, or where else the settings say."""

    @asynccontextmanager
    async def serving(**changes: Any) -> AsyncIterator[Api]:
        given = {"smtp_url": smtp.url, "mail_from": "no-reply@portal.example"} | changes
        own = Mongo(settings.mongodb_url, database=mongo.name)
        sources = open_sources(replace(settings, **given), own, clock)
        async with Api.serving(sources) as api:
            yield api

    return serving


async def state(sources: Sources, *wanted: str) -> list[dict[str, Any]]:
    """The messages of the outbox in order of their addresses, once these are their states."""
    return await eventually_stored(
        sources, lambda found: [document["state"] for document in found] == list(wanted)
    )


async def tried(sources: Sources, attempts: int) -> dict[str, Any]:
    """The only message, once it was tried so often and put back."""
    (found,) = await eventually_stored(
        sources,
        lambda found: (found[0]["attempts"], found[0]["state"]) == (attempts, "WAITING"),
    )
    return found


async def test_a_mail_leaves_by_smtp_in_both_languages(
    delivering: Delivering, received: Callable[[], list[Received]]
) -> None:
    async with delivering() as api:
        await put(
            api.sources,
            message(MailKind.REGISTRATION_LINK, "a@example.jp"),
            message(MailKind.REGISTRATION_LINK, "b@example.jp", language=Language.EN),
        )
        await state(api.sources, "SENT", "SENT")

    japanese, english = sorted(received(), key=lambda mail: str(mail.recipients))
    assert (japanese.sender, japanese.recipients) == ("no-reply@portal.example", ["a@example.jp"])
    assert japanese.mail["Subject"] == "【みらいサイト】会員登録のお手続き"
    assert english.mail["Subject"] == "[みらいサイト] Continue your registration"
    for mail in (japanese, english):
        assert VALUES["link"] in mail.mail.get_content()
        assert mail.message_id.endswith("@portal.example>")


async def test_what_a_server_refuses_for_good_is_given_up_at_once(
    delivering: Delivering, received: Callable[[], list[Received]]
) -> None:
    async with delivering() as api:
        await put(api.sources, message(to="refused@example.jp"), message(to="spam@example.jp"))
        refused, spam = await state(api.sources, "DEAD", "DEAD")

    assert (refused["error"], refused["attempts"]) == ("SMTPRecipientRefused 550", 1)
    assert (spam["error"], spam["attempts"]) == ("SMTPDataError 554", 1)
    assert received() == []


async def test_what_a_server_refuses_for_now_is_tried_until_patience_ends(
    delivering: Delivering, clock: Clock
) -> None:
    async with delivering() as api:
        await put(api.sources, message(to="later@example.jp"))
        waiting = await tried(api.sources, 1)
        assert waiting["error"] == "SMTPRecipientRefused 451"
        assert NOW + FIRST_PAUSE / 2 <= waiting["nextAt"] <= NOW + FIRST_PAUSE

        clock.now = waiting["nextAt"]
        await tried(api.sources, 2)
        clock.now = NOW + PATIENCE - timedelta(milliseconds=1)
        (dead,) = await state(api.sources, "DEAD")

    assert (dead["error"], dead["attempts"]) == ("SMTPRecipientRefused 451", 3)


async def test_a_mail_that_waited_too_long_is_given_up_and_leaves_when_it_is_sent_again(
    delivering: Delivering, clock: Clock, received: Callable[[], list[Received]]
) -> None:
    async with delivering(smtp_url="") as api:
        await put(api.sources, message())
    clock.advance(days=2)

    async with delivering() as api:
        (dead,) = await state(api.sources, "DEAD")
        assert dead["error"] == "EXPIRED"
        assert received() == []

        assert await api.sources.outbox.resend(dead["_id"])
        await state(api.sources, "SENT")
    assert [mail.message_id for mail in received()] == [dead["messageId"]]


async def test_an_address_that_is_none_is_given_up_and_the_others_leave(
    delivering: Delivering, received: Callable[[], list[Received]]
) -> None:
    bad = [
        "a b@example.jp",
        "b@example.jp\r\nBcc: all@example.jp",
        "c＠example.jp",
        "花子@example.jp",
    ]
    async with delivering() as api:
        await put(api.sources, message(to="a@example.jp"), *(message(to=to) for to in bad))
        documents = await state(api.sources, "DEAD", "SENT", *["DEAD"] * 3)

    assert [document.get("error") for document in documents] == [
        "BAD_ADDRESS",
        None,
        *["BAD_ADDRESS"] * 3,
    ]
    assert [mail.recipients for mail in received()] == [["a@example.jp"]]


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (None, "TimeoutError"),
        (b"421 4.3.2 closing\r\n", "SMTPConnectResponseError 421"),
        (b"554 5.3.2 go away\r\n", "SMTPConnectResponseError 554"),
        (b"", "SMTPConnectError"),
        (b"no smtp at all\r\n" * 100, "SMTPResponseException -1"),
    ],
    ids=["hangs", "421", "554", "closes", "nonsense"],
)
async def test_a_mail_waits_for_a_server_that_does_not_work(
    delivering: Delivering, greeting: bytes | None, reason: str
) -> None:
    async with (
        bad_server(greeting) as (url, came),
        delivering(smtp_url=url, mail_seconds=0.3) as api,
    ):
        await put(api.sources, message())
        waiting = await tried(api.sources, 1)

    assert waiting["error"] == reason
    assert len(came) == 1


async def test_a_mail_waits_for_a_server_that_is_not_there_and_leaves_when_it_is(
    delivering: Delivering, clock: Clock, tmp_path: Path
) -> None:
    later = SmtpProcess(tmp_path)
    later.end()
    async with delivering(smtp_url=later.url) as api:
        await put(api.sources, message())
        await tried(api.sources, 1)
        started = SmtpProcess(tmp_path, later.port)
        try:
            await asyncio.to_thread(started.wait_until_ready)
            clock.advance(seconds=5)
            await state(api.sources, "SENT")
            assert len(started.received()) == 1
        finally:
            started.end()


async def test_a_mail_that_was_cut_off_after_its_content_comes_again_with_the_same_message_id(
    delivering: Delivering, clock: Clock, received: Callable[[], list[Received]]
) -> None:
    async with delivering() as api:
        await put(api.sources, message(to="cut@example.jp"))
        await tried(api.sources, 1)
        clock.advance(seconds=5)
        (sent,) = await state(api.sources, "SENT")

    first, second = received()
    assert first.message_id == second.message_id == sent["messageId"]
    assert first.mail.as_bytes() == second.mail.as_bytes()


async def test_processes_share_the_work_and_none_sends_what_another_has_in_hand(
    delivering: Delivering, received: Callable[[], list[Received]]
) -> None:
    addresses = [f"member{number}@example.jp" for number in range(30)]
    async with delivering() as one, delivering() as other:
        for sources in (one.sources, other.sources):
            await put(sources, *(message(to=to) for to in addresses[:15]))
            addresses = addresses[15:] + addresses[:15]
        await state(one.sources, *["SENT"] * 30)

    assert Counter(mail.recipients[0] for mail in received()) == Counter(addresses)


async def test_a_process_ends_when_the_mails_under_way_are_gone(
    delivering: Delivering, received: Callable[[], list[Received]], mongo: Mongo
) -> None:
    async with delivering() as api:
        await put(api.sources, *(message() for _ in range(60)))
        await eventually(received)

    states = Counter(document["state"] for document in await stored(mongo))
    assert states["SENDING"] == 0
    assert states["SENT"] == len(received())


async def test_a_mail_whose_sending_could_not_be_noted_is_noted_later_and_not_sent_again(
    delivering: Delivering, received: Callable[[], list[Received]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postman, "_RETRY_SECONDS", 0.01)
    async with delivering() as api:
        outbox = api.sources.outbox
        monkeypatch.setattr(
            outbox,
            "sent",
            AsyncMock(wraps=outbox.sent, side_effect=[AutoReconnect()] * 3 + [DEFAULT]),
        )
        await put(api.sources, message())
        await state(api.sources, "SENT")

    assert len(received()) == 1


async def test_a_database_that_does_not_answer_only_delays_mails(
    delivering: Delivering, received: Callable[[], list[Received]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with delivering() as api:
        outbox = api.sources.outbox
        failing = AsyncMock(wraps=outbox.take, side_effect=[AutoReconnect()] * 8 + [DEFAULT] * 999)
        monkeypatch.setattr(outbox, "take", failing)
        await put(api.sources, message())
        await state(api.sources, "SENT")

    assert failing.await_count > 8
    assert len(received()) == 1


async def test_a_mail_that_cannot_be_made_keeps_no_other_back(
    delivering: Delivering, received: Callable[[], list[Received]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = mail_of

    def fails_for_one(dispatch: Dispatch, *rest: Any) -> Mail:
        if dispatch.message.kind is MailKind.EMAIL_TEST:
            raise RuntimeError
        return made(dispatch, *rest)

    monkeypatch.setattr(postman, "mail_of", fails_for_one)
    async with delivering() as api:
        await put(api.sources, message(MailKind.EMAIL_TEST, "a@example.jp"))
        await put(api.sources, message(to="b@example.jp"))
        failed, _ = await eventually_stored(
            api.sources,
            lambda found: (
                [document["state"] for document in found] == ["WAITING", "SENT"]
                and "error" in found[0]
            ),
        )

    assert failed["error"] == "RuntimeError"
    assert [mail.recipients for mail in received()] == [["b@example.jp"]]


async def test_the_log_names_messages_and_neither_addresses_nor_what_they_say(
    delivering: Delivering,
) -> None:
    with capture_logs() as lines:
        async with delivering() as api:
            await put(
                api.sources,
                message(MailKind.REGISTRATION_LINK),
                message(MailKind.REGISTRATION_LINK, "refused@example.jp"),
                message(MailKind.REGISTRATION_LINK, "x@y@example.jp"),
            )
            await state(api.sources, "SENT", "DEAD", "DEAD")

    told = {line["event"] for line in lines if "mail" in line["event"]}
    assert told == {"mail sent", "mail given up"}
    assert "example.jp" not in repr(lines)
    assert "token" not in repr(lines)
