"""Who is measured: a member with a session and one facility, and the meter system that reports it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from datasources.collections import migrate
from domain.facilities import Address, Contract, ContractKind, Facility, PaymentMethod
from domain.members import MemberProfile, MemberState
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import slot_at
from domain.stored import ReadingColumns
from resolvers.intake import store_columns
from resolvers.sources import Sources, open_sources

_BEFORE: Final = timedelta(days=10)
_PORTAL: Final = "denki-jtb"
_ADDRESS: Final = Address("160-0022", "東京都", "新宿区新宿", "1番1号", None)
_CONTRACT: Final = Contract(
    number="E1",
    kind=ContractKind.ELECTRICITY,
    plan="従量電灯",
    capacity=None,
    capacity_unit=None,
    start_on=date(2020, 1, 1),
    end_on=None,
    payment_method=PaymentMethod.DIRECT_DEBIT,
)


@dataclass(frozen=True, slots=True)
class Household:
    facility: int
    supply_point: str
    access_token: str
    service_token: str

    @classmethod
    async def made(cls, settings: Settings) -> "Household":
        """Put it into an empty database, with one reading of ten days ago."""
        sources = open_sources(settings)
        try:
            await migrate(sources.mongo)
            household = await cls._put(sources)
            await _report(sources, household.facility)
        finally:
            await sources.close()
        return household

    @classmethod
    async def _put(cls, sources: Sources) -> "Household":
        now = sources.clock()
        profile = MemberProfile("計測 太郎", None, None, None)
        member = await sources.members.put(
            _PORTAL, "bench@example.jp", "no password", MemberState.ACTIVE, profile
        )
        session = await sources.sessions.open(member, _PORTAL, now)
        supply_point = f"03{1:020d}"
        facility = Facility(
            number=0,
            portal=_PORTAL,
            owner=member,
            name="自宅",
            supply_point=supply_point,
            customer_number="C1",
            address=_ADDRESS,
            contracts=(_CONTRACT,),
        )
        return cls(
            await sources.facilities.put(facility),
            supply_point,
            session.access_token,
            await sources.service_tokens.create("bench", now),
        )


async def _report(sources: Sources, facility: int) -> None:
    now = sources.clock()
    columns = ReadingColumns(
        facility=np.array([facility], np.int64),
        direction=np.array([Direction.IMPORT], np.int64),
        slot=np.array([slot_at(now - _BEFORE)], np.int64),
        wh=np.array([250], np.int32),
        quality=np.array([Quality.SETTLED], np.int32),
        revision=np.array([0], np.int32),
    )
    await store_columns(sources, columns, now)
