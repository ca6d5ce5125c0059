"""The check of all log lines finds what it must find: each way to log, each kind of secret."""

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from domain.facilities import Address
from domain.members import MemberProfile
from domain.outbox import Language, MailKind, Message
from resolvers.passwords import PASSWORDS
from tests.api import Api
from tests.log_check import LogCheck, is_distinctive, listening
from tests.logging_in import log_in
from tests.world import PASSWORD, World

_SECRET = "Tulip-field-88"


def found(check: LogCheck) -> bool:
    """Whether the one secret is among what leaked."""
    return any(_SECRET in leak for leak in check.leaks())


def to_structlog() -> None:
    structlog.get_logger().bind(who="x").warning("hello", password=_SECRET)


def to_structlog_as_context() -> None:
    structlog.get_logger().bind(password=_SECRET).info("hello")


def while_a_test_captures() -> None:
    with structlog.testing.capture_logs():
        structlog.get_logger().info(f"hello {_SECRET}")


def to_logging() -> None:
    logging.getLogger("pymongo").warning("hello %s", _SECRET)


def in_a_traceback() -> None:
    try:
        raise ValueError(_SECRET)
    except ValueError:
        structlog.get_logger().exception("it failed")


def in_a_traceback_of_logging() -> None:
    try:
        raise ValueError(_SECRET)
    except ValueError:
        logging.getLogger("asyncio").exception("it failed")


@pytest.mark.parametrize(
    "leak",
    [
        to_structlog,
        to_structlog_as_context,
        while_a_test_captures,
        to_logging,
        in_a_traceback,
        in_a_traceback_of_logging,
    ],
    ids=lambda leak: leak.__name__,
)
def test_every_way_to_log_is_heard(leak: Callable[[], None]) -> None:
    with listening(LogCheck()) as check:
        leak()
    assert not found(check)
    check.note_secret(_SECRET)
    assert found(check)


def test_what_other_processes_log_is_read(tmp_path: Path) -> None:
    program = [sys.executable, "-c", f"import sys; print({_SECRET!r}, file=sys.stderr)"]
    for to_a_file in (True, False):
        with listening(LogCheck()) as check, (tmp_path / "log").open("wb") as log:
            check.note_secret(_SECRET)
            if to_a_file:
                subprocess.Popen(program, stderr=log).wait()
            else:
                subprocess.run(program, capture_output=True, check=True)
        assert found(check), to_a_file


@pytest.mark.parametrize(
    "line",
    [
        "sent to hanako@example.jp",
        "smtp://user:pass@[::1]:25 does not answer",
        "hash=$argon2id$v=19$m=19456",
        "Authorization: Bearer abcdefgh12",
        f"token={'a' * 43}",
        "id_token eyJhbGciOiJS.eyJzdWIiOiIx.c2ln",
    ],
)
def test_what_looks_like_a_secret_is_found_though_nobody_has_seen_it_made(line: str) -> None:
    check = LogCheck()
    check.note_line(line)
    assert len(check.leaks()) == 1


@pytest.mark.parametrize(
    ("text", "distinctive"),
    [
        ("password", False),
        ("12345", False),
        ("123456", True),
        ("horse1", True),
        ("correct horse battery", True),
        ("海", False),
        ("海辺", True),
    ],
)
def test_everyday_words_are_not_looked_for(text: str, distinctive: bool) -> None:
    assert is_distinctive(text) is distinctive
    check = LogCheck()
    check.note_secret(text)
    check.note_line(f"the {text} of it, x{text}x")
    assert bool(check.leaks()) is distinctive


def test_what_a_command_was_told_it_may_say_again() -> None:
    program = [sys.executable, "-c", "import sys; sys.exit('no member ' + sys.argv[1])", _SECRET]
    with listening(LogCheck()) as check:
        check.note_secret(_SECRET)
        subprocess.run(program, capture_output=True, check=False)
    assert check.lines == {"no member ..."}


async def test_secrets_are_learned_wherever_they_are_made() -> None:
    with listening(LogCheck()) as check:
        await PASSWORDS.matches(None, "wrong horse 1")
        await PASSWORDS.hash("海辺の家")
        MemberProfile("検針 花子", "ケンシン ハナコ", "hanako@example.jp", "03-1234-5678")
        Address("160-0022", "東京都", "新宿区新宿", "3番8号", None)
        values = {"link": "https://portal.example/#t0ken", "ends_at": "2040-06-15T12:10:00+09:00"}
        Message(MailKind.REGISTRATION_LINK, "mirai", None, "t@example.jp", Language.JA, values)
    assert check.secrets == {
        "wrong horse 1",
        "海辺の家",
        "検針 花子",
        "ケンシン ハナコ",
        "hanako@example.jp",
        "03-1234-5678",
        "新宿区新宿3番8号",
        "3番8号",
        "https://portal.example/#t0ken",
    }


async def test_a_log_in_is_heard_with_its_secrets_and_tells_none(api: Api, world: World) -> None:
    with listening(LogCheck()) as check:
        session = (await log_in(api))["session"]
        await log_in(api, password="wrong horse 1")
    tokens = {session["accessToken"], *session["refreshToken"].split(".")}
    assert check.secrets >= {PASSWORD, "wrong horse 1", *tokens}
    assert sum("path" in line for line in check.lines) == 2
    assert check.leaks() == []
