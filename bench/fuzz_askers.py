"""Who sends drawn operations: nobody, members, a clerk of the company, and an app.

The app acts for itself, or for a member who lets it see everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

import httpx

from datasources.apps import new_app_id
from domain.consents import App, AppGrant, Scope, Wish, earliest_day
from domain.facilities import Facility
from domain.staff import Staff, StaffRole
from resolvers import staff_accounts
from resolvers.consents import give, open_session
from resolvers.sources import Sources

_MOST_FACILITIES: Final = 40
_PASSWORD: Final = "Lantern-over-76"
_MONTH: Final = timedelta(days=30)
_WHAT_IS_THERE: Final = """{ viewer {
  id
  bills(first: 5) { nodes { id } }
  facilities(first: 10) { nodes { id bills(first: 2) { nodes { id } } } }
} }"""


@dataclass(frozen=True, slots=True)
class Askers:
    """Members by id, with their portals, and the app."""

    sources: Sources
    portals: Mapping[str, str]
    app: App
    consent: str
    clerk: Staff

    @classmethod
    async def of(cls, sources: Sources, facilities: Sequence[Facility]) -> "Askers":
        """The owners of these facilities; an app is made for that of the first one."""
        now = sources.clock()
        first = facilities[0].owner
        assert first is not None
        own = [one.number for one in facilities if one.owner == first][:_MOST_FACILITIES]
        app = App(
            id=new_app_id(),
            name="Fuzz",
            redirect_uris=("https://app.example/back",),
            public=True,
            scopes=frozenset(Scope),
            grants=frozenset(AppGrant),
            origins=(),
            documents_only=False,
            website="https://app.example",
            contact="app@example.jp",
            created_at=now,
        )
        await sources.apps.add(app)
        wish = Wish(frozenset(own), frozenset(Scope), earliest_day(now), now + _MONTH)
        portals = {one.owner: one.portal for one in facilities if one.owner is not None}
        consent = await give(sources, first, app, wish)
        clerk = Staff(staff_accounts.new_id(), "fuzz", "受付 太郎", StaffRole.CLERK, None)
        await staff_accounts.add(sources, clerk, _PASSWORD)
        return cls(sources, portals, app, consent.id, clerk)

    async def tokens(self) -> Sequence[str | None]:
        """Fresh ones: what was drawn before may have ended others."""
        sources, now = self.sources, self.sources.clock()
        opened = [
            await sources.sessions.open(member, portal, now)
            for member, portal in self.portals.items()
        ]
        for_member = await open_session(sources, self.consent, self.app)
        _, of_app = await sources.app_tokens.open(self.app.id, now)
        _, of_clerk = await sources.mongo.transaction(
            partial(sources.staff_sessions.open, self.clerk.id, now)
        )
        given = [one.access_token for one in (*opened, for_member) if one is not None]
        return [None, *given, of_app, of_clerk]

    async def ids(self, client: httpx.AsyncClient, url: str) -> Sequence[str]:
        """Ids of all kinds of what the members have."""
        found: list[str] = []
        for token in (await self.tokens())[1:]:
            headers = {"authorization": f"Bearer {token}"}
            answer = await client.post(url, json={"query": _WHAT_IS_THERE}, headers=headers)
            found += _ids(answer.json().get("data"))
        return sorted(set(found))


def _ids(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        if "id" in data:
            yield data["id"]
        for one in data.values():
            yield from _ids(one)
    elif isinstance(data, list):
        for one in data:
            yield from _ids(one)
