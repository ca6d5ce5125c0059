"""Long work in threads, beside which the loop goes on."""

import asyncio
import sys
from collections.abc import Callable
from typing import Final, TypeVar

_TURN_SECONDS: Final = 0.0002

Result = TypeVar("Result")


class _ShortTurns:
    """While threads work, whoever wants to go on gets its turn soon.

    Else the loop waits for as long as Python lets a thread run, whenever it has waited for anything.
    """

    def __init__(self) -> None:
        self._threads = 0
        self._usual = 0.0

    def __enter__(self) -> None:
        if self._threads == 0:
            self._usual = sys.getswitchinterval()
            sys.setswitchinterval(_TURN_SECONDS)
        self._threads += 1

    def __exit__(self, *_: object) -> None:
        self._threads -= 1
        if self._threads == 0:
            sys.setswitchinterval(self._usual)


_SHORT_TURNS: Final = _ShortTurns()


async def in_thread(work: Callable[[], Result]) -> Result:
    """What long work gives; who is cancelled meanwhile goes on once it is done.

    So nothing is closed under a thread, and no more work at once than there is room for.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work))
    with _SHORT_TURNS:
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise
