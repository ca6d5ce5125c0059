"""Time of an operation: one that takes longer is stopped, and told so.

Databases have time-outs of their own, but an operation may make many calls. It is stopped as when its
client goes away: a mutation is then done or not done, never half.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from domain.errors import LimitExceeded

Result = TypeVar("Result")


class OperationTime:
    """Watches over all operations of a process with one timer: one for each would cost much more."""

    def __init__(self, seconds: float) -> None:
        """0: operations take as long as they like."""
        self._seconds = seconds
        self._running: dict[object, tuple[float, asyncio.Task[Any]]] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def within(self, work: Awaitable[Result]) -> Result:
        """What the work gives; raises LimitExceeded if the time is over before."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if not self._seconds or task is None:
            return await work
        key = object()
        self._running[key] = loop.time() + self._seconds, task
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)
        try:
            return await work
        except asyncio.CancelledError:
            if key in self._running or task.uncancel():
                raise  # who started the operation has given it up
            raise LimitExceeded(f"an operation may take at most {self._seconds:g} s") from None
        finally:
            self._running.pop(key, None)

    def _look(self) -> None:
        """Stop what is late; operations are in the order in which their time is over."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._running:
            key, (ends, task) = next(iter(self._running.items()))
            if ends > loop.time():
                self._timer = loop.call_at(ends, self._look)
                return
            del self._running[key]
            task.cancel()
