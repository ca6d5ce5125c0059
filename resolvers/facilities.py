"""Facilities of the member who asks, and their reading periods."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from datasources.bills import BillChoice
from datasources.reading_periods import PeriodChoice
from domain.billing_policy import ContractsOpen
from domain.consents import Scope
from domain.errors import BadInput, NotFound
from domain.facilities import AREAS, ContractKind, Facility, FacilityChoice, ReadingPeriod
from domain.paging import Page, PageRequest
from domain.readings import shown
from domain.slots import date_at
from resolvers.context import RequestContext

_MAX_SEARCH_LENGTH = 100
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
"As facilities are numbered; a longer one would not fit a long of MongoDB."


def number_of(text: str) -> int | None:
    """Facility number in an id or a cursor; None for a text that is none."""
    return int(text) if _NUMBER.fullmatch(text) else None


async def facility(context: RequestContext, number: int) -> Facility:
    """A facility of who asks; raises NotFound for any other."""
    await context.require_session()
    found = await context.loaders.facility(number)
    if found is None:
        raise NotFound
    context.require_owner(found.owner, number)
    return found


async def facilities(context: RequestContext, numbers: Sequence[int]) -> list[Facility]:
    """Facilities of who asks, in that order; raises NotFound if one is not theirs."""
    await context.require_session()
    found = await asyncio.gather(*map(context.loaders.facility, numbers))
    for number, one in zip(numbers, found, strict=True):
        context.require_owner(one.owner if one else "", number)
    return [one for one in found if one]


async def facility_page(
    context: RequestContext, owner: str, wanted: FacilityChoice, request: PageRequest
) -> Page[Facility]:
    """Page of a member's facilities (FA-1); an app's is of those that the consent names."""
    context.require_owner(owner)
    if request.key is not None and number_of(request.key) is None:
        raise BadInput("the cursor is unknown here")
    return await context.sources.facilities.page(owner, _checked(context, wanted), request)


async def facility_count(context: RequestContext, owner: str, wanted: FacilityChoice) -> int:
    context.require_owner(owner)
    return await context.sources.facilities.count(owner, _checked(context, wanted))


async def contracts_available(context: RequestContext, of: Facility) -> bool:
    """Whether the portal shows the contracts yet: at once, or when the first bill is out (FA-4)."""
    if context.portal(of.portal).billing.contracts_open is ContractsOpen.AT_ONCE:
        return True
    tomorrow = date_at(context.now) + timedelta(days=1)
    out = BillChoice(date.min, tomorrow)
    return await context.loaders.bill_count(of.number, of.owner, out) > 0


async def reading_period_page(
    context: RequestContext, of: Facility, kind: ContractKind, request: PageRequest
) -> Page[ReadingPeriod]:
    """Page of a facility's reading periods of a kind, newest first (FA-3)."""
    wanted = PeriodChoice(kind, context.data_from)
    return await context.loaders.periods(of.number, of.owner, wanted, request)


async def reading_period_count(context: RequestContext, of: Facility, kind: ContractKind) -> int:
    wanted = PeriodChoice(kind, context.data_from)
    return await context.loaders.period_count(of.number, of.owner, wanted)


def _checked(context: RequestContext, wanted: FacilityChoice) -> FacilityChoice:
    if wanted != FacilityChoice():
        # By what a facility is found, it is known: its address, say.
        context.require_scope("a search", Scope.PROFILE_READ)
    if context.access is not None:
        wanted = replace(wanted, only=context.access.facilities)
    search = wanted.search
    if search and "\0" in search:
        raise BadInput("search must not have a NUL character")
    if search and len(search) > _MAX_SEARCH_LENGTH:
        raise BadInput(
            f"search must be at most {_MAX_SEARCH_LENGTH} characters, found {len(search)}"
        )
    if wanted.area is not None and wanted.area not in AREAS.values():
        areas = ", ".join(AREAS.values())
        raise BadInput(f"filter.area must be one of {areas}, found {shown(wanted.area)}")
    return wanted
