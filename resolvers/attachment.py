"""A listener's hold on a stream: how it gets to where the stream stands, and what it hears then."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from typing import Final

import structlog

from datasources.stored_rows import StoredRows
from domain.errors import BadInput, KenshinError
from domain.stream_cursor import decode_positions
from domain.stream_gaps import Gap, first_places, gaps_between, size_of
from resolvers.authority import Authority
from resolvers.patience import until_answered
from resolvers.reads import Reads
from resolvers.stream import Stream
from resolvers.stream_events import Deliver, StreamEvent, StreamState

_BATCH: Final = 128
"Events of the past that are handed on at once."
_MOST_READ: Final = 2000
"Readings that are kept for a subscriber who catches up, however slowly."
_log = structlog.get_logger()


class Attachment:
    """What `LiveStreams.open` gives: live events go to `deliver` from then on, until `detach`.

    Any number of subscribers may share one: each catches up by `past`, and stands where the stream does
    when that is exhausted.
    """

    __slots__ = ("_authority", "_catch_up_limit", "_deliver", "_reads", "stream")

    def __init__(
        self,
        stream: Stream,
        deliver: Deliver,
        reads: Reads,
        authority: Authority,
        catch_up_limit: int,
    ) -> None:
        self.stream = stream
        self._deliver = deliver
        self._reads = reads
        self._authority = authority
        self._catch_up_limit = catch_up_limit
        stream.hold(self)

    @property
    def positions(self) -> Mapping[int, int]:
        """Where the live listeners stand: the last places they have seen. Replaced, never changed."""
        return self.stream.positions

    def heartbeat(self) -> StreamEvent:
        """How things stand: the event of a subscriber that has caught up."""
        return self.stream.heartbeat()

    def detach(self) -> None:
        """Hear nothing more; a second time does nothing."""
        self.stream.release(self)

    def events(self, events: Sequence[StreamEvent]) -> None:
        """Hand live events on."""
        try:
            self._deliver.events(events)
        except Exception as error:  # noqa: BLE001 - what is wrong with one disturbs no other
            _log.exception("a listener failed", exc_info=error)
            self.detach()
            self._deliver.ended(KenshinError("something went wrong here; subscribe again"))

    def ended(self, error: KenshinError) -> None:
        self._deliver.ended(error)

    async def positions_of(self, cursor: str) -> Mapping[int, int]:
        """Places of a client's cursor; raises BadInput for one that is not of these readings."""
        given = decode_positions(cursor)
        numbers = self.stream.numbers
        if missing := [number for number in numbers if number not in given]:
            raise BadInput(
                f"after: this cursor is not of these facilities ({len(missing)} are not in it)"
            )
        if any(given[number] > self.positions[number] for number in numbers):
            # The database may have more than was announced here.
            asked = [self._reads.head.load(number, self) for number in numbers]
            heads = [await head for head in asked]
            if any(given[head.facility] > head.order for head in heads):
                raise BadInput("after: this cursor is of readings that were never stored")
        return {number: given[number] for number in numbers}

    def missed_since(self, positions: Mapping[int, int]) -> int:
        """How many readings a subscriber at these places is to be handed first."""
        missed = size_of(gaps_between(positions, self.stream.positions))
        return 0 if missed > self._catch_up_limit else missed

    async def past(
        self, after: Mapping[int, int] | None = None
    ) -> AsyncGenerator[list[StreamEvent], None]:
        """Events from a subscriber's places to where the live listeners stand, in order.

        When it is exhausted the subscriber stands at `positions`: until its next `await`, when live
        events may come. Who is further behind than `catch_up_limit` gets a reset in place of the
        readings. While MongoDB does not answer this waits. Raises what the stream has ended with.
        """
        stream = self.stream
        positions = stream.positions if after is None else after
        while True:
            while any(place > stream.positions[number] for number, place in positions.items()):
                await stream.brought_up()
            stream.check()
            gaps = gaps_between(positions, stream.positions)
            if not gaps:
                return
            if size_of(gaps) > self._catch_up_limit:
                positions = stream.positions
                yield [stream.heartbeat(reset=True)]
                continue
            gaps = first_places(gaps, _MOST_READ)
            found = await until_answered(partial(self._stored, gaps))
            for gap, rows in zip(gaps, found, strict=True):
                for start in range(0, len(rows), _BATCH):
                    await until_answered(self._authority.settle)
                    await stream.permitted()
                    events, positions = stream.events_of(
                        rows[start : start + _BATCH], positions, StreamState.CATCHING_UP
                    )
                    if events:
                        yield events
                positions = {**positions, gap.facility: gap.until}

    async def _stored(self, gaps: Sequence[Gap]) -> list[StoredRows]:
        asked = [self._reads.stored.load(gap, gap) for gap in gaps]
        return [await rows for rows in asked]
