"""Messages to members: what they may say, where they go, and when a failed one is tried again (NO-4).

Their texts are `domain.mail_texts`, keeping and sending them `datasources.outbox` and
`resolvers.postman`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=15)
PATIENCE: Final = timedelta(days=2)
"A message that could not be sent for so long is dead: what it says is no news any more."
_DOUBLINGS: Final = 12
"After so many the pause is the longest anyway; a bound keeps the power small."
_ADDRESS_LINES: Final = 3


class InvalidMessage(ValueError):
    """A message, its text or its address breaks a rule; the message says which, and no value of it."""


class Channel(StrEnum):
    """How a message leaves: by SMTP, or printed."""

    MAIL = "MAIL"
    LETTER = "LETTER"


class Language(StrEnum):
    JA = "ja"
    EN = "en"


class MessageState(StrEnum):
    WAITING = "WAITING"
    SENDING = "SENDING"
    "Somebody has it in hand; if that takes too long another one takes it over."
    SENT = "SENT"
    DEAD = "DEAD"
    "Given up; staff can see it and send it again."


class MailKind(StrEnum):
    """What a message is about."""

    REGISTRATION_LINK = "REGISTRATION_LINK"
    ALREADY_MEMBER = "ALREADY_MEMBER"
    EMAIL_TEST = "EMAIL_TEST"
    REGISTERED = "REGISTERED"
    LOGIN_ID = "LOGIN_ID"
    LOGIN_ID_REMINDER = "LOGIN_ID_REMINDER"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105 - a kind of mail
    RECOVERY_LOCKED = "RECOVERY_LOCKED"
    RECOVERY_CHANGED = "RECOVERY_CHANGED"
    EMAIL_LINK = "EMAIL_LINK"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    EMAIL_CHANGED = "EMAIL_CHANGED"
    EMAILS_CHANGED = "EMAILS_CHANGED"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    NEW_DEVICE = "NEW_DEVICE"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - a kind of mail
    SESSION_THEFT = "SESSION_THEFT"
    EXTERNAL_LINKED = "EXTERNAL_LINKED"
    EXTERNAL_UNLINKED = "EXTERNAL_UNLINKED"
    CONSENT_GIVEN = "CONSENT_GIVEN"
    CONSENT_STOPPED = "CONSENT_STOPPED"
    WITHDRAWN = "WITHDRAWN"
    REGISTRATION_REMOVED = "REGISTRATION_REMOVED"
    TERMS_AFTER_NOTICE = "TERMS_AFTER_NOTICE"
    "Terms that count as accepted by time."
    TERMS_BY_USE = "TERMS_BY_USE"
    "Terms that count as accepted by use."
    BILL = "BILL"
    BILL_CHANGED = "BILL_CHANGED"
    BUY_BACK = "BUY_BACK"
    INVOICE = "INVOICE"
    READING = "READING"
    POSTCARD_CODE = "POSTCARD_CODE"
    FIRST_PASSWORD = "FIRST_PASSWORD"  # noqa: S105 - a kind of letter
    ACCOUNT_POSTCARD = "ACCOUNT_POSTCARD"

    @property
    def channel(self) -> Channel:
        return Channel.LETTER if self in _LETTERS else Channel.MAIL

    @property
    def needs(self) -> frozenset[str]:
        """Names of the values of such a message.

        `at` and all in `…_at` are ISO 8601 instants, all in `…_on` are dates.
        """
        return _NEEDS[self]


_LETTERS: Final = frozenset(
    {MailKind.POSTCARD_CODE, MailKind.FIRST_PASSWORD, MailKind.ACCOUNT_POSTCARD}
)
_BILL: Final = frozenset({"facility", "from_on", "last_on", "amount_yen"})
_NEEDS: Final[Mapping[MailKind, frozenset[str]]] = {
    MailKind.REGISTRATION_LINK: frozenset({"link", "ends_at"}),
    MailKind.ALREADY_MEMBER: frozenset(),
    MailKind.EMAIL_TEST: frozenset(),
    MailKind.REGISTERED: frozenset(),
    MailKind.LOGIN_ID: frozenset({"login_id"}),
    MailKind.LOGIN_ID_REMINDER: frozenset({"login_ids"}),
    MailKind.PASSWORD_RESET: frozenset({"login_id", "link", "ends_at"}),
    MailKind.RECOVERY_LOCKED: frozenset({"until_at"}),
    MailKind.RECOVERY_CHANGED: frozenset({"at"}),
    MailKind.EMAIL_LINK: frozenset({"link", "ends_at"}),
    MailKind.EMAIL_TAKEN: frozenset(),
    MailKind.EMAIL_CHANGED: frozenset({"old_email", "new_email", "at"}),
    MailKind.EMAILS_CHANGED: frozenset({"emails", "at"}),
    MailKind.ACCOUNT_LOCKED: frozenset({"until_at"}),
    MailKind.NEW_DEVICE: frozenset({"device", "at"}),
    MailKind.PASSWORD_CHANGED: frozenset({"at"}),
    MailKind.SESSION_THEFT: frozenset({"device", "at"}),
    MailKind.EXTERNAL_LINKED: frozenset({"provider", "at"}),
    MailKind.EXTERNAL_UNLINKED: frozenset({"provider", "at"}),
    MailKind.CONSENT_GIVEN: frozenset({"app", "scopes", "facilities", "until_at", "at"}),
    MailKind.CONSENT_STOPPED: frozenset({"app", "at"}),
    MailKind.WITHDRAWN: frozenset({"ends_at"}),
    MailKind.REGISTRATION_REMOVED: frozenset({"at"}),
    MailKind.TERMS_AFTER_NOTICE: frozenset({"document", "version", "starts_at", "deemed_at"}),
    MailKind.TERMS_BY_USE: frozenset({"document", "version", "starts_at"}),
    MailKind.BILL: _BILL | {"due_on"},
    MailKind.BILL_CHANGED: _BILL,
    MailKind.BUY_BACK: _BILL,
    MailKind.INVOICE: frozenset({"number", "bills", "amount_yen", "due_on"}),
    MailKind.READING: frozenset({"facility", "read_on", "from_on", "last_on", "usage"}),
    MailKind.POSTCARD_CODE: frozenset({"code", "ends_at"}),
    MailKind.FIRST_PASSWORD: frozenset({"password", "ends_at"}),
    MailKind.ACCOUNT_POSTCARD: frozenset({"login_id", "password", "ends_at"}),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address; raises InvalidMessage for values that its kind does not have.

    `to` is an e-mail address, or for a letter what `postal_address` gives. An e-mail address is not
    checked here: one that cannot be is a dead message for staff, never a failure of its cause.
    """

    kind: MailKind
    portal: str
    member: str | None
    to: str = field(repr=False)
    language: Language
    values: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        if self.values.keys() != self.kind.needs:
            wanted, found = sorted(self.kind.needs), sorted(self.values)
            raise InvalidMessage(f"{self.kind}: expected the values {wanted}, found {found}")
        for name, value in self.values.items():
            if is_instant(name):
                _check_instant(f"{self.kind}: {name}", value)
            if is_date(name):
                _check_date(f"{self.kind}: {name}", value)
        if self.kind.channel is Channel.LETTER:
            split_address(self.to)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A stored message that somebody has in hand."""

    id: str
    message_id: str
    "`Message-ID` of the mail, the same however often it is sent."
    message: Message
    attempt: int
    "1 at the first."
    created_at: datetime
    give_up_at: datetime


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """What staff see of a message that was given up: no address and nothing that it says."""

    id: str
    kind: str
    portal: str
    member: str | None
    channel: str
    attempts: int
    created_at: datetime
    dead_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PostalAddress:
    postal_code: str
    lines: tuple[str, ...]
    name: str


def postal_address(address: PostalAddress) -> str:
    """`to` of a letter; raises InvalidMessage if a part is missing or has more than one line."""
    parts = [address.postal_code, *address.lines, address.name]
    text = "\n".join(parts)
    if split_address(text) != address:
        raise InvalidMessage("a part of a postal address has more than one line")
    return text


def split_address(text: str) -> PostalAddress:
    """The address of a letter: postal code, lines, name; raises InvalidMessage."""
    parts = [part.strip() for part in text.split("\n")]
    if len(parts) < _ADDRESS_LINES or not all(parts):
        raise InvalidMessage("a postal address has a postal code, lines and a name")
    return PostalAddress(parts[0], tuple(parts[1:-1]), parts[-1])


def is_instant(name: str) -> bool:
    """Whether a value of this name is an instant, which texts show as Tokyo time."""
    return name == "at" or name.endswith("_at")


def is_date(name: str) -> bool:
    """Whether a value of this name is a date."""
    return name.endswith("_on")


def pause_before(attempt: int, chance: float) -> timedelta:
    """How long to wait before this attempt (the second is 2): doubling, and spread by `chance`.

    `chance` from 0 to 1 takes away up to half, so that messages that failed together do not all come
    back together.
    """
    doublings = min(max(attempt - 2, 0), _DOUBLINGS)
    longest = min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
    return longest * (1 - chance / 2)


def cleaned(text: str) -> str:
    """A text that any store and any mail can hold: lone surrogates become question marks."""
    return text.encode(errors="replace").decode()


def kinds_of(channel: Channel) -> Sequence[MailKind]:
    return [kind for kind in MailKind if kind.channel is channel]


def _check_instant(place: str, text: str) -> None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidMessage(f"{place} must be an ISO 8601 instant") from None
    if instant.tzinfo is None:
        raise InvalidMessage(f"{place} must have an offset")


def _check_date(place: str, text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise InvalidMessage(f"{place} must be an ISO 8601 date") from None
