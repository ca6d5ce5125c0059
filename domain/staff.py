"""Staff of the companies: who they are, what their roles let them do, what they log in with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.policy import Lockout, PasswordRule
from domain.profile_form import Label
from domain.text_forms import Characters, TextForm

LOCKOUT: Final = Lockout(attempts=10, until_hour=6)
"As portals lock members out (MB-9)."
LOGIN_ID: Final = TextForm(3, 40, Characters.ALPHANUMERIC_HYPHEN_UNDERSCORE)
NAME: Final = TextForm(1, 40, Characters.TEXT)
NOTE: Final = TextForm(1, 200, Characters.TEXT)
"What staff write beside an act."
PASSWORD: Final = PasswordRule(
    label=Label(ja="パスワード", en="Password"),
    form=TextForm(12, 128, Characters.HALF_WIDTH_VISIBLE),
    may_equal_login_id=False,
)
PASSWORD_LENGTH: Final = 20
"Of one that is made up: 100 bits."


class StaffRight(StrEnum):
    """What a role may let somebody do."""

    LOOK = "LOOK"
    "See members, and messages that could not be sent."
    SERVE = "SERVE"
    "What a member asks for and nothing is lost by: unlock, another postcard, another mail."
    DECIDE = "DECIDE"
    "End memberships and remove registrations."
    AUDIT = "AUDIT"
    "Read what staff did."


class StaffRole(StrEnum):
    CLERK = "CLERK"
    MANAGER = "MANAGER"
    AUDITOR = "AUDITOR"
    "Sees what staff did, and no member."


RIGHTS: Final[Mapping[StaffRole, frozenset[StaffRight]]] = {
    StaffRole.CLERK: frozenset({StaffRight.LOOK, StaffRight.SERVE}),
    StaffRole.MANAGER: frozenset(StaffRight),
    StaffRole.AUDITOR: frozenset({StaffRight.AUDIT}),
}


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works for a company."""

    id: str
    login_id: str
    name: str
    role: StaffRole
    portals: frozenset[str] | None
    "Whose members they see; None: of every portal."

    def may(self, right: StaffRight) -> bool:
        return right in RIGHTS[self.role]

    def serves(self, portal: str) -> bool:
        return self.portals is None or portal in self.portals


@dataclass(frozen=True, slots=True)
class StaffCredentials:
    """A member of staff with the hash of the password."""

    staff: Staff
    password_hash: str = field(repr=False)
    ended_at: datetime | None
    "Since when the account opens nothing any more."


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A member of staff who is logged in, until `ends_at` unless something is asked before."""

    id: str
    staff: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class StaffVisit:
    """A request of a member of staff."""

    session: StaffSession
    staff: Staff
