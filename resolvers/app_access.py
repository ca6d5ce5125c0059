"""The log of what apps look at: noted, by a majority, before it is answered (AP-4)."""

import itertools
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TYPE_CHECKING, Final

from datasources.app_accesses import AccessKey, AppAccessRecord, AppAccessStore
from domain.paging import Page, PageRequest
from resolvers.joined import Joined

if TYPE_CHECKING:
    from resolvers.context import (
        RequestContext,
        Seen,
    )  # which knows `Sources`, which knows `AccessLog`

_SECONDS: Final = 60
_Note = tuple[AccessKey, datetime, int]
"What was looked at, when, and a number that tells requests of the same moment apart."


class AccessLog:
    """Notes of a process: what all requests of a moment look at goes in one command."""

    def __init__(self, store: AppAccessStore) -> None:
        self._store = store
        self._numbers = itertools.count()
        self._notes: Joined[_Note, None] = Joined(self._write)

    async def note(self, consent: str, seen: "Iterable[Seen]", at: datetime) -> None:
        """Come back when it is stored what a consent let see; raises PyMongoError if it cannot be."""
        number, minute = next(self._numbers), int(at.timestamp()) // _SECONDS
        keys = [AccessKey(consent, *each, minute) for each in seen]
        noted = [self._notes.load((key, at, number), number) for key in keys]
        for each in noted:
            await each

    async def _write(self, notes: Sequence[_Note]) -> list[None]:
        return await self._store.note([(key, at) for key, at, _ in notes])


async def note_seen(context: "RequestContext") -> None:
    """Note what an app was let see so far; without an app there is nothing to note."""
    access, seen = context.access, context.seen
    if access is None or not seen:
        return
    context.seen = set()
    await context.sources.access_log.note(access.consent, _telling(seen), context.now)


def _telling(seen: "AbstractSet[Seen]") -> "AbstractSet[Seen]":
    """Of what was seen the part that tells most: what a scope opened, else names of facilities."""
    scoped = {each for each in seen if each[0] is not None}
    named = {each for each in seen if each[1] is not None}
    return scoped or named or seen


async def access_page(
    context: "RequestContext", consent: str, request: PageRequest
) -> Page[AppAccessRecord]:
    """Page of what was looked at by a consent, the newest first; the caller has checked whose it is."""
    return await context.sources.app_accesses.page(consent, request)


async def access_count(context: "RequestContext", consent: str) -> int:
    return await context.sources.app_accesses.count(consent)
