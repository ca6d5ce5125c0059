"""Who is measured: a member with a session and one facility, and the meter system that reports it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from datasources.collections import migrate
from datasources.sessions import OpenedSession
from domain.facilities import Address, Contract, ContractKind, Facility, PaymentMethod
from domain.members import MemberProfile, MemberState
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import slot_at
from domain.stored import ReadingColumns
from resolvers.intake import store_columns
from resolvers.sources import Sources, open_sources

_BEFORE: Final = timedelta(days=10)
PORTAL: Final = "denki-jtb"
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
        member, session = await new_member(sources)
        facility = new_facility(member, 1)
        return cls(
            await sources.facilities.put(facility),
            facility.supply_point,
            session.access_token,
            await sources.service_tokens.create("bench", sources.clock()),
        )


async def new_member(sources: Sources) -> tuple[str, OpenedSession]:
    """A member's id, and a session of it."""
    profile = MemberProfile("計測 太郎", None, None, None)
    member = await sources.members.put(
        PORTAL, "bench@example.jp", "no password", MemberState.ACTIVE, profile
    )
    return member, await sources.sessions.open(member, PORTAL, sources.clock())


def new_facility(owner: str, place: int) -> Facility:
    """A facility to put; `place` sets it apart from the others."""
    return Facility(
        number=0,
        portal=PORTAL,
        owner=owner,
        name="自宅",
        supply_point=f"03{place:020d}",
        customer_number=f"C{place}",
        address=_ADDRESS,
        contracts=(_CONTRACT,),
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
