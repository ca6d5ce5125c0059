"""How fast events are handed out: never so many at once that others wait."""

import asyncio
from time import monotonic
from typing import Final

from resolvers.authority import Authority

EVENTS_PER_TICK: Final = 128
"Takes a few milliseconds with all that listeners do about them."
_SETTLED_SECONDS: Final = 0.1
"So long what the authority knew serves a batch."
_SETTLE_EVERY_SECONDS: Final = 0.005
"So that many small batches don't cost a read each."


class Pace:
    """Leaves the loop to others while batches are handed out, and asks the authority in time."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._handed = 0
        self._settled_at = 0.0

    async def gather(self) -> None:
        """Before a batch is taken: leave it a moment to grow, if there was one just now."""
        if (seconds := self._settled_at + _SETTLE_EVERY_SECONDS - monotonic()) > 0:
            await asyncio.sleep(seconds)

    async def settle(self) -> None:
        """Before a batch is handed out; raises PyMongoError as `Authority.settle` does."""
        self._settled_at = monotonic()
        await self._authority.settle()

    def handed(self, events: int) -> bool:
        """Count events; answers whether it is time to `rest`."""
        self._handed += events
        return self._handed >= EVENTS_PER_TICK

    async def rest(self) -> None:
        """Let others have the loop; raises as `settle` does."""
        self._handed = 0
        await asyncio.sleep(0)
        if monotonic() > self._settled_at + _SETTLED_SECONDS:
            await self.settle()
