"""Getting back a forgotten ID or password by a secret answer, or by keyword and nickname (MB-11).

The address says who it may be, so that wrong answers for an ID and for a password are counted
together. What of all that is wrong is not told, nor whether a member has the address.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from datasources.attempts import Account
from datasources.mongo import Transaction
from datasources.password_resets import PasswordReset, reset_mark
from domain.identity import Fault, FaultCode, email_fault
from domain.lockout import Verdict
from domain.members import Credentials
from domain.outbox import Language, Message
from domain.policy import RecoveryWay
from domain.portal import Portal
from domain.recovery import Recollection, answer_key, meant, question_faults
from domain.text_forms import MAX_LENGTH
from resolvers import notices
from resolvers.context import RequestContext
from resolvers.membership import may_use_portal
from resolvers.named_portals import known_portal
from resolvers.passwords import PASSWORDS
from resolvers.proof import counted
from resolvers.recovery import MOST_MEMBERS, has_own_password, login_id_reminder
from resolvers.refusals import Refusal, Refused, RefusedForm, RefusedInput

_TOKEN_LIFE: Final = timedelta(minutes=10)
"Of who is just about to choose a new password."


@dataclass(frozen=True, slots=True)
class MayReset:
    """What lets a member set a new password, until `ends_at`."""

    token: str = field(repr=False)
    ends_at: datetime


async def recover_login_id(context: RequestContext, key: str, entered: Recollection) -> str:
    """The login ID of who gives the right answer, which is mailed to the member too; raises Refused."""
    portal = _checked(context, key, entered)
    known = await _proven(context, portal, entered)
    member = known.member
    to = member.profile.email or entered.email
    reminder = login_id_reminder(to, [member], Language(member.language))
    await context.sources.outbox.post([reminder])
    return member.login_id


async def recover_password(context: RequestContext, key: str, entered: Recollection) -> MayReset:
    """Let who gives the right answer set a new password, with a token; raises Refused."""
    portal = _checked(context, key, entered)
    known = await _proven(context, portal, entered)
    sources, ends_at = context.sources, context.now + _TOKEN_LIFE
    reset = PasswordReset(known.member.id, portal.key, ends_at, reset_mark(known))

    async def work(transaction: Transaction) -> str:
        return await sources.password_resets.put(reset, transaction)

    return MayReset(await sources.mongo.transaction(work), ends_at)


async def _proven(context: RequestContext, portal: Portal, entered: Recollection) -> Credentials:
    """Who gave the right answer; raises Refused WRONG_PROOF or RECOVERY_LOCKED.

    One answer is judged, by the hash of nobody where there is none.
    """
    account = Account.of_recovery(portal.key, entered.email)
    async with counted(context, account, Refusal.RECOVERY_LOCKED) as trial:
        found = await context.sources.members.by_email(portal.key, entered.email, MOST_MEMBERS)
        able = [each for each in found if each.may_log_in(context.now)]
        known = meant(able, entered)
        answer_hash = known.recovery.answer_hash if known and known.recovery else None
        right = await PASSWORDS.matches(answer_hash, answer_key(entered.answer))
        if right and known and await _may_recover(context, known, entered):
            trial.verdict = Verdict.RIGHT
    if trial.locked_until is not None and able:
        context.sources.afterwards.add(_tell_of_lock(context, able, trial.locked_until))
    if known is None or trial.verdict is Verdict.WRONG:
        raise Refused(Refusal.WRONG_PROOF)
    return known


async def _may_recover(context: RequestContext, known: Credentials, entered: Recollection) -> bool:
    """Only who gives the right answer may find out that this is refused, not even by time."""
    if entered.login_id is not None and not has_own_password(known):
        return False
    return await may_use_portal(context, known)


async def _tell_of_lock(
    context: RequestContext, holders: Sequence[Credentials], until: datetime
) -> None:
    """Let an address know, after the answer, that it was locked: once, however many members have it."""
    told: dict[str, Message] = {}
    for known in holders:
        told |= {each.to: each for each in notices.recovery_locked(known.member, until)}
    await context.sources.outbox.post([*told.values()])


def _checked(context: RequestContext, key: str, entered: Recollection) -> Portal:
    """The portal; raises Refused with all that is wrong with the form of what was entered."""
    portal = known_portal(context, key)
    if entered.way not in portal.recovery.remembered:
        raise Refused(Refusal.NO_SUCH_WAY, "way")
    if reasons := list(_reasons(portal, entered)):
        raise RefusedForm(reasons)
    return portal


def _reasons(portal: Portal, entered: Recollection) -> Iterator[Refused]:
    if fault := email_fault(portal.email, entered.email):
        yield RefusedInput(fault)
    if entered.login_id is not None:
        yield from _unfit("loginId", entered.login_id)
    if entered.way is RecoveryWay.SECRET_QUESTION:
        yield from map(RefusedInput, question_faults(portal.recovery, entered.question, ()))
        other, text = "nickname", entered.nickname
    else:
        yield from _unfit("nickname", entered.nickname)
        other, text = "question", entered.question
    if text is not None:
        yield Refused(Refusal.NOT_ASKED, other)
    yield from _unfit("answer", entered.answer)


def _unfit(name: str, text: str | None) -> Iterator[Refused]:
    """What no member can have; a long text would be compared with those of members alone, and tell."""
    if not (text or "").strip():
        yield RefusedInput(Fault(FaultCode.REQUIRED, "must not be empty", (name,)))
    elif text and len(text) > MAX_LENGTH:
        message = f"must have at most {MAX_LENGTH} characters, found {len(text)}"
        yield RefusedInput(Fault(FaultCode.TOO_LONG, message, (name,)))
