"""A webhook in the process that holds its lease: looks what is new, and sends it, several at a time.

Requests of one consent go one after the other, so its events arrive in order; a receiver that hangs or
fails holds up its own webhook alone.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from datasources.mongo import PyMongoError, describe
from datasources.webhook_sender import NotArrived, WebhookSender
from domain.consents import Consent
from domain.stored import Announcement, Head
from domain.webhook_events import Event
from domain.webhook_signing import signed_headers
from domain.webhooks import BillsToTell, Delivery, EventKind, Failure, Webhook, is_hopeless
from resolvers.joined import Joined
from resolvers.sources import Sources
from resolvers.webhook_steps import Step, next_step, tells
from resolvers.webhook_turns import DeliveryTurns

_REQUESTS: Final = 16
"Of a webhook at the same time."
_DOUBTFUL: Final = 10
"After so many failures in a row one request at a time finds out whether the receiver is back."
_HEADS_AT_ONCE: Final = 1000
_GRACE_SECONDS: Final = 5.0
"How long requests under way may hold up the end of the process."
_log = structlog.get_logger()

Consents = Joined[str, Consent | None]
"Consents by id as they are now."


class WebhookRoute:
    """Delivers to one webhook while `run` runs."""

    def __init__(
        self,
        sources: Sources,
        sender: WebhookSender,
        consents: Consents,
        webhook: Webhook,
        holder: str,
        lease: timedelta,
    ) -> None:
        """The lease was just taken by `holder`."""
        self._sources = sources
        self._sender = sender
        self._read_consents = consents
        self._webhook = webhook
        self._holder = holder
        self._lease = lease
        self._lease_ends_at = sources.clock() + lease
        self._over = False
        self._look_now = asyncio.Event()
        self._turns = DeliveryTurns(self._deliver, _REQUESTS)
        self._deliveries: dict[str, Delivery] = {}
        self._consents: dict[str, Consent] = {}
        self._listened: dict[int, str] = {}
        "By facility number: the consent of whose delivery its readings are."
        self._failures = 0
        self._failure = webhook.failure
        self._arrived_at = webhook.arrived_at

    async def run(self) -> None:
        """Deliver until the webhook is paused, changed, removed or somebody else's, or cancelled.

        Raises PyMongoError when the database does not answer: who begins anew finds all as it was.
        """
        beat = self._sources.settings.heartbeat_seconds
        try:
            await self._load()
            while not self._over:
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(beat):
                        await self._look_now.wait()
                self._look_now.clear()
                self._over = self._over or not await self._renew()
        finally:
            self._over = True
            self._sources.hub.leave(self._listened, self)
            await self._turns.finish(_GRACE_SECONDS)
            await self._sources.webhooks.release(self._webhook.id, self._holder)

    def announced(self, announcement: Announcement) -> None:
        """Called by the hub."""
        if consent := self._listened.get(announcement.facility):
            self._turns.add(consent)

    def missed(self) -> None:
        """Called by the hub."""
        self._look_now.set()

    async def _load(self) -> None:
        found = await self._sources.deliveries.of_webhook(self._webhook.id)
        self._consents = await self._sources.consents.by_ids([each.consent for each in found])
        known = [each for each in found if each.consent in self._consents]
        self._deliveries = {each.consent: each for each in known}
        for before, after in zip(known, await self._placed(known), strict=True):
            if after != before:
                await self._put(after)
        await self._listen(self._deliveries.values())

    async def _renew(self) -> bool:
        """Whether the lease is still ours, for the same events."""
        now = self._sources.clock()
        found = await self._sources.webhooks.renew(
            self._webhook.id, self._holder, self._lease, self._arrived_at, self._failure
        )
        if found is None or found.kinds != self._webhook.kinds:
            return False
        self._webhook = replace(self._webhook, url=found.url, keys=found.keys)
        self._lease_ends_at = now + self._lease
        return True

    async def _look(self) -> None:
        """Find all that is to be told of, and begin to tell it."""
        app = await self._sources.apps.by_id(self._webhook.app)
        if app is None or app.ended_at is not None:
            await self._sources.webhooks.remove(self._webhook.app, self._webhook.id)
            self._over = True
            return
        await self._look_for_consents()
        await self._look_for_bills()
        await self._look_for_readings()
        for consent, delivery in self._deliveries.items():
            ended = self._consents[consent].end is not None
            if ended or delivery.trouble or delivery.bills or not delivery.given_told:
                self._turns.add(consent)

    async def _look_for_consents(self) -> None:
        """Make deliveries of the consents that were given, and learn which have ended."""
        store, made_at = self._sources.consents, self._webhook.created_at
        while changed := await store.changed_after(self._webhook.app, self._webhook.consents_place):
            self._consents |= {each.id: each for each in changed}
            new = [
                Delivery(self._webhook.id, each.id, given_told=each.given_at < made_at)
                for each in changed
                if each.id not in self._deliveries
                and (each.ended_at is None or each.ended_at >= made_at)
            ]
            new = await self._placed(new)
            await self._sources.deliveries.add(new)
            self._deliveries |= {each.consent: each for each in new}
            await self._listen(new)
            place = changed[-1].place
            await self._sources.webhooks.know_consents(self._webhook.id, self._holder, place)
            self._webhook = replace(self._webhook, consents_place=place)

    async def _placed(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Deliveries with a place for each facility whose readings they tell of: the present one.

        Where another consent took the place of a facility's last one, none is left out.
        """
        lacks = {
            each.consent: self._consents[each.consent].facilities - each.places.keys()
            for each in deliveries
            if tells(self._webhook, self._consents[each.consent], EventKind.READINGS_RECEIVED)
        }
        numbers = sorted({number for lack in lacks.values() for number in lack})
        orders = {head.facility: head.order async for head in self._heads(numbers)}
        begun = {
            consent: {number: self._place_before(number, orders[number]) for number in lack}
            for consent, lack in lacks.items()
        }
        return [
            replace(each, places={**each.places, **begun.get(each.consent, {})})
            for each in deliveries
        ]

    def _place_before(self, facility: int, place: int) -> int:
        """Where a facility stands in the delivery of another consent, if one has it."""
        known = self._deliveries.get(self._listened.get(facility, ""))
        return place if known is None else known.places.get(facility, place)

    async def _listen(self, deliveries: Iterable[Delivery]) -> None:
        """Hear of readings; each facility has one delivery, that of the consent that counts."""
        numbers = {
            number: each.consent
            for each in deliveries
            if self._consents[each.consent].end is None
            for number in each.places
        }
        self._listened |= numbers
        await self._sources.hub.join(numbers, self)

    async def _look_for_readings(self) -> None:
        async for head in self._heads(list(self._listened)):
            delivery = self._deliveries.get(self._listened.get(head.facility, ""))
            if delivery and head.order > delivery.places.get(head.facility, head.order):
                self._turns.add(delivery.consent)

    async def _heads(self, numbers: Sequence[int]) -> AsyncGenerator[Head, None]:
        for first in range(0, len(numbers), _HEADS_AT_ONCE):
            some = await self._sources.usage.heads(numbers[first : first + _HEADS_AT_ONCE])
            for head in some.values():
                yield head

    async def _look_for_bills(self) -> None:
        if EventKind.BILL_PUBLISHED not in self._webhook.kinds:
            return
        known, present = self._webhook.bills, await self._sources.bill_watch.present()
        if known is not None and known.includes(present):
            return
        if known is None:
            self._webhook = replace(self._webhook, bills=present)
        else:
            news = BillsToTell(known, present)
            consents = await self._with_bills(news)
            # At once: a delivery that is ready with bills goes on to those that the webhook knows.
            self._webhook = replace(self._webhook, bills=present)
            found = [
                replace(each, bills=news)
                for each in map(self._deliveries.get, consents)
                if each and each.bills is None
            ]
            self._deliveries |= {each.consent: each for each in found}
            await self._sources.deliveries.let_tell(found, news)
        # After the deliveries: as long as they do not know, these bills must be found again.
        await self._sources.webhooks.know_bills(self._webhook.id, self._holder, present)

    async def _with_bills(self, news: BillsToTell) -> set[str]:
        """Consents of whose facilities bills came out."""
        of: dict[int, list[str]] = {}
        for consent in self._deliveries:
            known = self._consents[consent]
            if tells(self._webhook, known, EventKind.BILL_PUBLISHED):
                for number in known.facilities:
                    of.setdefault(number, []).append(consent)
        found = await self._sources.bills.between(list(of), news.after, news.until)
        return {consent for placed in found for consent in of[placed.bill.facility]}

    async def _deliver(self, consent: str) -> None:
        """Tell of all that a consent has to tell of, unless it is in trouble."""
        try:
            while not self._over and await self._step(consent):
                pass
        except PyMongoError as error:
            _log.warning("a webhook waits for the database", error=describe(error))
        except Exception:  # noqa: BLE001 - a damaged record must not keep others from being told
            _log.exception("a delivery failed", webhook=self._webhook.id, consent=consent)

    async def _step(self, consent: str) -> bool:
        """Whether there may be a further one."""
        delivery = self._deliveries.get(consent)
        if delivery is None or not delivery.is_due(self._sources.clock()):
            return False
        present = await self._read_consents.load(consent, consent)
        if present is None or not self._may_tell(present):
            return False
        step = await next_step(self._sources, self._webhook, delivery, present)
        if step is None:
            return False
        if step.event is not None:
            await self._note_access(delivery, step)
            if not await self._send(delivery, step.event):
                return False
        await self._advance(consent, step)
        return step.more

    async def _note_access(self, delivery: Delivery, step: Step) -> None:
        """Let the member see what the app is told of, before it is (AP-4)."""
        at = self._sources.clock()
        await self._sources.access_log.note(delivery.consent, step.names, at)

    def _may_tell(self, present: Consent) -> bool:
        """Whether a consent counts still, or has ended and `_look` has seen it.

        Before that nothing is told: the delivery must be there when the end is seen, or a new one
        would be made for it.
        """
        if present.end_by(self._sources.clock()) is None:
            return True
        known = self._consents.get(present.id)
        if present.end is not None and (known is None or known.end is None):
            self._look_now.set()
        return known is not None and known.end is not None

    async def _send(self, delivery: Delivery, event: Event) -> bool:
        """Whether an event arrived."""
        now = self._sources.clock()
        if now + timedelta(seconds=self._sources.settings.webhook_seconds) > self._lease_ends_at:
            return False  # Before this arrives somebody else may be sending.
        body = event.body()
        headers = signed_headers(event.id, body, self._webhook.keys_at(now), now)
        try:
            await self._sender.send(self._webhook.url, body, headers)
        except NotArrived as error:
            await self._failed(delivery, Failure(now, error.reason, error.status))
            return False
        self._arrived()
        return True

    def _arrived(self) -> None:
        self._arrived_at = self._sources.clock()
        self._failures, self._failure = 0, None
        if self._turns.most < _REQUESTS:
            # The receiver is back: what waits need not wait any longer.
            self._turns.most = _REQUESTS
            for consent, delivery in self._deliveries.items():
                if delivery.trouble:
                    self._deliveries[consent] = replace(delivery, trouble=None)
                    self._turns.add(consent)

    async def _failed(self, delivery: Delivery, failure: Failure) -> None:
        self._failures, self._failure = self._failures + 1, failure
        if self._failures >= _DOUBTFUL:
            self._turns.most = 1
        trouble = delivery.failed(failure.at, random.random())  # noqa: S311 - spreads only
        about = {"webhook": self._webhook.id, "reason": failure.reason, "status": failure.status}
        _log.info("webhook not taken", **about, attempts=trouble.attempts)
        await self._put(replace(self._deliveries[delivery.consent], trouble=trouble))
        if failure.reason.is_final or is_hopeless(trouble, failure.at):
            self._over = True
            self._look_now.set()
            await self._sources.webhooks.pause(self._webhook.id, self._holder, failure)
            _log.warning("webhook paused", **about, app=self._webhook.app)

    async def _advance(self, consent: str, step: Step) -> None:
        before = self._deliveries[consent]
        after = step.after(before, self._webhook.bills)
        if after is None:
            await self._forget(before)
        else:
            await self._put(replace(after, trouble=None))

    async def _put(self, after: Delivery) -> None:
        before = self._deliveries[after.consent]
        self._deliveries[after.consent] = after
        await self._sources.deliveries.put(before, after)

    async def _forget(self, delivery: Delivery) -> None:
        await self._sources.deliveries.remove(delivery)
        del self._deliveries[delivery.consent]
        self._consents.pop(delivery.consent, None)
        # Others may be another consent's by now.
        own = [at for at in delivery.places if self._listened.get(at) == delivery.consent]
        for number in own:
            del self._listened[number]
        self._sources.hub.leave(own, self)
