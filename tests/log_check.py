"""All that a test run logs, in this process and in those that it starts, searched for secrets.

Heard are the calls of loggers, however they are set up, and the files and pipes where other processes
write, the databases among them. What is secret is learned on the way: every token that is made, every
password, keyword, answer and code that is hashed or compared, what mails and letters say and where they
go, every profile. That may be known only after it was logged, so the search is at the end, in each
worker for itself.
"""

import logging
import re
import secrets
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
import structlog

from domain.facilities import Address
from domain.members import MemberProfile
from domain.outbox import Message
from resolvers.passwords import Passwords

_PATTERNS: Final = {
    "an e-mail address": ("@", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    "a password in a URL": ("@", re.compile(r"\w://[^/\s@]*:[^/\s@]+@")),
    "a hash of a password": ("", re.compile(r"\$argon2")),
    "an authorization": ("", re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/-]{8,}")),
    "a token": ("", re.compile(r"(?<![\w-])[\w-]{43}(?![\w=-])")),
    "a JSON web token": ("eyJ", re.compile(r"\beyJ[\w-]+\.[\w-]+\.")),
}
"With what a line must have to be worth a search: megabytes are searched."
_TOLD: Final = frozenset({"at", "device", "document", "provider", "version"})
"Values of messages that are no secret; instants are none either."
_OF_TESTS: Final = ("httpx", "httpcore", "websockets.client", "hypothesis")
"Loggers of the clients that tests ask with."
_SHORTEST: Final = 6
_LONG: Final = 16
_WORD: Final = re.compile(r"\w+")


@dataclass
class LogCheck:
    """What was logged so far, and what must not be in it."""

    lines: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set, repr=False)
    files: set[Path] = field(default_factory=set)

    def note_line(self, text: str) -> None:
        self.lines.update(text.splitlines())

    def note_secret(self, text: object) -> None:
        """Keep in mind what is distinctive enough to be found by chance nowhere else."""
        if isinstance(text, str) and is_distinctive(text.strip()):
            self.secrets.add(text.strip())

    def leaks(self) -> list[str]:
        """What stands where it must not, with its line; reads the files of other processes."""
        lines = self.lines.union(
            *(file.read_text("utf-8", "replace").splitlines() for file in self.files)
        )
        return [*_by_pattern(lines), *_by_value(lines, self.secrets)]


def is_distinctive(text: str) -> bool:
    """Whether a text is no everyday word or number, so that a log has it only because it was told."""
    if not text.isascii():
        return len(text) > 1
    return len(text) >= _LONG or (len(text) >= _SHORTEST and any(map(str.isdigit, text)))


def _by_pattern(lines: set[str]) -> Iterator[str]:
    for line in sorted(lines):
        for name, (part, pattern) in _PATTERNS.items():
            if part in line and pattern.search(line):
                yield f"{name} in: {line}"


def _by_value(lines: set[str], values: set[str]) -> Iterator[str]:
    ordered = sorted(lines)
    whole = "\n".join(ordered)
    # Thousands of values, megabytes of lines: most fall out by their words, or by how they begin.
    words, pairs = set(_WORD.findall(whole)), set(pairwise(whole))
    for value in sorted(values):
        known = (
            words.issuperset(_WORD.findall(value))
            if value.isascii()
            else (value[0], value[1]) in pairs
        )
        if known and value in whole:
            alone = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
            for line in ordered:
                if value in line and (not value.isascii() or alone.search(line)):
                    yield f"the secret {value!r} in: {line}"


_listening: list[LogCheck] = []
"The last one hears; others hear nothing meanwhile."


@contextmanager
def listening(check: LogCheck) -> Iterator[LogCheck]:
    """Let a check hear what is logged, and learn what is secret, until the block is left."""
    _listening.append(check)
    try:
        yield check
    finally:
        _listening.remove(check)


