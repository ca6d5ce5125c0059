"""Delivers webhooks in every process: each takes those that nobody has, and has a route for each."""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from datasources.mongo import PyMongoError, describe
from domain.consents import Consent
from domain.webhooks import Webhook
from resolvers.joined import Joined
from resolvers.sources import Sources
from resolvers.webhook_route import Consents, WebhookRoute

_LOOK_SECONDS: Final = 2.0
"How often each process looks for webhooks that nobody delivers to."
_LEASES_PER_REQUEST: Final = 2
_log = structlog.get_logger()


async def keep_delivering_webhooks(sources: Sources) -> None:
    """Comes back only when cancelled, and when the requests under way are over."""
    await WebhookCourier(sources).run()


class WebhookCourier:
    """The routes of a process; one that fails is begun anew by the next look."""

    def __init__(self, sources: Sources) -> None:
        settings = sources.settings
        self._sources = sources
        self._consents: Consents = Joined(self._consents_of)
        self._holder = secrets.token_hex(8)
        seconds = settings.heartbeat_seconds + settings.webhook_seconds
        self._lease = timedelta(seconds=seconds * _LEASES_PER_REQUEST)
        self._routes: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        try:
            while True:
                try:
                    while webhook := await self._sources.webhooks.take(self._holder, self._lease):
                        self._begin(webhook)
                except PyMongoError as error:
                    _log.warning("cannot look for webhooks", error=describe(error))
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await self._sources.webhooks.due.wait()
                self._sources.webhooks.due.clear()
        finally:
            for route in self._routes:
                route.cancel()
            await asyncio.gather(*self._routes, return_exceptions=True)

    def _begin(self, webhook: Webhook) -> None:
        route = asyncio.create_task(self._go(webhook))
        self._routes.add(route)
        route.add_done_callback(self._routes.discard)

    async def _go(self, webhook: Webhook) -> None:
        route = WebhookRoute(
            self._sources,
            self._sources.webhook_sender,
            self._consents,
            webhook,
            self._holder,
            self._lease,
        )
        try:
            await route.run()
        except PyMongoError as error:
            _log.warning("a webhook waits for the database", error=describe(error))
        except Exception:  # noqa: BLE001 - what is wrong with one must not keep others waiting
            _log.exception("a webhook cannot be delivered to", webhook=webhook.id)
        else:
            self._sources.webhooks.due.set()

    async def _consents_of(self, ids: Sequence[str]) -> list[Consent | None]:
        found = await self._sources.consents.by_ids(ids)
        return [found.get(each) for each in ids]
