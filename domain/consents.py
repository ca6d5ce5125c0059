"""Partner apps, and what a member lets one of them see: facilities, scopes, and for how long (AP-4).

A consent is never changed: one that is given anew to the same app takes the place of the old one.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.calendar import shift_months
from domain.slots import TOKYO, date_at

MOST_MONTHS_BACK: Final = 24
"How far back an app may see, counted from the day of the consent."
MOST_YEARS_AHEAD: Final = 3
"How long a consent may last."
UNUSED: Final = timedelta(days=365)
"A consent that was not used for so long has lapsed."
MOST_FACILITIES: Final = 1000
"Of one consent: a session has a copy of it."


class Scope(StrEnum):
    """What an app may see of the facilities that a consent names."""

    USAGE_READ = "usage:read"
    USAGE_LIVE = "usage:live"
    BILLS_READ = "bills:read"
    PROFILE_READ = "profile:read"
    POINTS_READ = "points:read"


class AppGrant(StrEnum):
    """How an app gets tokens: for a member who consents, or for itself."""

    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"


@dataclass(frozen=True, slots=True)
class App:
    """A partner's app, which is an OAuth client of that id."""

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    public: bool
    "It can keep no secret, and has none: PKCE alone shows that a code is its own."
    scopes: frozenset[Scope]
    "What it may ask a member for."
    grants: frozenset[AppGrant]
    origins: tuple[str, ...]
    "Of the web pages that may call this server for it."
    documents_only: bool
    "Only the documents that were registered for it are executed."
    website: str
    contact: str
    created_at: datetime
    ended_at: datetime | None = None


class ConsentEnd(StrEnum):
    """Why a consent counts no more."""

    WITHDRAWN = "WITHDRAWN"
    "By the member."
    REPLACED = "REPLACED"
    "By another one to the same app."
    LAPSED = "LAPSED"
    "It was not used for a year."
    EXPIRED = "EXPIRED"
    "Its time is over."
    MEMBER_LEFT = "MEMBER_LEFT"
    ACCESS_RESET = "ACCESS_RESET"
    "Everything was ended that could act for the member, as with a forgotten password."
    APP_ENDED = "APP_ENDED"
    "The app gave it back, or is no more."
    TOKEN_REUSED = "TOKEN_REUSED"  # noqa: S105 - a reason, not a token
    "A code or a refresh token came back that had been used: somebody else has a copy."


@dataclass(frozen=True, slots=True)
class AppAccess:
    """What the session of an app may see: a copy of its consent."""

    app: str
    consent: str
    facilities: frozenset[int]
    scopes: frozenset[Scope]
    data_from: date
    "First Tokyo day that it may see."
    until: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    id: str
    app: str
    member: str
    portal: str
    facilities: frozenset[int]
    scopes: frozenset[Scope]
    data_from: date
    until: datetime
    given_at: datetime
    used_at: datetime
    "When its app last got tokens; before that, when it was given."
    ended_at: datetime | None = None
    end: ConsentEnd | None = None
    place: int = 0
    "In the order in which consents were given and ended: it moves up when this one ends."

    def end_by(self, now: datetime) -> ConsentEnd | None:
        """Why it counts no more; None for one that is live."""
        if self.end is not None:
            return self.end
        if self.until <= now:
            return ConsentEnd.EXPIRED
        return ConsentEnd.LAPSED if self.used_at + UNUSED <= now else None

    def ended_by(self, now: datetime) -> datetime | None:
        """When it stopped to count; None for one that is live."""
        match self.end_by(now):
            case None:
                return None
            case ConsentEnd.EXPIRED:
                return self.ended_at or self.until
            case ConsentEnd.LAPSED:
                return self.ended_at or self.used_at + UNUSED
        return self.ended_at

    @property
    def access(self) -> AppAccess:
        """What a session of it may see."""
        return AppAccess(
            self.app, self.id, self.facilities, self.scopes, self.data_from, self.until
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member chose on the consent page."""

    facilities: frozenset[int]
    scopes: frozenset[Scope]
    data_from: date
    until: datetime


class WishFault(StrEnum):
    """What is wrong with a wish, each of one field of the page."""

    NO_FACILITY = "NO_FACILITY"
    TOO_MANY_FACILITIES = "TOO_MANY_FACILITIES"
    OTHER_FACILITY = "OTHER_FACILITY"
    NO_SCOPE = "NO_SCOPE"
    OTHER_SCOPE = "OTHER_SCOPE"
    TOO_FAR_BACK = "TOO_FAR_BACK"
    BEGINS_LATER = "BEGINS_LATER"
    TOO_LONG = "TOO_LONG"
    ENDED = "ENDED"


def earliest_day(now: datetime) -> date:
    """First Tokyo day that a consent given now may open."""
    return shift_months(date_at(now), -MOST_MONTHS_BACK)


def latest_end(now: datetime) -> datetime:
    """The latest end of a consent given now: the same hour in Tokyo, years later."""
    local = now.astimezone(TOKYO)
    on = shift_months(local.date(), 12 * MOST_YEARS_AHEAD)
    return datetime.combine(on, local.timetz()).astimezone(UTC)


def wish_faults(wish: Wish, app: App, own: AbstractSet[int], now: datetime) -> list[WishFault]:
    """All that is wrong with a wish of a member who has the facilities `own`."""
    today = date_at(now)
    wrong = {
        WishFault.NO_FACILITY: not wish.facilities,
        WishFault.TOO_MANY_FACILITIES: len(wish.facilities) > MOST_FACILITIES,
        WishFault.OTHER_FACILITY: not wish.facilities <= own,
        WishFault.NO_SCOPE: not wish.scopes,
        WishFault.OTHER_SCOPE: not wish.scopes <= app.scopes,
        WishFault.TOO_FAR_BACK: wish.data_from < earliest_day(now),
        WishFault.BEGINS_LATER: wish.data_from > today,
        WishFault.TOO_LONG: wish.until > latest_end(now),
        WishFault.ENDED: wish.until <= now,
    }
    return [fault for fault, found in wrong.items() if found]
