"""Members, what they log in with, their sessions and devices."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.consents import AppAccess
from domain.policy import Duty


class MemberState(StrEnum):
    ACTIVE = "ACTIVE"
    POSTCARD_IN_TRANSIT = "POSTCARD_IN_TRANSIT"
    "Logs in, but sees no usage and bills before entering the code of the postcard (MB-8)."
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class MemberProfile:
    name: str
    kana: str | None
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    portal: str
    login_id: str
    state: MemberState
    profile: MemberProfile
    has_keywords: bool = False
    "Whether secret keywords were set, one of which a new device is asked for (MB-10)."
    fields: Mapping[str, str] = field(default_factory=dict)
    "What the forms of the portal asked for, by the keys of its policy (MB-12)."
    language: str = "ja"
    "Of mail and letters."
    leaves_at: datetime | None = None
    "When the membership ends, of one who has withdrawn and may still log in until then (MB-15)."
    duties: tuple[Duty, ...] = ()
    "Of the first log-in, those that are still to be done, in this order."
    more_emails: tuple[str, ...] = ()
    "Addresses that get notices beside that of the profile (MB-5)."
    mail_topics: Mapping[str, bool] = field(default_factory=dict)
    "What the member has switched on and off, by topics of `domain.policy` (MB-14)."
    has_recovery_answer: bool = False
    "Whether a secret answer or an identity keyword was set (MB-11)."
    recovery_question: str | None = None
    "Key of the question that the answer belongs to."

    @property
    def emails(self) -> tuple[str, ...]:
        """All addresses; the first is told what concerns the account, without it there are none."""
        first = self.profile.email
        return (first, *self.more_emails) if first else ()


@dataclass(frozen=True, slots=True)
class Joining:
    """A person who becomes a member."""

    member: Member
    password_hash: str = field(repr=False)
    one_member_each: bool
    "No other member of the portal may have the address."
    password_ends_at: datetime | None = None
    account: str | None = None
    "The company's number of an account that it has made (MB-2)."
    joined_at: datetime | None = None
    recovery: "RecoveryAnswer | None" = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """A member with the hashes of what it logs in with."""

    member: Member
    password_hash: str = field(repr=False)
    keyword_hashes: tuple[str, ...] = field(repr=False)
    next_keyword: int
    "Number, from 1, of the keyword that a new device is asked for until it is answered."
    password_ends_at: datetime | None = None
    "Of one that came by postcard, until it is replaced."
    recovery: "RecoveryAnswer | None" = None

    def may_log_in(self, now: datetime) -> bool:
        """Whether the right password opens a session."""
        ends = (self.password_ends_at, self.member.leaves_at)
        ended = any(end is not None and end <= now for end in ends)
        return self.member.state is not MemberState.WITHDRAWN and not ended


@dataclass(frozen=True, slots=True)
class RecoveryAnswer:
    """What a member is asked for who has forgotten ID or password (MB-11)."""

    question: str | None
    "Key of the question that the member chose, where the portal has some."
    answer_hash: str = field(repr=False)
    "Of the answer, or of the identity keyword."


@dataclass(frozen=True, slots=True)
class Session:
    """A member who is logged in, until `ends_at` unless refreshed."""

    id: str
    member: str
    portal: str
    ends_at: datetime
    device: str | None = None
    confirmed_at: datetime | None = None
    "When the password was last given again in it."
    in_transit: bool = False
    "Its member has still to enter the code of a postcard (MB-8)."
    duties: tuple[Duty, ...] = ()
    "What its member has still to do before anything of theirs is shown."
    app: AppAccess | None = None
    "What it may see, of a partner's app that acts for the member; None: it is the member's own."

    @property
    def holder(self) -> str:
        """Who it is counted for where so much at once is allowed: the member, or an app for them.

        No app uses up what the member has.
        """
        return self.member if self.app is None else self.app.consent

    def after(self, done: Duty) -> "Session":
        """The same once a duty is done."""
        return replace(self, duties=tuple(duty for duty in self.duties if duty is not done))


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as its member sees it; without a refresh it lasts until `ends_at`."""

    id: str
    member: str
    portal: str
    program: str
    device: str | None
    opened_at: datetime
    used_at: datetime
    ends_at: datetime
    app: AppAccess | None = None
    "As `Session` has it."


@dataclass(frozen=True, slots=True)
class Device:
    """Where a member has shown a second factor, so that it is not asked for again."""

    id: str
    member: str
    program: str
    known_since: datetime
    used_at: datetime


def login_key(login_id: str) -> str:
    """What login IDs are compared by: upper and lower case are the same."""
    return login_id.strip().casefold()


def email_key(email: str) -> str:
    """What addresses are compared by: upper and lower case are the same."""
    return email.strip().casefold()


def keyword_key(keyword: str) -> str:
    """What secret keywords are compared by: width, case and outer spaces are the same."""
    return unicodedata.normalize("NFKC", keyword).strip().casefold()
