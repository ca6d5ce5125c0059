"""Waiting for a database that does not answer, where nobody waits for us."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from datasources.mongo import PyMongoError, is_down

Returned = TypeVar("Returned")

RETRY_SECONDS: Final = 1.0
"How long MongoDB is left alone when it did not answer."


async def until_answered(read: Callable[[], Awaitable[Returned]]) -> Returned:
    """What is read, when the database answers; any other error is raised."""
    while True:
        try:
            return await read()
        except PyMongoError as error:
            if not is_down(error):
                raise
            await asyncio.sleep(RETRY_SECONDS)
