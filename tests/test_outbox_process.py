"""`kenshin serve` killed between storing a message and sending it: the mail still leaves (NO-4)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from datasources.collections import migrate
from datasources.embedded import Addresses
from datasources.mongo import Mongo
from domain.outbox import MailKind
from domain.settings import Settings
from resolvers.sources import Sources, open_sources
from tests.api import eventually, fresh_name
from tests.command_line import CommandLine
from tests.messages import eventually_stored, message, put, stored
from tests.serving import Served
from tests.smtp_server import SmtpProcess, bad_server

_SECONDS = 30.0


@pytest.fixture
async def sources(servers: Addresses) -> AsyncIterator[Sources]:
    """Sources of a database of its own, with a real clock."""
    mongo = Mongo(servers.mongodb_url, database=fresh_name())
    await migrate(mongo)
    settings = Settings(redis_url=servers.redis_url, mail_from="no-reply@portal.example")
    sources = open_sources(settings, mongo)
    yield sources
    await mongo.drop()
    await sources.close()


@dataclass
class Stage:
    """Starts servers, and ends them all at the end."""

    command_line: CommandLine
    folder: Path
    running: list[Callable[[], None]]

    def api(self, smtp_url: str) -> Served:
        """An API process that gives a mail one second, and others two to take it over."""
        served = Served(
            self.command_line,
            self.folder / "api.log",
            KENSHIN_SMTP_URL=smtp_url,
            KENSHIN_MAIL_FROM="no-reply@portal.example",
            KENSHIN_MAIL_SECONDS="1",
        )
        self.running.append(served.kill)
        return served

    def smtp(self) -> SmtpProcess:
        process = SmtpProcess(self.folder)
        self.running.append(process.end)
        process.wait_until_ready()
        return process


@pytest.fixture
def stage(servers: Addresses, sources: Sources, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(CommandLine.on(servers, sources.mongo.name), tmp_path, [])
    yield stage
    for end in stage.running:
        end()


async def test_a_mail_whose_process_was_killed_before_sending_it_leaves_once(
    stage: Stage, sources: Sources
) -> None:
    async with bad_server(None) as (url, came):
        killed = stage.api(url)
        await asyncio.to_thread(killed.wait_until_ready)
        await put(sources, message(MailKind.REGISTRATION_LINK))
        await eventually(lambda: came, _SECONDS)
        killed.kill()
    (document,) = await stored(sources.mongo)
    assert document["state"] in {"SENDING", "WAITING"}

    smtp = await asyncio.to_thread(stage.smtp)
    stage.api(smtp.url)
    await all_sent(sources)

    assert [mail.message_id for mail in smtp.received()] == [document["messageId"]]


async def test_a_mail_whose_process_was_killed_before_noting_it_comes_twice_with_one_message_id(
    stage: Stage, sources: Sources
) -> None:
    smtp = await asyncio.to_thread(stage.smtp)
    killed = stage.api(smtp.url)
    await asyncio.to_thread(killed.wait_until_ready)
    await put(sources, message(to="silent@example.jp"))
    await eventually(smtp.received, _SECONDS)
    killed.kill()

    stage.api(smtp.url)
    await all_sent(sources)

    first, second = smtp.received()
    assert first.message_id == second.message_id
    assert first.mail.as_bytes() == second.mail.as_bytes()


async def all_sent(sources: Sources) -> None:
    await eventually_stored(
        sources, lambda found: {document["state"] for document in found} == {"SENT"}, _SECONDS
    )


async def test_the_link_of_a_registration_leaves_once_though_its_process_was_killed(
    stage: Stage, sources: Sources
) -> None:
    """MB-1: a registration and its mail are written together."""
    async with bad_server(None) as (url, came):
        killed = stage.api(url)
        await asyncio.to_thread(killed.wait_until_ready)
        await start_registration(killed, "hanako@example.jp")
        await eventually(lambda: came, _SECONDS)
        killed.kill()

    smtp = await asyncio.to_thread(stage.smtp)
    stage.api(smtp.url)
    await all_sent(sources)

    (mail,) = smtp.received()
    assert mail.recipients == ["hanako@example.jp"]
    assert "会員登録" in mail.mail["Subject"]
    assert "token=" in mail.mail.get_content()


async def start_registration(api: Served, email: str) -> None:
    query = """mutation Start($input: StartRegistrationInput!) {
      startRegistration(input: $input) { userErrors { code } }
    }"""
    variables = {"input": {"portal": "mirai", "email": email, "language": "JA"}}
    async with httpx.AsyncClient(verify=False) as client:
        answer = await client.post(
            f"{api.url}/graphql", json={"query": query, "variables": variables}, timeout=30
        )
    assert answer.json()["data"] == {"startRegistration": {"userErrors": []}}
