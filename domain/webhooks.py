"""Webhooks: where an app is told of what is new, and how far it was told of each consent.

Events are not kept. A delivery stands at a place of what is stored, and the next event is made of what
comes after it: nothing can be lost on the way, and nothing grows while a receiver is away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.bill_position import BillPosition

MOST_WEBHOOKS: Final = 5
"Of an app."
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
PATIENCE: Final = timedelta(hours=72)
"After so long without success a webhook is paused."
OLD_KEY_LASTS: Final = timedelta(hours=24)
"So long requests are signed with the key before too, when an app asked for a new one."
_DOUBLINGS: Final = 12
"After so many the pause is the longest anyway; a bound keeps the power small."


class EventKind(StrEnum):
    """What an app can be told of."""

    READINGS_RECEIVED = "readings.received"
    BILL_PUBLISHED = "bill.published"
    CONSENT_GIVEN = "consent.given"
    CONSENT_ENDED = "consent.ended"


class WebhookState(StrEnum):
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"


class FailureReason(StrEnum):
    """Why a request did not arrive."""

    PRIVATE_ADDRESS = "PRIVATE_ADDRESS"
    UNKNOWN_HOST = "UNKNOWN_HOST"
    NO_CONNECTION = "NO_CONNECTION"
    NO_ANSWER = "NO_ANSWER"
    REDIRECT = "REDIRECT"
    GONE = "GONE"
    REFUSED = "REFUSED"

    @property
    def is_final(self) -> bool:
        """Whether it makes no sense to try again."""
        return self is FailureReason.GONE


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that did not arrive; `status` is that of the answer, where there was one."""

    at: datetime
    reason: FailureReason
    status: int | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that requests are signed with; `until`: only so long, as there is a newer one."""

    key: bytes = field(repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address of an app, and what it is told of there."""

    id: str
    app: str
    url: str
    kinds: frozenset[EventKind]
    keys: tuple[SigningKey, ...]
    "The newest first."
    created_at: datetime
    state: WebhookState = WebhookState.ACTIVE
    paused_at: datetime | None = None
    failure: Failure | None = None
    "The last one since something arrived."
    arrived_at: datetime | None = None
    "When an event last arrived."
    bills: BillPosition | None = None
    "Bills up to here were told of, but for those that deliveries still have to tell of."
    consents_place: int = 0
    "Consents that were given or ended up to this place are known to the deliveries."

    def keys_at(self, now: datetime) -> list[bytes]:
        """Keys that requests are signed with."""
        return [each.key for each in self.keys if each.until is None or now < each.until]

    def with_key(self, key: bytes, now: datetime) -> tuple[SigningKey, ...]:
        """Its keys when it gets a new one."""
        return (SigningKey(key), SigningKey(self.keys[0].key, now + OLD_KEY_LASTS))


@dataclass(frozen=True, slots=True)
class BillsToTell:
    """Bills of a consent between two positions; `told`: the order of the last one that was told of."""

    after: BillPosition
    until: BillPosition
    told: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Requests of a delivery that failed one after the other."""

    since: datetime
    attempts: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a webhook has told its app of one consent."""

    webhook: str
    consent: str
    given_told: bool = False
    places: Mapping[int, int] = field(default_factory=dict)
    "By facility number: the last place in its order that was told of."
    bills: BillsToTell | None = None
    trouble: Trouble | None = None

    @property
    def id(self) -> str:
        return f"{self.webhook} {self.consent}"

    def is_due(self, now: datetime) -> bool:
        """Whether something may be sent now."""
        return self.trouble is None or self.trouble.next_at <= now

    def failed(self, now: datetime, chance: float) -> Trouble:
        """Its trouble after one more request that failed; `chance` from 0 to 1 spreads the pauses."""
        attempts = 1 if self.trouble is None else self.trouble.attempts + 1
        since = now if self.trouble is None else self.trouble.since
        return Trouble(since, attempts, now + pause_after(attempts, chance))


def pause_after(attempts: int, chance: float) -> timedelta:
    """Until the next attempt, after so many that failed: doubling, and spread by `chance`.

    `chance` from 0 to 1 takes away up to half, so that what failed together does not come back so.
    """
    doublings = min(attempts - 1, _DOUBLINGS)
    longest = min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
    return longest * (1 - chance / 2)


def is_hopeless(trouble: Trouble, now: datetime) -> bool:
    """Whether a delivery has failed for so long that its webhook is paused."""
    return now - trouble.since >= PATIENCE
