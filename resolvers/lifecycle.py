"""What a server does beside answering: wait for databases, hear Redis, announce the forgotten."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from datasources.collections import migrate
from datasources.mongo import PyMongoError, describe, is_down
from resolvers.consents import keep_ending_consents
from resolvers.intake import announce_forgotten
from resolvers.leaving import keep_ending_memberships
from resolvers.news import keep_telling_news
from resolvers.postman import Postman, open_carrier
from resolvers.sources import Sources
from resolvers.terms import keep_settling_terms
from resolvers.webhook_courier import keep_delivering_webhooks

_RETRY_SECONDS: Final = 1.0
_FORGOTTEN_SECONDS: Final = 5.0
_log = structlog.get_logger()

Task = Callable[[Sources], Coroutine[Any, Any, object]]
"Something that goes on once the databases are ready."


class Lifecycle:
    """Background work of one process."""

    def __init__(self, sources: Sources, *tasks: Task) -> None:
        self._sources = sources
        self._tasks = tasks
        self._migrated = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run until the block is left; the databases need not be there yet."""
        work = asyncio.create_task(self._work())
        work.add_done_callback(_report)
        try:
            yield
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._sources.close()

    async def mongodb_state(self, seconds: float) -> str:
        """`ok`, or what is wrong with MongoDB."""
        try:
            async with asyncio.timeout(seconds):
                await self._sources.mongo.ping()
        except TimeoutError:
            return "down"
        except PyMongoError as error:
            return "down" if is_down(error) else describe(error)
        return "ok" if self._migrated else "migrating"

    async def redis_state(self, seconds: float) -> str:
        """`ok`, or what is wrong with Redis."""
        try:
            async with asyncio.timeout(seconds):
                reached = await self._sources.announcer.ping()
        except TimeoutError:
            return "down"
        if not reached:
            return "down"
        return "ok" if self._sources.hub.connected else "connecting"

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sources.hub.run())
            tasks.create_task(self._sources.live.run())
            tasks.create_task(self._after_migration())

    async def _after_migration(self) -> None:
        await self._migrate()
        # A group waits for all of them to end; `gather` would not, and mails would be cut off.
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._announce_forgotten())
            tasks.create_task(self._deliver_mail())
            tasks.create_task(keep_ending_memberships(self._sources))
            tasks.create_task(keep_ending_consents(self._sources))
            tasks.create_task(keep_settling_terms(self._sources))
            tasks.create_task(keep_telling_news(self._sources))
            tasks.create_task(keep_delivering_webhooks(self._sources))
            for task in self._tasks:
                tasks.create_task(task(self._sources))

    async def _migrate(self) -> None:
        while True:
            try:
                await self._sources.mongo.ping()
                await migrate(self._sources.mongo)
            except PyMongoError as error:
                _log.warning("waiting for MongoDB", error=describe(error))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._migrated = True
                _log.info("databases are ready")
                return

    async def _announce_forgotten(self) -> None:
        while True:
            try:
                if count := await announce_forgotten(self._sources):
                    _log.info("announced what was stored before", batches=count)
            except PyMongoError as error:
                _log.warning("cannot look for forgotten readings", error=describe(error))
            await asyncio.sleep(_FORGOTTEN_SECONDS)

    async def _deliver_mail(self) -> None:
        if carrier := open_carrier(self._sources.settings):
            await Postman(self._sources, carrier).run()
        else:
            _log.warning("mail waits: set KENSHIN_SMTP_URL, or KENSHIN_MAIL_FOLDER")


def _report(work: asyncio.Task[None]) -> None:
    """A process that no longer hears or announces must not go on looking healthy."""
    if not work.cancelled() and (error := work.exception()):
        _log.critical("background work failed: the server ends", exc_info=error)
        signal.raise_signal(signal.SIGTERM)
