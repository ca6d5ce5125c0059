"""Readings and the subscription that pushes them."""

from collections.abc import AsyncGenerator
from datetime import datetime

import strawberry

from domain.readings import Direction, Quality
from domain.slots import start_of_slot
from domain.stored import StoredReading
from resolvers import live as resolve
from schema.info import Info
from schema.nodes import facility_number, node_id


@strawberry.type(
    description="(facilityId, direction, startAt, revision) names a reading of one half hour."
)
class Reading:
    facility_id: strawberry.ID
    start_at: datetime
    end_at: datetime
    direction: Direction
    kwh: float
    yen: float | None
    quality: Quality
    revision: int = strawberry.field(
        description="Counts up when the meter system corrects the slot."
    )
    received_at: datetime


@strawberry.type(
    description="Either a reading, or (reading: null) a heartbeat that says how things stand."
)
class ReadingEvent:
    reading: Reading | None
    cursor: str = strawberry.field(description="Resume here after a lost connection.")
    state: resolve.StreamState
    last_received_at: datetime | None


def reading_type(reading: StoredReading) -> Reading:
    return Reading(
        facility_id=node_id("Facility", reading.facility),
        start_at=start_of_slot(reading.slot),
        end_at=start_of_slot(reading.slot + 1),
        direction=reading.direction,
        kwh=reading.wh / 1000,
        yen=None,
        quality=reading.quality,
        revision=reading.revision,
        received_at=reading.received_at,
    )


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description=(
            "Readings of these facilities as they are received. With `after`, first all that was "
            "received since that cursor, in order (of a half hour that was replaced meanwhile, its "
            "newest revision), then live, with no gap between the two. At least once: a client "
            "drops a reading whose name it has seen. A facility that may no longer be seen ends the "
            "subscription with FORBIDDEN."
        )
    )
    async def readings(
        self, info: Info, facility_ids: list[strawberry.ID], after: str | None = None
    ) -> AsyncGenerator[ReadingEvent, None]:
        numbers = [facility_number(text) for text in facility_ids]
        events = resolve.reading_events(info.context, numbers, after)
        async for event in events:
            yield ReadingEvent(
                reading=None if event.reading is None else reading_type(event.reading),
                cursor=event.cursor,
                state=event.state,
                last_received_at=event.last_received_at,
            )
