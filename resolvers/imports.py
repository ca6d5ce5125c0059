"""Files in: readings of any layout, and NDJSON of what else the company knows and decides."""

import asyncio
import codecs
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from datasources.members import EmailTaken
from datasources.reading_files import WrongFile, read_readings
from domain.account_records import parse_account
from domain.consents import ConsentEnd
from domain.facilities import Facility
from domain.members import MemberState, login_key
from domain.reading_rows import ReadingRows
from domain.readings import Direction, InvalidReading, Rejection, supply_point_number
from domain.records import (
    NewFacility,
    parse_facility,
    parse_member,
)
from domain.supply import SupplyContract
from domain.supply_records import NewSupplyContract, parse_supply_contract
from resolvers.accounts import AccountRefused, put_account
from resolvers.billing_imports import (
    store_bills,
    store_market_prices,
    store_payments,
    store_periods,
)
from resolvers.intake import ROWS_AT_ONCE, IntakeReport, take_rows
from resolvers.passwords import PASSWORDS
from resolvers.record_lines import Lines, give_to_owners, parsed
from resolvers.sources import Sources

_RECORDS_AT_ONCE: Final = 500
_SHOWN: Final = 20
Item = TypeVar("Item")
Progress = Callable[[int], object]


class RecordKind(StrEnum):
    READINGS = "readings"
    MEMBERS = "members"
    CONTRACTS = "contracts"
    ACCOUNTS = "accounts"
    FACILITIES = "facilities"
    READING_PERIODS = "reading-periods"
    BILLS = "bills"
    PAYMENTS = "payments"
    MARKET_PRICES = "market-prices"


class ImportRefused(Exception):
    """The file cannot be imported at all; one line says why."""


@dataclass(frozen=True, slots=True)
class Import:
    """One file to import; all but the first two fields matter to readings only."""

    file: Path
    kind: RecordKind
    supply_point: str | None
    direction: Direction
    zone: ZoneInfo
    ending: date | None

    async def run(self, sources: Sources, progress: Progress) -> str:
        """Import the file and say what became of it; raises ImportRefused.

        `progress` is told how many more bytes were read.
        """
        if self.kind is RecordKind.READINGS:
            return await self._readings(sources, progress)
        return await _records(sources, self.kind, self.file, progress)

    async def _readings(self, sources: Sources, progress: Progress) -> str:
        await self._expect_facility(sources)
        now = sources.clock()
        report = IntakeReport()
        try:
            rows = read_readings(
                self.file,
                supply_point=self.supply_point,
                direction=self.direction,
                zone=self.zone,
                now=now,
                ending=self.ending,
                progress=progress,
            )
        except (WrongFile, InvalidReading) as error:
            raise ImportRefused(str(error)) from None
        for batch in _batches(rows, ROWS_AT_ONCE):
            await take_rows(sources, ReadingRows.of(batch), report, now)
        return _summary(report)

    async def _expect_facility(self, sources: Sources) -> None:
        if self.supply_point is None:
            return
        try:
            number = supply_point_number(self.supply_point)
        except InvalidReading as error:
            raise ImportRefused(str(error)) from None
        if not await sources.facilities.numbers_of([number]):
            raise ImportRefused(
                f"no facility has supply point number {number}; "
                "import it first with --kind facilities"
            )


async def _records(sources: Sources, kind: RecordKind, file: Path, progress: Progress) -> str:
    store = _STORES[kind]
    rejections: list[Rejection] = []
    stored = 0
    with file.open("rb") as lines:
        for batch in _batches(_numbered(lines), _RECORDS_AT_ONCE):
            refused = await store(sources, batch)
            rejections += sorted(refused, key=lambda rejection: rejection.line)
            stored += len(batch) - len(refused)
            progress(sum(len(line) for _, line in batch))
    return _report_lines([f"{stored:,} stored", f"{len(rejections):,} rejected"], rejections)


