"""What webhook requests say: names of what is new, never the data itself.

An event is the same for the same news, whoever makes it and however often: so is its id, by which
receivers know what they had before.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.bills import Bill
from domain.paging import opaque
from domain.slots import TOKYO, start_of_slot
from domain.stored import StoredReading
from domain.stream_cursor import encode_positions
from domain.webhooks import Delivery, EventKind, Webhook

TRIAL: Final = "webhook.test"
"Sent when the app asks for it, and never else."
MOST_NAMED: Final = 100
"Readings or bills of one event; what is more comes in the next one."


@dataclass(frozen=True, slots=True)
class Event:
    """A message to an app; `id` is the same whenever it is sent again."""

    id: str
    type: str
    "An `EventKind`, or TRIAL."
    at: datetime
    data: Mapping[str, Any]

    def body(self) -> bytes:
        """The JSON that is signed and sent."""
        content = {"type": self.type, "timestamp": _instant(self.at), "data": self.data}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def readings_received(
    delivery: Delivery,
    readings: Sequence[StoredReading],
    until: Mapping[int, int],
) -> Event:
    """Names of readings, at least one, that lead a delivery to new places.

    `after` is the cursor with which a `readings` subscription of the facilities that are named brings
    them.
    """
    numbers = {each.facility for each in readings}
    after = encode_positions({number: delivery.places[number] for number in numbers})
    named = [
        {
            "facilityId": opaque(f"Facility:{each.facility}"),
            "direction": each.direction.name,
            "startAt": _instant(start_of_slot(each.slot)),
            "revision": each.revision,
        }
        for each in readings
    ]
    at = max(each.received_at for each in readings)
    data = {"consentId": opaque(f"Consent:{delivery.consent}"), "readings": named, "after": after}
    key = f"{after} {encode_positions({number: until[number] for number in numbers})}"
    return _event(delivery, EventKind.READINGS_RECEIVED, key, at, data)


def bill_published(delivery: Delivery, bills: Sequence[Bill], now: datetime) -> Event:
    """Names of bills that came out, at least one."""
    named = [
        {
            "billId": opaque(f"Bill:{each.id}"),
            "facilityId": opaque(f"Facility:{each.facility}"),
            "revision": each.revision,
        }
        for each in bills
    ]
    data = {"consentId": opaque(f"Consent:{delivery.consent}"), "bills": named}
    key = " ".join(f"{each.id} {each.revision}" for each in bills)
    return _event(delivery, EventKind.BILL_PUBLISHED, key, now, data)


def consent_given(
    delivery: Delivery, facilities: Collection[int], scopes: Collection[str], at: datetime
) -> Event:
    data = {
        "consentId": opaque(f"Consent:{delivery.consent}"),
        "facilityIds": [opaque(f"Facility:{number}") for number in sorted(facilities)],
        "scopes": sorted(scopes),
    }
    return _event(delivery, EventKind.CONSENT_GIVEN, "", at, data)


def consent_ended(delivery: Delivery, end: str, at: datetime) -> Event:
    """`end` says why: one of the enum `ConsentEnd` of the schema."""
    data = {"consentId": opaque(f"Consent:{delivery.consent}"), "end": end}
    return _event(delivery, EventKind.CONSENT_ENDED, "", at, data)


def trial(webhook: Webhook, now: datetime) -> Event:
    """What an app is sent to see whether it takes requests."""
    nothing = Delivery(webhook.id, "")
    return _event(
        nothing, TRIAL, now.isoformat(), now, {"webhookId": opaque(f"Webhook:{webhook.id}")}
    )


def _event(delivery: Delivery, kind: str, key: str, at: datetime, data: Mapping[str, Any]) -> Event:
    named = f"{delivery.id}\n{kind}\n{key}"
    return Event(f"evt_{hashlib.sha256(named.encode()).hexdigest()[:32]}", kind, at, data)


def _instant(at: datetime) -> str:
    """As the schema has it: the same text for the same half hour."""
    return at.astimezone(TOKYO).isoformat()
