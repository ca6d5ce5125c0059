"""What tests find in the database: members, facilities, and ways to give them usage and bills."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np

from domain.bills import Bill
from domain.facilities import (
    Address,
    Contract,
    ContractKind,
    Facility,
    PaymentMethod,
    ReadingPeriod,
)
from domain.members import MemberProfile, MemberState
from domain.readings import Direction, Quality
from domain.slots import day_of_date, first_slot, slot_at
from domain.stored import ReadingColumns
from resolvers import passwords
from resolvers.intake import store_columns
from resolvers.sources import Sources
from schema.nodes import node_id
from tests.billed import home_bill

PASSWORD = "correct horse 1"


@cache
def password_hash() -> str:
    return passwords._hasher.hash(PASSWORD)


@dataclass
class Person:
    member: str
    token: str
    facilities: list[Facility]

    @property
    def member_id(self) -> str:
        return node_id("Member", self.member)

    @property
    def facility(self) -> Facility:
        return self.facilities[0]

    @property
    def facility_id(self) -> str:
        return node_id("Facility", self.facility.number)

    @property
    def facility_ids(self) -> list[str]:
        return [node_id("Facility", facility.number) for facility in self.facilities]


class World:
    """Alice has one facility, Bob another in the same portal, Carol one in another portal."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._supply_points = 0
        self.alice: Person
        self.bob: Person
        self.carol: Person

    @classmethod
    async def made(cls, sources: Sources) -> "World":
        world = cls(sources)
        world.alice = await world.person("denki-jtb", "alice@example.jp")
        world.bob = await world.person("denki-jtb", "bob@example.jp")
        world.carol = await world.person("hepco", "carol")
        return world

    async def person(self, portal: str, login_id: str, facilities: int = 1) -> Person:
        member = await self.sources.members.put(
            portal,
            login_id,
            password_hash(),
            MemberState.ACTIVE,
            MemberProfile(f"{login_id} の名前", None, None, None),
        )
        opened = await self.sources.sessions.open(member, portal, self.sources.clock())
        places = [await self.place(portal, member) for _ in range(facilities)]
        return Person(member, opened.access_token, places)

    async def place(
        self, portal: str, owner: str, start_on: date = date(2037, 1, 1), name: str = "自宅"
    ) -> Facility:
        self._supply_points += 1
        facility = Facility(
            number=0,
            portal=portal,
            owner=owner,
            name=f"{name}{self._supply_points}",
            supply_point=f"03{self._supply_points:020d}",
            customer_number=f"C{self._supply_points:06d}",
            address=Address(
                "160-0022", "東京都", "新宿区新宿", f"{self._supply_points}番1号", None
            ),
            contracts=(
                Contract(
                    number=f"E{self._supply_points}",
                    kind=ContractKind.ELECTRICITY,
                    plan="従量電灯",
                    capacity=Decimal(40),
                    capacity_unit="A",
                    start_on=start_on,
                    end_on=None,
                    payment_method=PaymentMethod.DIRECT_DEBIT,
                ),
            ),
        )
        return replace(facility, number=await self.sources.facilities.put(facility))

    async def change(self, facility: Facility, **changes: Any) -> Facility:
        """Store a facility with some fields changed."""
        changed = replace(facility, **changes)
        return replace(changed, number=await self.sources.facilities.put(changed))

    async def use(
        self,
        facility: Facility,
        start: date,
        days: int,
        *,
        direction: Direction = Direction.IMPORT,
        quality: Quality = Quality.SETTLED,
    ) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """Give a facility known usage of whole days up to now; answers its Wh by half hour."""
        first = first_slot(day_of_date(start))
        slots = np.arange(
            first, min(first + days * 48, slot_at(self.sources.clock())), dtype=np.int64
        )
        wh = usage_of(facility.number, slots)
        await self.store(facility, slots, wh, direction=direction, quality=quality)
        return wh

    async def store(
        self,
        facility: Facility,
        slots: "np.ndarray[tuple[int], np.dtype[np.int64]]",
        wh: "np.ndarray[tuple[int], np.dtype[np.int32]]",
        *,
        direction: Direction = Direction.IMPORT,
        quality: Quality = Quality.SETTLED,
        revision: int = -1,
    ) -> None:
        rows = len(slots)
        columns = ReadingColumns(
            np.full(rows, facility.number, np.int64),
            np.full(rows, direction, np.int64),
            slots,
            wh,
            np.full(rows, quality, np.int32),
            np.full(rows, revision, np.int32),
        )
        await store_columns(self.sources, columns, self.sources.clock())

    async def reading(
        self,
        facility: Facility,
        at: datetime,
        wh: int,
        *,
        direction: Direction = Direction.IMPORT,
        quality: Quality = Quality.SETTLED,
        revision: int = -1,
    ) -> None:
        """Store one reading of the half hour that holds an instant."""
        await self.store(
            facility,
            np.array([slot_at(at)], np.int64),
            np.array([wh], np.int32),
            direction=direction,
            quality=quality,
            revision=revision,
        )

    async def bill(self, facility: Facility, month: date, usage_wh: int = 250_000) -> Bill:
        """A bill of the reading period that ends on the 12th of a month, issued four days later."""
        end_on = month.replace(day=12)
        start_on = (end_on - timedelta(days=31)).replace(day=12)
        bill = home_bill(facility, start_on, end_on, end_on + timedelta(days=4), usage_wh)
        await self.sources.bills.put([bill], self.sources.clock())
        return bill

    async def period(self, facility: Facility, start_on: date, end_on: date) -> ReadingPeriod:
        period = ReadingPeriod(
            facility.number, start_on, end_on, end_on, 1_000_000, 1_250_000, 250_000
        )
        placed = [(facility.portal, facility.owner, period)]
        assert not await self.sources.periods.put(placed, self.sources.clock())
        return period


def usage_of(
    seed: int, slots: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    """Some Wh for every slot, never zero, that a test can work out again."""
    return (100 + (slots * 7919 + seed * 104729) % 900).astype(np.int32)
