"""A portal in memory: one member with facilities, another member, and usage that a test draws."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from datasources.bill_revisions import EarlierBill
from datasources.plan_files import read_plan_book
from datasources.portal_files import read_portals
from datasources.usage import Span
from domain.bills import Bill
from domain.certificates import PaymentCertificate
from domain.external_log_in import ExternalLogIn
from domain.facilities import (
    Address,
    Contract,
    ContractKind,
    Facility,
    FacilityChoice,
    PaymentMethod,
    ReadingPeriod,
)
from domain.invoices import Invoice
from domain.members import (
    Device,
    Member,
    MemberProfile,
    MemberState,
    Session,
    SessionRecord,
)
from domain.paging import Page, PageRequest
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import SLOTS_PER_DAY, day_of_slot, first_slot, slot_at, start_of_slot
from domain.stored import Head, StoredReading
from domain.tariff.ladders import MISSING_PRICE
from domain.terms import TermsRecord
from domain.usage import KnownBlock, SlotSeries
from resolvers.context import RequestContext
from resolvers.sources import Sources
from tests.billed import home_bill, invoice_of

NO_LIMITS: Final = Settings(
    max_depth=100,
    max_selections=100_000,
    max_document_bytes=0,
    max_document_tokens=0,
    max_repeats=0,
    max_aliases=0,
    max_directives=0,
    max_root_fields=0,
    max_fragments=0,
)
"So that every query that is drawn is executed."

NOW: Final = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
END: Final = slot_at(NOW)
PORTAL: Final = "denki-jtb"
OWN: Final = (1, 2)
"Facilities of the member `mine`."
OTHERS: Final = 3
"A facility of the member `other`."


@dataclass
class Usage:
    """Wh, quality and revision of one slot after the other, repeated for ever from slot 0.

    Facilities and directions differ in where they begin. With `keeps`, series say which of their
    days are known.
    """

    wh: NDArray[np.int32]
    quality: NDArray[np.int32]
    revision: NDArray[np.int32]
    keeps: bool = False
    corrections: int = 0

    def correct(self) -> None:
        """Give every slot what its neighbour had, and a higher revision."""
        self.wh, self.quality = np.roll(self.wh, 1), np.roll(self.quality, 1)
        self.revision = np.where(self.quality, self.revision.max() + 1, 0).astype(np.int32)
        self.corrections += 1

    async def read(self, spans: Sequence[Span]) -> list[SlotSeries]:
        return [self._series(span) for span in spans]

    def _series(self, span: Span) -> SlotSeries:
        slots = np.arange(span.first, span.end)
        places = (slots + span.facility + span.direction) % len(self.wh)
        has_value = slots < END
        wh, quality, revision = (
            np.where(has_value, column[places], 0).astype(np.int32)
            for column in (self.wh, self.quality, self.revision)
        )
        return SlotSeries(
            span.first, wh, quality, revision, self._known(span) if self.keeps else ()
        )

    def _known(self, span: Span) -> tuple[KnownBlock, ...]:
        """Whole days, but for every third."""
        days = range(day_of_slot(span.first + SLOTS_PER_DAY - 1), day_of_slot(span.end))
        return tuple(
            KnownBlock(
                first_slot(day),
                first_slot(day + 1),
                (span.facility, span.direction, day, self.corrections),
            )
            for day in days
            if day % 3
        )

    async def heads(self, facilities: Sequence[int]) -> dict[int, Head]:
        return {number: self._head(number) for number in facilities}

    def _head(self, number: int) -> Head:
        latest = None
        if number in OWN:
            latest = StoredReading(
                number, Direction.IMPORT, END - 1, 120, Quality.PROVISIONAL, 0, 7, 1_700_000_000_000
            )
        return Head(number, 7, start_of_slot(END), (latest, None))


class _Facilities:
    async def by_numbers(self, numbers: Sequence[int]) -> dict[int, Facility]:
        return {number: FACILITIES[number] for number in numbers if number in FACILITIES}

    async def page(self, owner: str, _: FacilityChoice, request: PageRequest) -> Page[Facility]:
        rows = [one for one in FACILITIES.values() if one.owner == owner]
        if request.backward:
            rows.reverse()
        return Page(tuple(rows[: request.limit]), len(rows) > request.limit, has_previous=False)

    async def count(self, owner: str, _: FacilityChoice) -> int:
        return sum(one.owner == owner for one in FACILITIES.values())


class _Members:
    async def by_ids(self, members: Sequence[str]) -> dict[str, Member]:
        return {member: self._member(member) for member in members}

    def _member(self, member: str) -> Member:
        profile = MemberProfile(f'"{member}"\0 の名前', None, "m@example.jp", None)
        return Member(member, PORTAL, f"{member}@example.jp", MemberState.ACTIVE, profile)


class _Sessions:
    async def of_member(self, member: str, now: datetime) -> list[SessionRecord]:
        ends_at = now + timedelta(days=1)
        return [SessionRecord("s", member, PORTAL, 'Fire"fox', None, now, now, ends_at)]

    async def by_access_tokens(self, asked: Sequence[tuple[str, datetime]]) -> list[Session | None]:
        return [self._session(token, now) for token, now in asked]

    def _session(self, token: str, now: datetime) -> Session | None:
        if token not in {"mine", "other"}:
            return None
        return Session("s", token, PORTAL, now + timedelta(days=1))


class _Devices:
    async def of_member(self, member: str, now: datetime) -> list[Device]:
        return [Device(name, member, name, now, now) for name in ("one", "two")]


class _StaffSessions:
    async def use(self, _: str, __: datetime) -> None:
        """No token is one of staff."""


class _ExternalLogIns:
    async def of_member(self, member: str) -> list[ExternalLogIn]:
        return [ExternalLogIn("one", member, "partner", NOW, None)]


class _Terms:
    async def of_member(self, _: str) -> list[TermsRecord]:
        return []


class _Papers:
    """One bill, which every list of bills has, and the same reading periods of every facility."""

    async def by_ids(self, ids: Sequence[str]) -> Mapping[str, Bill]:
        return {BILL.id: BILL} if BILL.id in ids else {}

    async def pages_of_facilities(
        self, numbers: Sequence[int], *_: Any
    ) -> Mapping[int, Page[Bill]]:
        return dict.fromkeys(numbers, await self.page_of_member())

    async def counts_of_facilities(self, numbers: Sequence[int], *_: Any) -> Mapping[int, int]:
        return dict.fromkeys(numbers, 1)

    async def page_of_member(self, *_: Any) -> Page[Bill]:
        return Page((BILL,), has_next=False, has_previous=False)

    async def count_of_member(self, *_: Any) -> int:
        return 1


class _BillRevisions:
    """The bill as it was before, of whatever bill."""

    async def of_bills(self, ids: Sequence[str], _: str) -> Mapping[str, list[EarlierBill]]:
        return {id_: [EarlierBill(replace(BILL, revision=0), NOW)] for id_ in ids}


class _Invoices:
    """One consolidated invoice, of the one bill."""

    async def by_ids(self, ids: Sequence[str]) -> Mapping[str, Invoice]:
        return {INVOICE.id: INVOICE} if INVOICE.id in ids else {}

    async def page_of_member(self, *_: Any) -> Page[Invoice]:
        return Page((INVOICE,), has_next=False, has_previous=False)

    async def count_of_member(self, *_: Any) -> int:
        return 1


class _Certificates:
    """None."""

    async def by_id(self, _: str) -> None:
        return None

    async def page_of_member(self, *_: Any) -> Page[PaymentCertificate]:
        return Page((), has_next=False, has_previous=False)

    async def count_of_member(self, *_: Any) -> int:
        return 0


class _Periods:
    async def pages(self, numbers: Sequence[int], *_: Any) -> Mapping[int, Page[ReadingPeriod]]:
        bounds = (date(2026, 10, 12), date(2026, 11, 12))
        return {
            number: Page(
                (ReadingPeriod(number, *bounds, bounds[1], 1_000_000, 1_250_001, 250_001),),
                has_next=False,
                has_previous=True,
            )
            for number in numbers
        }

    async def counts(self, numbers: Sequence[int], *_: Any) -> Mapping[int, int]:
        return dict.fromkeys(numbers, 2)

    async def bounds(self, numbers: Sequence[int], *_: Any) -> Mapping[int, list[date]]:
        bounds = [date(year, month, 12) for year in (2024, 2025, 2026) for month in range(1, 13)]
        return dict.fromkeys(numbers, bounds)


class _MarketPrices:
    """Another price in every half hour, some of them below zero, and none at noon."""

    async def read(
        self, areas: Collection[str], first_day: int, end_day: int
    ) -> Mapping[str, NDArray[np.int32]]:
        sen = np.arange(first_day * SLOTS_PER_DAY, end_day * SLOTS_PER_DAY) * 7919 % 4000 - 1900
        prices = sen.astype(np.int32).reshape(-1, SLOTS_PER_DAY)
        prices[:, SLOTS_PER_DAY // 2] = MISSING_PRICE
        return dict.fromkeys(areas, prices)


class _SigningKeys:
    async def key(self, name: str, _: datetime) -> bytes:
        return name.encode()


def _facility(number: int, owner: str) -> Facility:
    contract = Contract(
        number=f"E{number}",
        kind=ContractKind.ELECTRICITY,
        plan="lighting-b" if number == OWN[0] else "market-linked",
        capacity=Decimal(40),
        capacity_unit="A",
        start_on=date(2024, 2, 1) if number == OWN[0] else date(2025, 6, 1),
        end_on=None,
        payment_method=PaymentMethod.DIRECT_DEBIT,
    )
    gas = replace(contract, number="G", kind=ContractKind.GAS, capacity=None, capacity_unit=None)
    fed_in = replace(contract, number="B", kind=ContractKind.BUY_BACK, plan="buy-back")
    return Facility(
        number=number,
        portal=PORTAL,
        owner=owner,
        name=f'自宅 "{number}" \0',
        supply_point=f"{number * 7:02d}{number:020d}",
        customer_number=f"C{number}",
        address=Address("160-0022", "東京都", "新宿区", f"{number}番", None),
        contracts=(contract, gas, fed_in) if number == OWN[0] else (contract,),
    )


FACILITIES: Final = {
    number: _facility(number, "other" if number == OTHERS else "mine") for number in (*OWN, OTHERS)
}


BILL: Final = replace(
    home_bill(
        FACILITIES[OWN[0]], date(2026, 9, 12), date(2026, 10, 12), date(2026, 10, 16), 250_000
    ),
    id=f"{PORTAL}/1",
    number="1",
    revision=1,
)
INVOICE: Final = invoice_of([BILL], BILL.available_on)


def sources(usage: Usage) -> Sources:
    """Sources in memory; what only writes or streams is not there."""
    stores: dict[str, Any] = {
        "settings": Settings(usage_cache_mb=0),
        "clock": lambda: NOW,
        "portals": read_portals(),
        "plans": read_plan_book(),
        "members": _Members(),
        "sessions": _Sessions(),
        "devices": _Devices(),
        "staff_sessions": _StaffSessions(),
        "external_log_ins": _ExternalLogIns(),
        "terms": _Terms(),
        "facilities": _Facilities(),
        "usage": usage,
        "bills": _Papers(),
        "bill_revisions": _BillRevisions(),
        "invoices": _Invoices(),
        "certificates": _Certificates(),
        "periods": _Periods(),
        "market_prices": _MarketPrices(),
        "signing_keys": _SigningKeys(),
    }
    absent: dict[str, Any] = {one.name: None for one in fields(Sources)}
    return Sources(**(absent | stores))


def context(usage: Usage, token: str | None) -> RequestContext:
    """Context of a request by who has this token."""
    return RequestContext(sources(usage), token and f"Bearer {token}", "request")
