"""Facilities as clients see them."""

from datetime import date
from typing import Annotated

import strawberry

from domain.bill_dates import bill_expected_on
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
from schema.arguments import After, Before, First, Last, OfDirection, OfKind, SpanFrom, SpanTo
from schema.bills import Bill, bill_cursor, bill_type
from schema.connections import Connection, connection
from schema.info import Info
from schema.live import Reading, reading_type
from schema.nodes import Node, node_id
from schema.usage import (
    UsageProfile,
    UsageSeries,
    profile_type,
    series_type,
    wanted,
)
from schema.usage_today import UsageToday, usage_today

SeriesResolution = Annotated[
    Resolution,
    strawberry.argument(
        description=(
            "How long a point is. A span has at most 775 days of HALF_HOUR, 1,550 of HOUR, 3,660 of "
            "another; more is RANGE_TOO_LARGE."
        )
    ),
]
AveragedOver = Annotated[
    ProfileBasis,
    strawberry.argument(description="What the averages are of. A span has at most 3,660 days."),
]
MeterKind = Annotated[
    ContractKind, strawberry.argument(description="Of which meter; a facility may have several.")
]


@strawberry.type(description="A place in Japan, as the company writes it.")
class Address:
    postal_code: str = strawberry.field(description="As it was handed in, like 160-0022.")
    prefecture: str = strawberry.field(description="Like 東京都.")
    city: str = strawberry.field(description="City, ward, or district with town: 市区町村.")
    line1: str = strawberry.field(description="Town, block and number.")
    line2: str | None = strawberry.field(description="Building and room; null without one.")


@strawberry.type(description="A contract over [startOn, endOn); open without an end.")
class Contract:
    number: str = strawberry.field(description="Contract number of the company.")
    kind: ContractKind = strawberry.field(description="What is supplied, or bought back.")
    plan: str = strawberry.field(
        description="Key of the tariff plan, as in `Portal.billing.plans`."
    )
    capacity: float | None = strawberry.field(
        description="Contracted size, in `capacityUnit`; null of plans without one."
    )
    capacity_unit: str | None = strawberry.field(
        description="A, kVA or kW; null without a capacity."
    )
    start_on: date = strawberry.field(description="First day of the contract, in Tokyo.")
    end_on: date | None = strawberry.field(
        description="Day after its last one; null while no end is known."
    )
    payment_method: PaymentMethod = strawberry.field(
        description="How bills of the contract are paid from now on; each bill keeps its own."
    )
    invoice_group: str | None = strawberry.field(
        description=(
            "Contracts of one group are paid with one consolidated invoice; null of one that is "
            "billed by itself."
        )
    )
    paper_receipts: bool = strawberry.field(
        description="Whether each payment is receipted on paper."
    )


@strawberry.type(description="A reading period, [startOn, endOn), with the register at both ends.")
class ReadingPeriod:
    kind: ContractKind = strawberry.field(description="Of which meter.")
    unit: str = strawberry.field(description="kWh, or m³ of gas.")
    start_on: date = strawberry.field(description="First day of the period, in Tokyo.")
    end_on: date = strawberry.field(
        description="Day after its last one: the next period starts on it."
    )
    read_on: date = strawberry.field(description="When the meter was read.")
    previous_register: float = strawberry.field(description="Register at `startOn`, in `unit`.")
    present_register: float = strawberry.field(description="Register at `endOn`, in `unit`.")
    usage: float = strawberry.field(
        description=(
            "What was used, in `unit`. Not always the registers' difference: a meter may be "
            "replaced."
        )
    )
    previous_register_kwh: float | None = strawberry.field(description="In kWh; null of gas.")
    present_register_kwh: float | None = strawberry.field(description="In kWh; null of gas.")
    usage_kwh: float | None = strawberry.field(description="In kWh; null of gas.")
    bill_available_on: date | None = strawberry.field(
        description=(
            "From when the bill may be seen by the portal's policy; null where it is as soon as it is "
            "issued."
        )
    )


