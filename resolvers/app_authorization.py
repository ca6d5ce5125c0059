"""What follows when an app's request was found right: codes, tokens, and what is known of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from datasources.app_tokens import PREFIX as OWN_TOKEN
from datasources.authorization_codes import AuthorizationCode
from datasources.mongo import Transaction
from datasources.sessions import OpenedSession
from domain.consents import App, Consent, Scope, Wish
from domain.facilities import Facility, FacilityChoice
from domain.paging import PageRequest
from resolvers import consents
from resolvers.sources import Sources

_MOST_OFFERED: Final = 1000
"Facilities on the page: more go in no consent."


@dataclass(frozen=True, slots=True)
class TokenSight:
    """What an app may know of a token: whose it is and until when it works."""

    app: str
    ends_at: datetime
    consent: str | None = None
    "None of an app's own token."
    member: str | None = None
    scopes: frozenset[Scope] = frozenset()


class _UsedBefore(Exception):
    """The code has worked before."""


async def offered_facilities(sources: Sources, member: str) -> list[Facility]:
    """Facilities that a member may let an app see."""
    everything = PageRequest(_MOST_OFFERED, None, backward=False)
    return list((await sources.facilities.page(member, FacilityChoice(), everything)).rows)


async def approve(
    sources: Sources, member: str, app: App, wish: Wish, redirect_uri: str, challenge: str
) -> str:
    """A code for what a member allows; raises what `consents.give` does."""
    code = ""

    async def also(transaction: Transaction, consent: Consent) -> None:
        # With the consent: without a code it would only have ended the one before.
        nonlocal code
        code = await sources.authorization_codes.add(
            app.id, consent.id, redirect_uri, challenge, sources.clock(), transaction
        )

    await consents.give(sources, member, app, wish, also)
    return code


async def redeem(
    sources: Sources, app: App, code: str, known: AuthorizationCode
) -> OpenedSession | None:
    """The session that a code of the app gives, once; None: it gives none.

    A code that is redeemed again ends the consent: one of the two who had it is a thief.
    """

    async def work(transaction: Transaction) -> OpenedSession | None:
        if not await sources.authorization_codes.use_up(code, sources.clock(), transaction):
            raise _UsedBefore
        return await consents.open_session(sources, known.consent, app, transaction)

    try:
        return await sources.mongo.transaction(work)
    except _UsedBefore:
        await consents.stop(sources, known.consent, app)
        return None


async def refreshable_by(sources: Sources, refresh_token: str, otherwise: str) -> str:
    """The app whose session a refresh token would prolong, empty for a member's own session.

    `otherwise` for a token that prolongs none, which may be one that was used before.
    """
    record = await sources.sessions.by_refresh_token(refresh_token, sources.clock())
    if record is None:
        return otherwise
    return record.app.app if record.app else ""


async def sight(sources: Sources, token: str) -> TokenSight | None:
    """What there is to know of an access or a refresh token of any app; None for any other token."""
    now = sources.clock()
    if token.startswith(OWN_TOKEN):
        own = await sources.app_tokens.find(token, now)
        return None if own is None else TokenSight(own.app, own.ends_at)
    (session,) = await sources.sessions.by_access_tokens([(token, now)])
    known = session or await sources.sessions.by_refresh_token(token, now)
    if known is None or known.app is None:
        return None
    access = known.app
    return TokenSight(access.app, known.ends_at, access.consent, known.member, access.scopes)


async def revoke(sources: Sources, token: str, seen: TokenSight) -> None:
    """End a token: one for a member ends the consent with all that came of it."""
    if seen.consent is None:
        await sources.app_tokens.end(token)
    else:
        await consents.give_back(sources, seen.consent)