def _numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank; what Windows puts before the first one is not part of it."""
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield number, text


async def _store_members(sources: Sources, lines: Lines) -> list[Rejection]:
    members, rejections = parsed(lines, parse_member)
    for line, member in members:
        if member.portal not in sources.portals:
            rejections.append(Rejection(line, f"there is no portal {member.portal!r}"))
            continue
        password_hash = member.password_hash or await PASSWORDS.hash(member.password or "")
        rule = sources.portals[member.portal].email
        try:
            stored = await sources.members.put(
                member.portal,
                member.login_id,
                password_hash,
                member.state,
                member.profile,
                one_member_each=rule.one_member_each,
            )
        except EmailTaken:
            rejections.append(Rejection(line, "another member of the portal has this email"))
            continue
        if member.state is MemberState.WITHDRAWN:
            await sources.sessions.end_all(stored, reason=ConsentEnd.MEMBER_LEFT)
    return rejections


async def _store_contracts(sources: Sources, lines: Lines) -> list[Rejection]:
    contracts, rejections = parsed(lines, parse_supply_contract)
    known = [(line, new) for line, new in contracts if new.contract.portal in sources.portals]
    rejections += [
        Rejection(line, f"there is no portal {new.contract.portal!r}")
        for line, new in contracts
        if new.contract.portal not in sources.portals
    ]
    hashed = await asyncio.gather(*(_hashed(new) for _, new in known))
    if hashed:
        await sources.contracts.put(hashed)
    return rejections


async def _store_accounts(sources: Sources, lines: Lines) -> list[Rejection]:
    accounts, rejections = parsed(lines, parse_account)
    for line, account in accounts:
        try:
            await put_account(sources, account)
        except AccountRefused as refused:
            rejections.append(Rejection(line, str(refused)))
    return rejections


async def _hashed(new: NewSupplyContract) -> SupplyContract:
    if new.last_four is None:
        return new.contract
    return replace(new.contract, last_four_hash=await PASSWORDS.hash(new.last_four))


async def _store_facilities(sources: Sources, lines: Lines) -> list[Rejection]:
    facilities, rejections = parsed(lines, parse_facility)
    owners = await _owners(sources, [new for _, new in facilities])
    nobodys: list[Facility] = []
    for (line, new), owner in zip(facilities, owners, strict=True):
        if owner is None:
            rejections.append(Rejection(line, "no member of this portal has this loginId"))
            continue
        if new.portal not in sources.portals:
            rejections.append(Rejection(line, f"there is no portal {new.portal!r}"))
            continue
        facility = replace(new.facility, owner=owner)
        await sources.facilities.put(facility)
        nobodys += [] if owner else [facility]
    await give_to_owners(sources, nobodys)
    return rejections


async def _owners(sources: Sources, facilities: Sequence[NewFacility]) -> list[str | None]:
    """Owner of each facility, empty for nobody; None if there is no member with its login ID."""
    by_login = await sources.members.ids_by_login(
        [(new.portal, login_key(new.login_id)) for new in facilities if new.login_id is not None]
    )
    numbers = [(new.portal, new.facility.customer_number) for new in facilities]
    by_contract = await sources.contracts.members_of(numbers)
    return [
        by_contract.get(number, "")
        if new.login_id is None
        else by_login.get((new.portal, login_key(new.login_id)))
        for new, number in zip(facilities, numbers, strict=True)
    ]


_STORES: Final = {
    RecordKind.MEMBERS: _store_members,
    RecordKind.CONTRACTS: _store_contracts,
    RecordKind.ACCOUNTS: _store_accounts,
    RecordKind.FACILITIES: _store_facilities,
    RecordKind.READING_PERIODS: store_periods,
    RecordKind.BILLS: store_bills,
    RecordKind.PAYMENTS: store_payments,
    RecordKind.MARKET_PRICES: store_market_prices,
}


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


def _summary(report: IntakeReport) -> str:
    counts = [
        f"{report.stored:,} stored",
        f"{report.unchanged:,} unchanged",
        f"{report.corrected:,} corrected",
        f"{report.rejected:,} rejected",
    ]
    return _report_lines(counts, report.rejections)


def _report_lines(counts: Sequence[str], rejections: Sequence[Rejection]) -> str:
    shown = [f"  line {item.line}: {item.reason}" for item in rejections[:_SHOWN]]
    if len(rejections) > _SHOWN:
        shown.append(f"  and {len(rejections) - _SHOWN:,} more")
    return "\n".join([", ".join(counts), *shown])
