"""Facilities of the member who asks, and their reading periods."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from domain.errors import BadInput, NotFound
from domain.facilities import AREAS, Facility, FacilityChoice, ReadingPeriod
from domain.paging import Page, PageRequest
from domain.readings import shown
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
    context.require_owner(found.owner)
    return found


async def facilities(context: RequestContext, numbers: Sequence[int]) -> list[Facility]:
    """Facilities of who asks, in that order; raises NotFound if one is not theirs."""
    await context.require_session()
    found = await asyncio.gather(*map(context.loaders.facility, numbers))
    for one in found:
        context.require_owner(one.owner if one else "")
    return [one for one in found if one]


async def facility_page(
    context: RequestContext, owner: str, wanted: FacilityChoice, request: PageRequest
) -> Page[Facility]:
    """Page of a member's facilities (FA-1)."""
    context.require_owner(owner)
    if request.key is not None and number_of(request.key) is None:
        raise BadInput("the cursor is unknown here")
    return await context.sources.facilities.page(owner, _checked(wanted), request)


async def facility_count(context: RequestContext, owner: str, wanted: FacilityChoice) -> int:
    context.require_owner(owner)
    return await context.sources.facilities.count(owner, _checked(wanted))


async def reading_period_page(
    context: RequestContext, of: Facility, request: PageRequest
) -> Page[ReadingPeriod]:
    """Page of a facility's reading periods, newest first (FA-3)."""
    return await context.loaders.periods(of.number, of.owner, request)


async def reading_period_count(context: RequestContext, of: Facility) -> int:
    return await context.loaders.period_count(of.number, of.owner)


def _checked(wanted: FacilityChoice) -> FacilityChoice:
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
