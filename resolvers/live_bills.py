"""Bills as they come out, for who subscribed to them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from domain.bill_position import BillPosition, PlacedBill, bill_position
from domain.bills import Bill
from domain.consents import Scope
from domain.errors import BadInput, KenshinError
from resolvers.bills import is_opened, shown_bills
from resolvers.context import RequestContext
from resolvers.live import StreamEvent
from resolvers.patience import until_answered

_CLOCKS_DIFFER = timedelta(days=1)
"A cursor may be from a process in which the next day has begun."


@dataclass(frozen=True, slots=True)
class BillNews:
    """A bill, or None for a heartbeat. Whoever goes on from `cursor` misses nothing."""

    bill: Bill | None
    cursor: str


class _Inbox:
    """Bills and heartbeats until they are taken; of a bill only the newest."""

    def __init__(self) -> None:
        self._arrived = asyncio.Event()
        self._bills: dict[str, PlacedBill] = {}
        self._error: KenshinError | None = None

    def came_out(self, bill: PlacedBill) -> None:
        self._bills.pop(bill.bill.id, None)
        self._bills[bill.bill.id] = bill
        self._arrived.set()

    def events(self, events: Sequence[StreamEvent]) -> None:
        """Of readings only the heartbeats between them matter."""
        if any(event.reading is None for event in events):
            self._arrived.set()

    def ended(self, error: KenshinError) -> None:
        self._error = error
        self._arrived.set()

    async def wait(self) -> None:
        """Wait for bills, or a heartbeat; raises what has ended it."""
        await self._arrived.wait()
        if self._error is not None:
            raise self._error

    def take(self) -> Sequence[PlacedBill]:
        """Bills that came; none for a heartbeat."""
        self._arrived.clear()
        bills, self._bills = tuple(self._bills.values()), {}
        return bills


async def bill_events(
    context: RequestContext, numbers: Sequence[int], after: str | None
) -> AsyncGenerator[BillNews, None]:
    """Bills of facilities that came out since a cursor, then those that come out, with heartbeats.

    At least once. All facilities must belong to who asks: that is known from the stream of their
    readings, which beats for this too, and which other subscriptions of them share.
    """
    inbox, watch = _Inbox(), context.sources.bill_watch
    attachment = await context.sources.live.open(context, numbers, inbox, Scope.BILLS_READ)
    stream = attachment.stream
    try:
        await watch.join(stream.numbers, inbox)
        position = watch.position
        told = position if after is None else await _given(context, after)
        bills: Sequence[PlacedBill] = ()
        if not told.includes(position):
            read = partial(context.sources.bills.between, stream.numbers, told, position)
            bills = await until_answered(read)
        caught_up = False
        while True:
            await until_answered(context.sources.authority.settle)
            await stream.permitted()
            news = _news(context, stream.member, bills, told, position)
            for each in news:
                yield each
            told = _further(told, position)
            if not news or not caught_up:
                yield BillNews(None, told.cursor)
            caught_up = True
            await inbox.wait()
            # Both at once: what comes out after the position will be in the inbox.
            bills, position = inbox.take(), watch.position
    finally:
        watch.leave(stream.numbers, inbox)
        attachment.detach()


async def _given(context: RequestContext, cursor: str) -> BillPosition:
    """Position of a client's cursor; raises BadInput for one that is none, or of the future."""
    given = bill_position(cursor)
    present = await context.sources.bill_watch.present()
    latest = BillPosition(present.place, present.available_on + _CLOCKS_DIFFER)
    if not latest.includes(given):
        raise BadInput("after: this cursor is of bills that were never stored")
    return given


def _news(
    context: RequestContext,
    member: str,
    bills: Sequence[PlacedBill],
    told: BillPosition,
    position: BillPosition,
) -> list[BillNews]:
    """Those of the bills that the member sees and was not told of.

    Only the last one leads to the new position: from there on the others would be missed.
    """
    seen = [
        placed.bill
        for placed in bills
        if placed.bill.owner == member
        and placed.bill.available_on in shown_bills(context, placed.bill.portal)
        and is_opened(context, placed.bill)
        and not told.includes(placed.position)
    ]
    cursors = [told.cursor] * (len(seen) - 1) + [_further(told, position).cursor]
    return [BillNews(bill, cursor) for bill, cursor in zip(seen, cursors, strict=False)]


def _further(told: BillPosition, position: BillPosition) -> BillPosition:
    """The position, unless nothing of it was not told."""
    return told if told.includes(position) else position
