"""Opening a session for somebody who has shown who they are, on a device that is known or new."""

from dataclasses import dataclass, field
from datetime import datetime

from datasources.mongo import InTransaction, Transaction
from datasources.sessions import OpenedSession
from domain.clients import program_name
from domain.leaving import has_access
from domain.members import Credentials, MemberState
from resolvers import notices
from resolvers.attempts import Trial
from resolvers.context import RequestContext
from resolvers.membership import access_end
from resolvers.refusals import Refusal, Refused
from resolvers.terms import note_use


@dataclass(frozen=True, slots=True)
class Entered:
    """A new session; `device_token` is that of a device that was not known before."""

    opened: OpenedSession
    device_token: str | None = field(default=None, repr=False)


async def enter(
    context: RequestContext,
    known: Credentials,
    device_token: str | None = None,
    also: InTransaction | None = None,
) -> Entered:
    """Open a session, on a known device if there is a token of one.

    Raises Refused WRONG_LOGIN if the password has changed since it was judged, or the member's state or
    duties, or the device is no longer known, or access has ended. What `also(transaction)` raises
    undoes all.
    """
    sources, now, member = context.sources, context.now, known.member
    until = await _access_end(context, known)

    async def work(transaction: Transaction) -> OpenedSession:
        if not await sources.members.note_log_in(known, now, transaction):
            raise Refused(Refusal.WRONG_LOGIN)
        device = None
        if device_token is not None:
            found = await sources.devices.recognise(member.id, device_token, now, transaction)
            if found is None:
                raise Refused(Refusal.WRONG_LOGIN)
            device = found.id
        if also is not None:
            await also(transaction)
        return await _open(context, known, device, until, transaction)

    return _adopted(context, Entered(await sources.mongo.transaction(work)))


async def enter_on_new_device(
    context: RequestContext, known: Credentials, next_keyword: int
) -> Entered:
    """Open a session on a device that is known from now on, and tell the member.

    Raises Refused WRONG_LOGIN as `enter` does.
    """
    sources, now, member = context.sources, context.now, known.member
    program = program_name(context.client.agent)
    until = await _access_end(context, known)

    async def work(transaction: Transaction) -> Entered:
        noted = await sources.members.note_log_in(
            known, now, transaction, next_keyword=next_keyword
        )
        if not noted:
            raise Refused(Refusal.WRONG_LOGIN)
        device, token = await sources.devices.add(member.id, program, now, transaction)
        await sources.outbox.add(notices.new_device(member, program, now), transaction)
        return Entered(await _open(context, known, device.id, until, transaction), token)

    return _adopted(context, await sources.mongo.transaction(work))


def note_lock(context: RequestContext, known: Credentials, trial: Trial) -> None:
    """Let the member know, after the answer, if a wrong attempt has locked the account."""
    if trial.locked_until is not None:
        messages = notices.account_locked(known.member, trial.locked_until)
        context.sources.afterwards.add(context.sources.outbox.post(messages))


async def _access_end(context: RequestContext, known: Credentials) -> datetime | None:
    """When the session must end at the latest; raises Refused WRONG_LOGIN if that has passed."""
    until = await access_end(context.sources, known.member)
    if not has_access(until, context.now):
        raise Refused(Refusal.WRONG_LOGIN)
    return until


async def _open(
    context: RequestContext,
    known: Credentials,
    device: str | None,
    until: datetime | None,
    transaction: Transaction,
) -> OpenedSession:
    sources, portal = context.sources, context.portal(known.member.portal)
    await note_use(sources, portal, known.member.id, context.now, transaction)
    return await sources.sessions.open(
        known.member.id,
        known.member.portal,
        context.now,
        program=program_name(context.client.agent),
        device=device,
        in_transit=known.member.state is MemberState.POSTCARD_IN_TRANSIT,
        duties=known.member.duties,
        until=until,
        transaction=transaction,
    )


def _adopted(context: RequestContext, entered: Entered) -> Entered:
    context.adopt(entered.opened.session)
    return entered
