"""`kenshin outbox` and `kenshin letters`: what staff do with messages on the command line (NO-4)."""

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from datasources.embedded import Addresses
from domain.outbox import Channel, MailKind, Message
from tests.api import Api
from tests.command_line import Answer, CommandLine
from tests.messages import message, put, stored

LEASE = timedelta(seconds=60)


@pytest.fixture
def command_line(servers: Addresses, api: Api) -> CommandLine:
    """Commands on the database of the served API."""
    return CommandLine.on(servers, api.sources.mongo.name)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def put_due(api: Api, *messages: Message) -> None:
    """Store messages that are due by the clock of a process, which is behind that of the tests."""
    await put(api.sources, *messages)
    now = datetime.now(UTC)
    await api.sources.mongo["outbox"].update_many({}, {"$set": {"nextAt": now}})


async def given_up(api: Api, kind: MailKind) -> str:
    """Id of a message that was given up."""
    await put(api.sources, message(kind))
    dispatch = await api.sources.outbox.take(Channel.MAIL, "me", LEASE)
    assert dispatch
    await api.sources.outbox.give_up(dispatch.id, "me", "SMTPRecipientRefused 550")
    return dispatch.id


async def test_what_was_given_up_is_listed_and_can_be_sent_again(
    api: Api, command_line: CommandLine
) -> None:
    assert command_line.run("outbox", "list") == Answer(0, "Nothing was given up.\n", "")
    dead = await given_up(api, MailKind.ACCOUNT_LOCKED)

    listed = command_line.run("outbox", "list")

    assert (listed.code, listed.err) == (0, "")
    assert re.fullmatch(
        rf"{dead}  2040-06-15 12:10  ACCOUNT_LOCKED +  mirai +  a{{24}}  1  SMTPRecipientRefused 550\n",
        listed.out,
    )
    assert command_line.run("outbox", "resend", dead) == Answer(0, f"{dead} waits again.\n", "")
    assert [document["state"] for document in await stored(api.sources.mongo)] == ["WAITING"]
    (entry,) = await api.sources.audit.changes_of("a" * 24, 10)
    assert (entry.record.act, entry.record.subject) == ("MESSAGE_RESENT", dead)
    again = command_line.run("outbox", "resend", dead)
    assert again == Answer(1, "", f"Error: nothing that was given up has the id {dead}.\n")


async def test_letters_are_printed_into_a_folder_and_once(
    api: Api, command_line: CommandLine, tmp_path: Path
) -> None:
    await put_due(api, message(MailKind.POSTCARD_CODE), message(MailKind.ACCOUNT_POSTCARD))
    out = tmp_path / "print"

    answer = command_line.run("letters", "--out", out)

    assert (answer.code, answer.err) == (0, "")
    table, pdf = files(out)
    assert (table.suffix, pdf.suffix) == (".csv", ".pdf")
    assert answer.out == f"2 letters: {pdf} and {table.name}\n"
    assert len(list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))) == 2
    again = command_line.run("letters", "--out", out)
    assert again == Answer(0, "No letter waits.\n", "")


async def test_letters_that_cannot_be_printed_are_told_of(
    api: Api, command_line: CommandLine, tmp_path: Path
) -> None:
    unprintable = message(MailKind.POSTCARD_CODE, code="👪")
    await put_due(api, unprintable, message(MailKind.POSTCARD_CODE))

    answer = command_line.run("letters", "--out", tmp_path)

    table, pdf = files(tmp_path)
    printed = f"1 letter: {pdf} and {table.name}\n"
    given_up = "Cannot be printed: 1; see `kenshin outbox list`.\n"
    assert answer == Answer(0, printed + given_up, "")


async def test_a_folder_that_cannot_be_written_is_one_line(
    api: Api, command_line: CommandLine, tmp_path: Path
) -> None:
    await put_due(api, message(MailKind.POSTCARD_CODE))
    file = tmp_path / "file"
    file.touch()

    answer = command_line.run("letters", "--out", file / "out")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Error: cannot write the letters: ")
    assert len(answer.err.splitlines()) == 1
