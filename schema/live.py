"""Readings and the subscription that pushes them."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Final, cast

import strawberry

from domain.readings import Direction, Quality
from domain.slots import start_of_slot
from domain.stored import StoredReading
from resolvers import live as resolve
from resolvers.live_bills import bill_events
from resolvers.live_today import today_events
from schema.arguments import FacilityId
from schema.bills import BillEvent, bill_type
from schema.info import Info
from schema.nodes import facility_number, node_id
from schema.usage_today import UsageToday, today_type, wanted_of_day

NEWEST_COUNTS: Final = "newest_counts"
"Metadata of a subscription each of whose events is the whole: who missed some needs only the newest."


@strawberry.type(
    description="(facilityId, direction, startAt, revision) names a reading of one half hour."
)
class Reading:
    facility_id: strawberry.ID = strawberry.field(description="Id of the facility.")
    start_at: datetime = strawberry.field(description="Begin of the half hour.")
    end_at: datetime = strawberry.field(description="End of the half hour, not in it.")
    direction: Direction = strawberry.field(description="Drawn or fed in.")
    kwh: float = strawberry.field(description="In kWh, to the Wh.")
    yen: float | None = strawberry.field(
        description="Null: the price of a half hour hangs on all readings before it. `usage` has it."
    )
    quality: Quality = strawberry.field(description="Never MISSING.")
    revision: int = strawberry.field(
        description="Counts up when the meter system corrects the half hour."
    )
    received_at: datetime = strawberry.field(description="When the meter system handed it in.")


@strawberry.type(
    description="Either a reading, or (reading: null) a heartbeat that says how things stand."
)
class ReadingEvent:
    reading: Reading | None = strawberry.field(description="Null of a heartbeat.")
    cursor: str = strawberry.field(description="Resume here after a lost connection.")
    state: resolve.StreamState = strawberry.field(
        description="How far behind the present the subscription is."
    )
    last_received_at: datetime | None = strawberry.field(
        description="When the newest reading of these facilities was received; null if there is none."
    )
    reset: bool = strawberry.field(
        description=(
            "More was missed than is sent: ask for what lies between as a usage series. What comes "
            "next is live."
        )
    )


class _ReadingShown:
    """A stored reading with the attributes of `Reading`, worked out when one of them is asked for.

    Most selections want few of them, and at the half hour there are very many readings.
    """

    __slots__ = ("_stored",)

    yen = None

    def __init__(self, stored: StoredReading) -> None:
        self._stored = stored

    @property
    def facility_id(self) -> strawberry.ID:
        return node_id("Facility", self._stored.facility)

    @property
    def start_at(self) -> datetime:
        return start_of_slot(self._stored.slot)

    @property
    def end_at(self) -> datetime:
        return start_of_slot(self._stored.slot + 1)

    @property
    def direction(self) -> Direction:
        return self._stored.direction

    @property
    def kwh(self) -> float:
        return self._stored.wh / 1000

    @property
    def quality(self) -> Quality:
        return self._stored.quality

    @property
    def revision(self) -> int:
        return self._stored.revision

    @property
    def received_at(self) -> datetime:
        return self._stored.received_at


class _EventShown:
    """The same for an event and `ReadingEvent`."""

    __slots__ = ("_event", "reading")

    def __init__(self, event: resolve.StreamEvent) -> None:
        self._event = event
        self.reading = None if event.reading is None else _ReadingShown(event.reading)

    @property
    def cursor(self) -> str:
        return self._event.cursor

    @property
    def state(self) -> resolve.StreamState:
        return self._event.state

    @property
    def last_received_at(self) -> datetime | None:
        return self._event.last_received_at

    @property
    def reset(self) -> bool:
        return self._event.reset


def reading_event(event: resolve.StreamEvent) -> ReadingEvent:
    """An event as the schema shows it."""
    return cast(ReadingEvent, _EventShown(event))


def reading_type(reading: StoredReading) -> Reading:
    """A stored reading as the schema shows it."""
    return cast(Reading, _ReadingShown(reading))


FacilityIds = Annotated[
    list[strawberry.ID],
    strawberry.argument(description="At least one, each of them the member's; else NOT_FOUND."),
]
AfterCursor = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "Cursor of an event, or of a `usage` series for readings; it must cover all these "
            "facilities. Null begins with the present."
        )
    ),
]


@strawberry.type(
    description="What is pushed over a WebSocket, until the session ends or may see it no longer."
)
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
        self, info: Info, facility_ids: FacilityIds, after: AfterCursor = None
    ) -> AsyncGenerator[ReadingEvent, None]:
        numbers = [facility_number(text) for text in facility_ids]
        async for event in resolve.reading_events(info.context, numbers, after):
            yield reading_event(event)

    @strawberry.subscription(
        description=(
            "The running day of a facility: at once, after new readings, with every heartbeat, and "
            "when a new day begins. Each event is the whole, so only the newest one counts. Ends as "
            "`readings` does."
        ),
        metadata={NEWEST_COUNTS: True},
    )
    async def usage_today(
        self,
        info: Info,
        facility_id: FacilityId,
    ) -> AsyncGenerator[UsageToday, None]:
        number = facility_number(facility_id)
        async for event in today_events(info.context, number, wanted_of_day(info)):
            yield today_type(event)

    @strawberry.subscription(
        description=(
            "Bills of these facilities as they come out: when the company has handed them in, and "
            "not before the day that policy says. A bill in which an amount was corrected comes out "
            "again, one that was paid does not. With `after`, first all that came out since that "
            "cursor, the oldest first. At least once. Ends as `readings` does."
        )
    )
    async def bill_published(
        self, info: Info, facility_ids: FacilityIds, after: AfterCursor = None
    ) -> AsyncGenerator[BillEvent, None]:
        numbers = [facility_number(text) for text in facility_ids]
        async for news in bill_events(info.context, numbers, after):
            bill = None if news.bill is None else bill_type(news.bill)
            yield BillEvent(bill=bill, cursor=news.cursor)
