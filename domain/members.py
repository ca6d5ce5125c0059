"""Members and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MemberState(StrEnum):
    ACTIVE = "ACTIVE"
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


@dataclass(frozen=True, slots=True)
class Session:
    """A member who is logged in, until `ends_at` unless refreshed."""

    id: str
    member: str
    portal: str
    ends_at: datetime


def login_key(login_id: str) -> str:
    """What login IDs are compared by: upper and lower case are the same."""
    return login_id.strip().casefold()
