"""Partner apps and consents for tests."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from datasources.sessions import OpenedSession
from domain.consents import App, AppGrant, Consent, Scope, Wish
from domain.slots import date_at
from resolvers import consents
from resolvers.sources import Sources

APP_ID = "app-example"


def partner_app(now: datetime, app: str = APP_ID, *, public: bool = True) -> App:
    """An app that may ask for everything."""
    return App(
        id=app,
        name="おうち電気メーター",
        redirect_uris=("https://app.example/callback",),
        public=public,
        scopes=frozenset(Scope),
        grants=frozenset(AppGrant),
        origins=("https://app.example",),
        documents_only=False,
        website="https://app.example",
        contact="help@app.example",
        created_at=now,
    )


def wish(
    now: datetime,
    facilities: Iterable[int],
    *scopes: Scope,
    data_from: date | None = None,
    until: datetime | None = None,
) -> Wish:
    """Of all scopes if none is named, from a year ago, for 30 days."""
    return Wish(
        facilities=frozenset(facilities),
        scopes=frozenset(scopes or Scope),
        data_from=data_from or date_at(now) - timedelta(days=365),
        until=until or now + timedelta(days=30),
    )


async def connected(
    sources: Sources,
    member: str,
    facilities: Iterable[int],
    *scopes: Scope,
    app: str = APP_ID,
    data_from: date | None = None,
    until: datetime | None = None,
) -> tuple[Consent, OpenedSession]:
    """A member's consent to an app, and the session that the app got by it."""
    now = sources.clock()
    partner = partner_app(now, app)
    await sources.apps.put(partner)
    asked = wish(now, facilities, *scopes, data_from=data_from, until=until)
    consent = await consents.give(sources, member, partner, asked)
    opened = await consents.open_session(sources, consent.id, partner)
    assert opened is not None
    return consent, opened
