"""Facilities as clients see them."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from domain.facilities import Address as AddressRecord
from domain.facilities import Contract as ContractRecord
from domain.facilities import ContractKind, PaymentMethod
from domain.facilities import Facility as FacilityRecord
from domain.facilities import ReadingPeriod as ReadingPeriodRecord
from domain.paging import page_request, row_cursor
from domain.readings import Direction
from domain.usage import Resolution
from domain.usage_profile import ProfileBasis
from resolvers import bills as resolve_bills
from resolvers import facilities as resolve
from resolvers import usage as resolve_usage
from schema.bills import Bill, bill_cursor, bill_type
from schema.connections import Connection, connection
from schema.info import Info
from schema.live import Reading, reading_type
from schema.nodes import Node, node_id
from schema.selections import mentions
from schema.usage import (
    CURSOR,
    UsageProfile,
    UsageSeries,
    profile_type,
    series_type,
)
from schema.usage_today import UsageToday, usage_today

From = Annotated[datetime, strawberry.argument(name="from")]


@strawberry.type
class Address:
    postal_code: str
    prefecture: str
    city: str
    line1: str
    line2: str | None


@strawberry.type(description="A contract over [startOn, endOn); open without an end.")
class Contract:
    number: str
    kind: ContractKind
    plan: str
    capacity: float | None
    capacity_unit: str | None
    start_on: date
    end_on: date | None
    payment_method: PaymentMethod


@strawberry.type(description="A reading period, [startOn, endOn), with the register at both ends.")
class ReadingPeriod:
    start_on: date
    end_on: date
    read_on: date
    previous_register_kwh: float
    present_register_kwh: float
    usage_kwh: float


@strawberry.type(
    description="A place of use (ご使用場所): one supply point and what is contracted for it."
)
class Facility(Node):
    record: strawberry.Private[FacilityRecord]
    name: str
    supply_point_number: str
    customer_number: str
    area: str | None

    @property
    def owner(self) -> str:
        return self.record.owner

    @strawberry.field
    def address(self) -> Address:
        return _address(self.record.address)

    @strawberry.field
    def contracts(self) -> list[Contract]:
        return [_contract(contract) for contract in self.record.contracts]

    @strawberry.field(description="Newest first.")
    async def reading_periods(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ReadingPeriod]:
        request = page_request("ReadingPeriod", first, after, last, before)
        return connection(
            await resolve.reading_period_page(info.context, self.record, request),
            _period,
            lambda period: row_cursor("ReadingPeriod", period.end_on.isoformat()),
            lambda: resolve.reading_period_count(info.context, self.record),
        )

    @strawberry.field(description="Usage of a span, at most as far back as the portal's history.")
    async def usage(
        self,
        info: Info,
        from_: From,
        to: datetime,
        resolution: Resolution = Resolution.HALF_HOUR,
        direction: Direction = Direction.IMPORT,
    ) -> UsageSeries:
        question = resolve_usage.UsageQuestion(self.record, from_, to, resolution, direction)
        return series_type(
            await resolve_usage.usage(info.context, question, with_cursor=mentions(info, CURSOR))
        )

    @strawberry.field(description="Average use over a span; gaps are left out.")
    async def usage_profile(
        self,
        info: Info,
        from_: From,
        to: datetime,
        by: ProfileBasis = ProfileBasis.HALF_HOUR_OF_DAY,
        direction: Direction = Direction.IMPORT,
    ) -> UsageProfile:
        question = resolve_usage.UsageQuestion(
            self.record, from_, to, Resolution.HALF_HOUR, direction
        )
        series, points = await resolve_usage.usage_profile(info.context, question, by)
        return profile_type(question, by, series.first, series.end, points)

    @strawberry.field(description="The newest half hour that has a reading.")
    async def latest_reading(
        self, info: Info, direction: Direction = Direction.IMPORT
    ) -> Reading | None:
        found = await resolve_usage.latest_reading(info.context, self.record, direction)
        return None if found is None else reading_type(found)

    @strawberry.field
    async def today(self, info: Info) -> UsageToday:
        return await usage_today(info, self.record)

    @strawberry.field(description="Bills of the portal's history, newest first.")
    async def bills(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Bill]:
        return connection(
            await resolve_bills.facility_bill_page(
                info.context, self.record, page_request("Bill", first, after, last, before)
            ),
            bill_type,
            bill_cursor,
            lambda: resolve_bills.facility_bill_count(info.context, self.record),
        )


def facility_type(facility: FacilityRecord) -> Facility:
    return Facility(
        id=node_id("Facility", facility.number),
        record=facility,
        name=facility.name,
        supply_point_number=facility.supply_point,
        customer_number=facility.customer_number,
        area=facility.area,
    )


def facility_cursor(facility: FacilityRecord) -> str:
    return row_cursor("Facility", str(facility.number))


def _address(address: AddressRecord) -> Address:
    return Address(
        postal_code=address.postal_code,
        prefecture=address.prefecture,
        city=address.city,
        line1=address.line1,
        line2=address.line2,
    )


def _contract(contract: ContractRecord) -> Contract:
    return Contract(
        number=contract.number,
        kind=contract.kind,
        plan=contract.plan,
        capacity=None if contract.capacity is None else float(contract.capacity),
        capacity_unit=contract.capacity_unit,
        start_on=contract.start_on,
        end_on=contract.end_on,
        payment_method=contract.payment_method,
    )


def _period(period: ReadingPeriodRecord) -> ReadingPeriod:
    return ReadingPeriod(
        start_on=period.start_on,
        end_on=period.end_on,
        read_on=period.read_on,
        previous_register_kwh=period.previous_register_wh / 1000,
        present_register_kwh=period.present_register_wh / 1000,
        usage_kwh=period.usage_wh / 1000,
    )
