"""Which deliveries of a webhook are tried now: some at the same time, each of them once."""

import asyncio
from collections.abc import Awaitable, Callable


class DeliveryTurns:
    """Runs `deliver(consent)` for those that are due; it must not raise."""

    def __init__(self, deliver: Callable[[str], Awaitable[None]], most: int) -> None:
        """`most` of them are under way at the same time."""
        self.most = most
        self._deliver = deliver
        self._due: dict[str, None] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._over = False

    def add(self, consent: str) -> None:
        """Let a delivery be tried; if it is under way, once more after that."""
        if consent in self._busy:
            self._again.add(consent)
        else:
            self._due[consent] = None
            self._start()

    async def finish(self, seconds: float) -> None:
        """Begin no more, and wait so long for those under way."""
        self._over = True
        busy = list(self._busy.values())
        if busy:
            _, late = await asyncio.wait(busy, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _start(self) -> None:
        while self._due and len(self._busy) < self.most and not self._over:
            consent = next(iter(self._due))
            del self._due[consent]
            self._busy[consent] = asyncio.create_task(self._turn(consent))

    async def _turn(self, consent: str) -> None:
        try:
            await self._deliver(consent)
        finally:
            del self._busy[consent]
            if consent in self._again:
                self._again.discard(consent)
                self._due[consent] = None
            self._start()