@pytest.fixture(scope="session", autouse=True)
def logs_keep_secrets() -> Iterator[None]:
    """No secret, password, token, keyword or address in any log line of the whole run."""
    _listen_once()
    with listening(LogCheck()) as check:
        yield
    leaks = check.leaks()
    assert leaks == [], "logged, but must not be:\n" + "\n".join(leaks[:20])


def _line(text: str) -> None:
    if _listening:
        _listening[-1].note_line(text)


def _secret(*texts: object) -> None:
    if _listening:
        for text in texts:
            _listening[-1].note_secret(text)


def _before(owner: Any, name: str, note: Callable[..., object]) -> None:
    """Call `note` with the arguments of a function, each time before it is called."""
    original = getattr(owner, name)

    @wraps(original)
    def call(*arguments: Any, **more: Any) -> Any:
        note(*arguments, **more)
        return original(*arguments, **more)

    setattr(owner, name, call)


def _after(owner: Any, name: str, note: Callable[..., object]) -> None:
    """Call `note` with what a function gave and its arguments, each time after it was called."""
    original = getattr(owner, name)

    @wraps(original)
    def call(*arguments: Any, **more: Any) -> Any:
        given = original(*arguments, **more)
        note(given, *arguments, **more)
        return given

    setattr(owner, name, call)


_done: list[bool] = []


def _listen_once() -> None:
    """Put ears into loggers, processes, and where secrets are made."""
    if _done:
        return
    _done.append(True)
    _before(structlog.BoundLoggerBase, "_proxy_to_logger", _structured)
    _before(logging.Logger, "callHandlers", _plain)
    _after(subprocess.Popen, "__init__", _process)
    _after(subprocess.Popen, "communicate", _piped)
    _after(secrets, "token_urlsafe", lambda token, *_, **__: _secret(token))
    _before(Passwords, "hash", lambda _, password: _secret(password))
    _before(Passwords, "matches", lambda _, __, password: _secret(password))
    _after(Message, "__post_init__", lambda _, message: _message(message))
    _after(
        MemberProfile,
        "__init__",
        lambda _, profile, *__, **___: _secret(
            profile.name, profile.kana, profile.email, profile.phone
        ),
    )
    _after(
        Address,
        "__init__",
        lambda _, address, *__, **___: _secret(f"{address.city}{address.line1}", address.line1),
    )


def _structured(logger: Any, method: str, event: object = None, **more: Any) -> None:
    error = more.get("exc_info")
    if error:
        found = error if isinstance(error, BaseException) else sys.exc_info()[1]
        _line("".join(traceback.format_exception(found)) if found else "")
    _line(f"{method} {event} {logger._context!r} {more!r}")


def _plain(_: logging.Logger, record: logging.LogRecord) -> None:
    if not record.name.startswith(_OF_TESTS):
        _line(f"{record.name} {record.getMessage()}")
        if record.exc_info and record.exc_info[1]:
            _line("".join(traceback.format_exception(record.exc_info[1])))


def _process(_: None, __: subprocess.Popen[Any], *___: Any, **options: Any) -> None:
    """The file where a program writes its log, if it is one: servers of ours, and databases."""
    stream = options.get("stderr")
    name = getattr(options.get("stdout") if stream == subprocess.STDOUT else stream, "name", None)
    if _listening and isinstance(name, str):
        _listening[-1].files.add(Path(name))


def _piped(
    given: tuple[Any, str | bytes | None], process: subprocess.Popen[Any], *_: Any, **__: Any
) -> None:
    """What a command said, but for what it was told: who typed that may read it again."""
    said = given[1] or ""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    given_to: Any = process.args
    for argument in [] if isinstance(given_to, str) else map(str, given_to):
        text = text.replace(argument, "...") if is_distinctive(argument) else text
    _line(text)


def _message(message: Message) -> None:
    told = {name for name in message.values if name in _TOLD or name.endswith("_at")}
    _secret(*(value for name, value in message.values.items() if name not in told))
    _secret(message.to, *message.to.split("\n"))
