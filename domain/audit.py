"""What staff did and whom they looked at, as it is kept for ever."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditAct(StrEnum):
    """What was done; only those up to LOGGED_OUT change nothing."""

    SEARCHED = "SEARCHED"
    "For a member, and there was none."
    LOOKED = "LOOKED"
    "At a member."
    LOGGED_IN = "LOGGED_IN"
    LOGGED_OUT = "LOGGED_OUT"
    UNLOCKED = "UNLOCKED"
    POSTCARD_REISSUED = "POSTCARD_REISSUED"
    REGISTRATION_REMOVED = "REGISTRATION_REMOVED"
    MEMBERSHIP_ENDED = "MEMBERSHIP_ENDED"
    MESSAGE_RESENT = "MESSAGE_RESENT"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - an act
    "By the member of staff whose it is."
    STAFF_ADDED = "STAFF_ADDED"
    STAFF_PASSWORD_SET = "STAFF_PASSWORD_SET"  # noqa: S105 - an act
    STAFF_ENDED = "STAFF_ENDED"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One act or look. Ids, a reason, and no secret and no data of a member."""

    at: datetime
    act: AuditAct
    staff: str | None
    "Who; None is the operator at the command line."
    login_id: str | None
    "Of who, as it was then."
    portal: str | None = None
    member: str | None = None
    subject: str | None = None
    "Id of the message, or of the account of staff."
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A record that is kept; ids are in the order of time."""

    id: str
    record: AuditRecord


@dataclass(frozen=True, slots=True)
class AuditChoice:
    """Entries of these; None is all."""

    portals: frozenset[str] | None = None
    member: str | None = None
    staff: str | None = None