@strawberry.type(
    description="A place of use (ご使用場所): one supply point and what is contracted for it."
)
class Facility(Node):
    record: strawberry.Private[FacilityRecord]
    name: str = strawberry.field(description="How the company calls the place.")
    supply_point_number: str = strawberry.field(
        description="供給地点特定番号, 22 digits, as written on bills."
    )
    customer_number: str = strawberry.field(description="お客さま番号 of the company.")
    area: str | None = strawberry.field(
        description="Transmission area that it lies in; null where none is told."
    )

    @property
    def owner(self) -> str:
        return self.record.owner

    @strawberry.field(
        description="Where the energy is used, which need not be where the member lives."
    )
    def address(self) -> Address:
        return _address(self.record.address)

    @strawberry.field(
        description="Present and former ones. Empty as long as `contractsAvailable` is false."
    )
    async def contracts(self, info: Info) -> list[Contract]:
        if not await resolve.contracts_available(info.context, self.record):
            return []
        return [_contract(contract) for contract in self.record.contracts]

    @strawberry.field(
        description="Whether the contracts may be seen; in some portals only with the first bill."
    )
    async def contracts_available(self, info: Info) -> bool:
        return await resolve.contracts_available(info.context, self.record)

    @strawberry.field(description="Newest first.")
    async def reading_periods(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        kind: MeterKind = ContractKind.ELECTRICITY,
    ) -> Connection[ReadingPeriod]:
        request = page_request("ReadingPeriod", first, after, last, before)
        billing = info.context.portal(self.record.portal).billing
        return connection(
            await resolve.reading_period_page(info.context, self.record, kind, request),
            lambda period: _period(period, bill_expected_on(self.record, period, billing)),
            lambda period: row_cursor("ReadingPeriod", period.end_on.isoformat()),
            lambda: resolve.reading_period_count(info.context, self.record, kind),
        )

    @strawberry.field(description="Usage of a span, at most as far back as the portal's history.")
    async def usage(
        self,
        info: Info,
        from_: SpanFrom,
        to: SpanTo,
        resolution: SeriesResolution = Resolution.HALF_HOUR,
        direction: OfDirection = Direction.IMPORT,
    ) -> UsageSeries:
        question = resolve_usage.UsageQuestion(self.record, from_, to, resolution, direction)
        return series_type(await resolve_usage.usage(info.context, question, wanted(info)))

    @strawberry.field(description="Average use over a span; gaps are left out.")
    async def usage_profile(
        self,
        info: Info,
        from_: SpanFrom,
        to: SpanTo,
        by: AveragedOver = ProfileBasis.HALF_HOUR_OF_DAY,
        direction: OfDirection = Direction.IMPORT,
    ) -> UsageProfile:
        question = resolve_usage.UsageQuestion(
            self.record, from_, to, Resolution.HALF_HOUR, direction
        )
        series, points = await resolve_usage.usage_profile(info.context, question, by)
        return profile_type(question, by, series.first, series.end, points)

    @strawberry.field(description="The newest half hour that has a reading; null if none has.")
    async def latest_reading(
        self, info: Info, direction: OfDirection = Direction.IMPORT
    ) -> Reading | None:
        found = await resolve_usage.latest_reading(info.context, self.record, direction)
        return None if found is None else reading_type(found)

    @strawberry.field(description="The running day so far, against the day before.")
    async def today(self, info: Info) -> UsageToday:
        return await usage_today(info, self.record)

    @strawberry.field(description="Bills of the portal's history, newest first.")
    async def bills(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        kind: OfKind = None,
    ) -> Connection[Bill]:
        request = page_request("Bill", first, after, last, before)
        return connection(
            await resolve_bills.facility_bill_page(info.context, self.record, kind, request),
            bill_type,
            bill_cursor,
            lambda: resolve_bills.facility_bill_count(info.context, self.record, kind),
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
        invoice_group=contract.invoice_group,
        paper_receipts=contract.paper_receipts,
    )


def _period(period: ReadingPeriodRecord, bill_available_on: date | None) -> ReadingPeriod:
    previous, present, usage = (
        thousandths / 1000
        for thousandths in (period.previous_register, period.present_register, period.usage)
    )
    gas = period.kind is ContractKind.GAS
    return ReadingPeriod(
        kind=period.kind,
        unit="m³" if gas else "kWh",
        start_on=period.start_on,
        end_on=period.end_on,
        read_on=period.read_on,
        previous_register=previous,
        present_register=present,
        usage=usage,
        previous_register_kwh=None if gas else previous,
        present_register_kwh=None if gas else present,
        usage_kwh=None if gas else usage,
        bill_available_on=bill_available_on,
    )
