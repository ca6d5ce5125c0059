"""Looks for bills that came out, once a beat for all who listen in this process.

A bill comes out on a day of its own without anybody writing anything, so the database is asked, by
whoever wants to know. A look that finds nothing is one small read of a counter.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextvars import Context
from datetime import datetime
from typing import Protocol

import structlog

from datasources.bills import BillStore
from datasources.mongo import PyMongoError, describe
from domain.bill_position import BillPosition, PlacedBill
from domain.slots import date_at

_log = structlog.get_logger()


class BillListener(Protocol):
    """Who hears of bills. Called in the loop: must not block, wait or fail."""

    def came_out(self, bill: PlacedBill) -> None:
        """A bill that was not told of before, or was changed since."""


class BillWatch:
    """Tells listeners of the bills of their facilities while there are any."""

    def __init__(
        self, bills: BillStore, clock: Callable[[], datetime], beat_seconds: float
    ) -> None:
        self._bills = bills
        self._clock = clock
        self._beat_seconds = beat_seconds
        self._listeners: dict[int, dict[BillListener, None]] = {}
        self._position: BillPosition | None = None
        self._looking: asyncio.Task[None] | None = None
        # Who came in the middle of a look would miss what it finds.
        self._lock = asyncio.Lock()

    @property
    def facilities(self) -> int:
        """How many facilities are watched."""
        return len(self._listeners)

    @property
    def position(self) -> BillPosition:
        """All that this includes was told of; raises LookupError while nobody listens."""
        if self._position is None:
            raise LookupError("nobody listens")
        return self._position

    async def present(self) -> BillPosition:
        """What includes all that has come out by now."""
        today = date_at(self._clock())
        return BillPosition(await self._bills.last_place(), today)

    async def join(self, facilities: Iterable[int], listener: BillListener) -> None:
        """Tell a listener of all bills of facilities that come out after `position`."""
        async with self._lock:
            if self._position is None:
                self._position = await self.present()
            for facility in facilities:
                self._listeners.setdefault(facility, {})[listener] = None
            if self._looking is None:
                looking = asyncio.get_running_loop().create_task(self._look(), context=Context())
                self._looking = looking

    def leave(self, facilities: Iterable[int], listener: BillListener) -> None:
        """Tell a listener nothing more; also one that has never joined."""
        for facility in facilities:
            listeners = self._listeners.get(facility, {})
            listeners.pop(listener, None)
            if not listeners:
                self._listeners.pop(facility, None)
        if not self._listeners:
            self._position = None
            if self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._beat_seconds)
            try:
                async with self._lock:
                    await self._tell()
            except PyMongoError as error:
                _log.warning("cannot look for bills", error=describe(error))
            except Exception as error:  # noqa: BLE001 - the next look tells of the same bills
                _log.exception("bills cannot be told of", exc_info=error)

    async def _tell(self) -> None:
        before, after = self.position, await self.present()
        if after != before:
            for bill in await self._bills.between(list(self._listeners), before, after):
                for listener in tuple(self._listeners.get(bill.bill.facility, ())):
                    listener.came_out(bill)
            self._position = after
