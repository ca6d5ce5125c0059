"""How things stand with a member, as staff see it: no secret, and nothing of usage and bills."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.leaving import LeaveReason


@dataclass(frozen=True, slots=True)
class MemberHistory:
    """When what happened to a member; None is never, or before it was recorded."""

    joined_at: datetime | None
    logged_in_at: datetime | None
    "The last time."
    password_ends_at: datetime | None
    "Of a first password that came by postcard and was not replaced yet."
    left_at: datetime | None
    leave_reason: LeaveReason | None


class Counted(StrEnum):
    """What wrong entries are counted of."""

    LOG_IN = "LOG_IN"
    POSTCARD_CODE = "POSTCARD_CODE"
    CONTRACT_PHONE = "CONTRACT_PHONE"
    "At the first log-in."
    RECOVERY = "RECOVERY"
    "Answers that a forgotten ID or password asks for."


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong entries in a row, and until when they lock what they were for."""

    wrong: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class RegistrationRecord:
    """A registration that was begun lately with an address of a member, or has made the member."""

    ends_at: datetime
    "Until then its link works, or would."
    used_up: bool


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message of the last months: that there was one, not what it said and where it went."""

    id: str
    kind: str
    channel: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
