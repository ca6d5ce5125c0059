"""Work that no answer waits for, since how long it takes would tell something."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from datasources.mongo import PyMongoError, describe

_log = structlog.get_logger()


class Afterwards:
    """Tasks of a process, finished before it ends."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, work: Coroutine[Any, Any, object]) -> None:
        """Begin it now; that the database did not answer is logged."""
        task = asyncio.create_task(_done(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Come back when all is done."""
        await asyncio.gather(*self._tasks)


async def _done(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except PyMongoError as error:
        _log.warning("work after an answer failed", error=describe(error))
    except Exception:  # noqa: BLE001 - a task of its own: nobody else would hear of it
        _log.exception("internal error")
