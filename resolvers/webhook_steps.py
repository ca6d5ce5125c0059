"""The next step of a delivery: what its app is to be told of next, and where it stands after that.

Nothing is named that the app could not pull: the consent is read anew for each step, and whose the
facilities are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from domain.bill_position import BillPosition
from domain.bills import Bill
from domain.consents import Consent, Scope
from domain.slots import day_of_date, first_slot
from domain.stored import StoredReading
from domain.stream_gaps import first_places, gaps_between, size_of
from domain.usage_span import supplied_slots
from domain.webhook_events import (
    MOST_NAMED,
    Event,
    bill_published,
    consent_ended,
    consent_given,
    readings_received,
)
from domain.webhooks import BillsToTell, Delivery, EventKind, Webhook
from resolvers.sources import Sources

_SCOPES: Final[Mapping[EventKind, Scope]] = {
    EventKind.READINGS_RECEIVED: Scope.USAGE_LIVE,
    EventKind.BILL_PUBLISHED: Scope.BILLS_READ,
}


@dataclass(frozen=True, slots=True)
class Step:
    """`event` is None where nobody has to be told. The last step of a delivery leads to None."""

    event: Event | None
    after: Callable[[Delivery, BillPosition | None], Delivery | None]
    "Where the delivery stands then, given the bills that its webhook knows."
    names: frozenset[tuple[Scope, int]] = frozenset()
    "What the event lets the app know of, as its member is shown it: by scope and facility."
    more: bool = True
    "Whether there may be a further one without anything new."


def tells(webhook: Webhook, consent: Consent, kind: EventKind) -> bool:
    """Whether a webhook tells of such events as far as a consent goes."""
    return kind in webhook.kinds and _SCOPES[kind] in consent.scopes


async def next_step(
    sources: Sources, webhook: Webhook, delivery: Delivery, consent: Consent
) -> Step | None:
    """The next step of a delivery, whose consent was just read; None while there is nothing to tell."""
    if not delivery.given_told:
        return Step(_given(webhook, delivery, consent), _given_told)
    if consent.end is not None and consent.ended_at is not None:
        event = consent_ended(delivery, consent.end, consent.ended_at)
        return Step(event if EventKind.CONSENT_ENDED in webhook.kinds else None, _done)
    return await _readings(sources, delivery, consent) or await _bills(sources, delivery, consent)


def _given(webhook: Webhook, delivery: Delivery, consent: Consent) -> Event | None:
    if EventKind.CONSENT_GIVEN not in webhook.kinds:
        return None
    return consent_given(delivery, sorted(consent.facilities), consent.scopes, consent.given_at)


def _given_told(delivery: Delivery, _: BillPosition | None) -> Delivery:
    return replace(delivery, given_told=True)


def _done(_delivery: Delivery, _bills: BillPosition | None) -> None:
    return None


async def _readings(sources: Sources, delivery: Delivery, consent: Consent) -> Step | None:
    asked = [sources.reads.head.load(number, delivery.id) for number in delivery.places]
    orders = {head.facility: head.order for head in [await head for head in asked]}
    all_gaps = gaps_between(delivery.places, orders)
    gaps = first_places(all_gaps, MOST_NAMED)
    if not gaps:
        return None
    reads = [
        (
            sources.reads.facility.load(gap.facility, delivery.id),
            sources.reads.stored.load(gap, gap),
        )
        for gap in gaps
    ]
    portal = sources.portals[consent.portal]
    first = first_slot(day_of_date(max(consent.data_from, portal.history_from(sources.clock()))))
    readings: list[StoredReading] = []
    for place, rows in reads:
        found, stored = await place, await rows
        if found and found.owner == consent.member and portal.billing.opens_details(found):
            # What is out of its contracts is somebody else's (US-1).
            shown = supplied_slots(found)
            readings += [each for each in stored if each.slot in shown and each.slot >= first]
    until = {gap.facility: gap.until for gap in gaps}
    event = readings_received(delivery, readings, until) if readings else None
    names = frozenset((Scope.USAGE_LIVE, each.facility) for each in readings)
    more = size_of(all_gaps) > MOST_NAMED or delivery.bills is not None
    return Step(event, partial(_readings_told, until), names, more)


def _readings_told(
    until: Mapping[int, int], delivery: Delivery, _: BillPosition | None
) -> Delivery:
    return replace(delivery, places={**delivery.places, **until})


async def _bills(sources: Sources, delivery: Delivery, consent: Consent) -> Step | None:
    to_tell = delivery.bills
    if to_tell is None:
        return None
    found = await sources.bills.between(sorted(consent.facilities), to_tell.after, to_tell.until)
    now = sources.clock()
    shown_from = sources.portals[consent.portal].history_from(now)
    bills = [
        placed.bill
        for placed in found
        if placed.bill.order > to_tell.told
        and not to_tell.after.includes(placed.position)
        and placed.bill.owner == consent.member
        and placed.bill.end_on > consent.data_from
        and placed.bill.available_on >= shown_from
    ]
    some, more = bills[:MOST_NAMED], bills[MOST_NAMED:]
    event = bill_published(delivery, some, now) if some else None
    names = frozenset((Scope.BILLS_READ, each.facility) for each in some)
    return Step(event, partial(_bills_told, to_tell, some if more else None), names)


def _bills_told(
    to_tell: BillsToTell,
    some: Sequence[Bill] | None,
    delivery: Delivery,
    known: BillPosition | None,
) -> Delivery:
    """`some`: those that were told of, if there are more."""
    if some is not None:
        return replace(delivery, bills=replace(to_tell, told=some[-1].order))
    if known is None or to_tell.until.includes(known):
        return replace(delivery, bills=None)
    return replace(delivery, bills=BillsToTell(to_tell.until, known))
