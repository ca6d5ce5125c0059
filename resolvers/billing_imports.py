"""Files of what bills are made from and of what became of them: periods, prices, bills, payments."""

from dataclasses import replace

from domain.bill_records import parse_bill, placed_bill
from domain.facilities import ReadingPeriod
from domain.market_price_records import parse_market_day
from domain.payment_records import parse_payment
from domain.reading_period_records import parse_reading_period
from domain.readings import Rejection
from domain.slots import TOKYO
from resolvers.record_lines import Lines, give_to_owners, parsed, with_facility
from resolvers.sources import Sources


async def store_periods(sources: Sources, lines: Lines) -> list[Rejection]:
    periods, rejections = parsed(lines, parse_reading_period)
    known, unknown = await with_facility(sources, periods)
    placed = [
        (facility.portal, facility.owner, replace(new.period, facility=facility.number))
        for _, new, facility in known
    ]
    refused = await sources.periods.put(placed, sources.clock())
    overlapping = [Rejection(known[place][0], _overlap(other)) for place, other in refused.items()]
    await give_to_owners(sources, [facility for _, _, facility in known])
    return rejections + unknown + overlapping


def _overlap(other: ReadingPeriod) -> str:
    return f"the period overlaps {other.kind} from {other.start_on} to {other.end_on}"


async def store_bills(sources: Sources, lines: Lines) -> list[Rejection]:
    bills, rejections = parsed(lines, parse_bill)
    known, unknown = await with_facility(sources, bills)
    strangers = [
        Rejection(line, f"the facility belongs to portal {facility.portal!r}")
        for line, new, facility in known
        if facility.portal != new.bill.portal
    ]
    placed = [
        placed_bill(new.bill, facility, sources.portals[facility.portal].billing)
        for _, new, facility in known
        if facility.portal == new.bill.portal
    ]
    if placed:
        await sources.bills.put(placed, sources.clock())
        await give_to_owners(sources, [facility for _, _, facility in known])
    return rejections + unknown + strangers


async def store_payments(sources: Sources, lines: Lines) -> list[Rejection]:
    read, rejections = parsed(lines, parse_payment)
    now = sources.clock()
    # One from the future would stand against all that come until then.
    payments = [(line, payment) for line, payment in read if payment.recorded_at <= now]
    early = [
        Rejection(line, f"recordedAt must not be in the future, found {found.isoformat()}")
        for line, payment in read
        if (found := payment.recorded_at.astimezone(TOKYO)) > now
    ]
    refused = await sources.payments.put([payment for _, payment in payments])
    unknown = [Rejection(payments[place][0], why) for place, why in refused.items()]
    return rejections + early + unknown


async def store_market_prices(sources: Sources, lines: Lines) -> list[Rejection]:
    days, rejections = parsed(lines, parse_market_day)
    await sources.market_prices.put([day for _, day in days])
    return rejections
