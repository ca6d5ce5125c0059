"""Members whose postcard is on its way: entering its code, and asking for another one (MB-8)."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from datasources.attempts import Account
from datasources.mongo import Transaction
from datasources.postcards import PostcardInTransit
from domain.issuing import code_key
from domain.lockout import Verdict
from domain.members import Session
from domain.text_forms import MAX_LENGTH
from resolvers.account_postcards import new_code
from resolvers.context import RequestContext
from resolvers.passwords import PASSWORDS
from resolvers.proof import counted
from resolvers.refusals import Refusal, Refused
from resolvers.step_up import logged_in

_BETWEEN: Final = timedelta(days=1)
"Two postcards to the same member: nobody knows earlier that one is lost."


async def confirm_code(context: RequestContext, code: str) -> None:
    """Let who asks see usage and bills, if the code is right; raises Refused.

    Wrong codes are counted like wrong passwords, but lock nothing else.
    """
    session, postcard = await _postcard(context)
    if postcard.ends_at <= context.now:
        raise Refused(Refusal.CODE_ENDED, "code")
    account = Account.of_postcard(session.portal, session.member)
    async with counted(context, account, Refusal.CODE_LOCKED) as trial:
        if await PASSWORDS.matches(postcard.code_hash, code_key(code[:MAX_LENGTH])):
            trial.verdict = Verdict.RIGHT
    if trial.verdict is Verdict.WRONG:
        raise Refused(Refusal.WRONG_CODE, "code")
    sources = context.sources

    async def work(transaction: Transaction) -> None:
        if not await sources.postcards.use_up(postcard, transaction):
            raise Refused(Refusal.WRONG_CODE, "code")
        await sources.members.prove(session.member, transaction)
        await sources.sessions.prove(session.member, transaction)

    await sources.mongo.transaction(work)
    context.adopt(replace(session, in_transit=False))


async def reissue(context: RequestContext) -> None:
    """Send another postcard to who asks; the code of the one before is dead. Raises Refused."""
    session, before = await _postcard(context)
    again = before.issued_at + _BETWEEN
    if context.now < again:
        raise Refused(Refusal.REISSUED_LATELY, retry_at=again)
    sources = context.sources
    member = await sources.members.by_id(session.member)
    contracts = await sources.contracts.of_member(session.member)
    if member is None or not contracts:
        raise Refused(Refusal.NO_POSTCARD)
    made = await new_code(sources, member, contracts[0], context.now)
    if made is None:
        raise Refused(Refusal.NO_POSTCARD)
    postcard, letter = made

    async def work(transaction: Transaction) -> None:
        if not await sources.postcards.replace(before, postcard, transaction):
            raise Refused(Refusal.REISSUED_LATELY, retry_at=context.now + _BETWEEN)
        await sources.outbox.add([letter], transaction)

    await sources.mongo.transaction(work)


async def _postcard(context: RequestContext) -> tuple[Session, PostcardInTransit]:
    """Who asks, and the postcard that is on its way to them; raises Refused."""
    session = await logged_in(context)
    postcard = await context.sources.postcards.find(session.member)
    if postcard is None:
        raise Refused(Refusal.NO_POSTCARD)
    return session, postcard
