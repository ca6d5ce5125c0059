"""Consents: what a member lets a partner's app see, and the sessions that apps have by them (AP-4)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from datasources.consents import new_consent_id
from datasources.mongo import Document, PyMongoError, Transaction, describe
from datasources.sessions import OpenedSession
from domain.consents import App, Consent, ConsentEnd, Wish, WishFault, wish_faults
from domain.leaving import has_access
from domain.members import Member, MemberState
from resolvers import notices
from resolvers.membership import access_end
from resolvers.sources import Sources

_LOOK_SECONDS: Final = 60.0
_log = structlog.get_logger()


class WishRefused(Exception):
    """A wish that cannot be granted; `faults` has all that is wrong with it."""

    def __init__(self, faults: Sequence[WishFault]) -> None:
        super().__init__(", ".join(faults))
        self.faults = tuple(faults)


class MayNotConsent(Exception):
    """A member who may not let anybody see anything yet, or no longer."""


async def give(
    sources: Sources,
    member_id: str,
    app: App,
    wish: Wish,
    also: Callable[[Transaction, Consent], Awaitable[None]] | None = None,
) -> Consent:
    """Store a consent in place of an older one to the app, whose sessions end; tells the member.

    The caller has made sure that it is the member who wishes. `also(transaction, consent)` is done in
    the same transaction, perhaps several times. Raises MayNotConsent, WishRefused.
    """
    now = sources.clock()
    member = await _who(sources, member_id)
    found = await sources.facilities.by_numbers(list(wish.facilities))
    own = {number for number, place in found.items() if place.owner == member.id}
    if faults := wish_faults(wish, app, own, now):
        raise WishRefused(faults)
    consent = Consent(
        id=new_consent_id(now),
        app=app.id,
        member=member.id,
        portal=member.portal,
        facilities=wish.facilities,
        scopes=wish.scopes,
        data_from=wish.data_from,
        until=wish.until,
        given_at=now,
        used_at=now,
    )

    async def change(transaction: Transaction, _: Sequence[str]) -> None:
        await sources.consents.add(consent, transaction)
        await sources.outbox.add(notices.consent_given(member, app, consent), transaction)
        if also is not None:
            await also(transaction, consent)

    older: Document = {"member": member.id, "app": app.id}
    await sources.sessions.end_consents(older, ConsentEnd.REPLACED, change)
    _log.info("consent given", consent=consent.id, app=app.id, member=member.id)
    return consent


async def open_session(
    sources: Sources, consent: str, app: App, transaction: Transaction | None = None
) -> OpenedSession | None:
    """Begin an app's session by a consent, once its code is used up; None if that has ended.

    In the caller's transaction, if there is one.
    """
    known = await sources.consents.live(consent)
    if known is None or known.app != app.id:
        return None
    now = sources.clock()
    until = await _end_of_access(sources, known, now)
    if not has_access(until, now):
        return None

    async def work(within: Transaction) -> OpenedSession | None:
        used = await sources.consents.use(consent, now, within)
        if used is None:
            return None
        return await sources.sessions.open_for_app(
            used, now, program=app.name, until=until, transaction=within
        )

    return await (sources.mongo.transaction(work) if transaction is None else work(transaction))


async def refresh_session(sources: Sources, refresh_token: str, app: App) -> OpenedSession | None:
    """New tokens for an app's session; the refresh token works once. None: it is no such token.

    One that was used before ends the consent: either its second user or its first was a thief.
    """
    now = sources.clock()
    opened = await sources.sessions.refresh(refresh_token, now, app.id)
    if opened is None:
        robbed = await sources.sessions.robbed(refresh_token, app.id)
        if robbed is not None and robbed.app is not None:
            await stop(sources, robbed.app.consent, app)
        return None
    access = opened.session.app
    consent = None if access is None else await sources.consents.use(access.consent, now)
    if consent is None:
        return None
    until = await _end_of_access(sources, consent, now)
    if not has_access(until, now):
        await sources.sessions.end_all(consent.member, reason=ConsentEnd.MEMBER_LEFT)
        return None
    if until is not None and until < opened.session.ends_at:
        await sources.sessions.limit(consent.member, until)
    return opened


async def stop(sources: Sources, consent: str, app: App) -> None:
    """End a consent of whose code or refresh token somebody else has a copy, and tell the member."""
    known = (await sources.consents.by_ids([consent])).get(consent)
    member = None if known is None else await sources.members.by_id(known.member)
    now = sources.clock()

    async def tell(transaction: Transaction, ended: Sequence[str]) -> None:
        if ended and member is not None:
            await sources.outbox.add(notices.consent_stopped(member, app, now), transaction)

    _log.warning("a used code or refresh token of an app came back", consent=consent, app=app.id)
    await sources.sessions.end_consents({"_id": consent}, ConsentEnd.TOKEN_REUSED, tell)


async def give_back(sources: Sources, consent: str) -> None:
    """End a consent that its app needs no more."""
    await sources.sessions.end_consents({"_id": consent}, ConsentEnd.APP_ENDED)


async def end_app(sources: Sources, app: str) -> bool:
    """End an app, its tokens and all consents to it; False if there is none, or it has ended."""
    done = False

    async def change(transaction: Transaction, _: Sequence[str]) -> None:
        nonlocal done
        done = await sources.apps.end(app, sources.clock(), transaction)
        await sources.app_tokens.end_all(app, transaction)

    ended = await sources.sessions.end_consents({"app": app}, ConsentEnd.APP_ENDED, change)
    while ended:
        ended = await sources.sessions.end_consents({"app": app}, ConsentEnd.APP_ENDED)
    return done


async def end_overdue(sources: Sources) -> int:
    """Mark consents that have expired or lapsed, some at once; gives how many."""
    ended = 0
    for reason, choice in await sources.consents.overdue():
        ended += len(await sources.sessions.end_consents(choice, reason))
    return ended


async def keep_ending_consents(sources: Sources) -> None:
    """Look every minute for consents that are over: nothing is seen by them as it is."""
    while True:
        try:
            while await end_overdue(sources):
                pass
        except PyMongoError as error:
            _log.warning("cannot end consents", error=describe(error))
        await asyncio.sleep(_LOOK_SECONDS)


async def _who(sources: Sources, member_id: str) -> Member:
    """A member who may see usage and bills, and so may show them."""
    member = await sources.members.by_id(member_id)
    if member is None or member.state is not MemberState.ACTIVE or member.duties:
        raise MayNotConsent
    return member


async def _end_of_access(sources: Sources, consent: Consent, now: datetime) -> datetime | None:
    """When its member's access ends; None while nothing ends it."""
    member = await sources.members.by_id(consent.member)
    if member is None or member.state is MemberState.WITHDRAWN:
        return now
    return await access_end(sources, member)
