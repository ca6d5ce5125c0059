"""What a stream of readings tells its listeners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.errors import KenshinError
from domain.stored import StoredReading, instant_of_ms
from domain.stream_cursor import encode_positions


class StreamState(StrEnum):
    CATCHING_UP = "CATCHING_UP"
    LIVE = "LIVE"
    STALE = "STALE"


@dataclass(slots=True, eq=False)
class StreamEvent:
    """A reading, or None for a heartbeat that says how things stand.

    `positions` are the last places, by facility, that were seen by who has got this event. With `reset`
    more was missed than is sent: what lies between must be asked for as a series.
    """

    reading: StoredReading | None
    state: StreamState
    positions: Mapping[int, int]
    received_ms: int | None
    reset: bool = False
    _cursor: str = field(default="", init=False, repr=False)

    @property
    def cursor(self) -> str:
        """Positions as a text for clients; made when it is first asked for."""
        if not self._cursor:
            self._cursor = encode_positions(self.positions)
        return self._cursor

    @property
    def last_received_at(self) -> datetime | None:
        """When the newest reading of these facilities was received."""
        return None if self.received_ms is None else instant_of_ms(self.received_ms)


class Deliver(Protocol):
    """Who gets a stream's live events. Called in the loop: must not block, wait or fail."""

    def events(self, events: Sequence[StreamEvent]) -> None:
        """The next events, in order per facility."""

    def ended(self, error: KenshinError) -> None:
        """Nothing more may be seen; the last call."""
