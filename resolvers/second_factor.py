"""The second factor: secret keywords, one of which a device that is not known is asked for (MB-10)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from datasources.attempts import Account
from datasources.challenges import LIFE, Challenge, password_mark
from datasources.mongo import Transaction
from domain.clients import program_name
from domain.identity import text_fault
from domain.lockout import Verdict
from domain.members import Credentials, keyword_key, login_key
from domain.policy import Duty, SecondFactor
from domain.portal import Portal
from domain.text_forms import MAX_LENGTH
from resolvers.attempts import attempt
from resolvers.context import RequestContext
from resolvers.entering import Entered, enter_on_new_device, note_lock
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.step_up import confirmed


@dataclass(frozen=True, slots=True)
class Asked:
    """A keyword that is wanted before a session is opened."""

    token: str = field(repr=False)
    position: int
    ends_at: datetime


def has_second_factor(portal: Portal, known: Credentials) -> bool:
    """Whether a member is asked for a keyword on a new device."""
    return portal.second_factor is not None and bool(known.keyword_hashes)


async def is_known_device(
    context: RequestContext, portal: Portal, known: Credentials, token: str | None
) -> bool:
    """Whether no second factor is wanted, or was shown on this device before."""
    if not has_second_factor(portal, known):
        return True
    if token is None:
        return False
    devices = context.sources.devices
    return await devices.recognise(known.member.id, token, context.now, None) is not None


async def ask(context: RequestContext, known: Credentials) -> Asked:
    """Ask for a keyword: always the same one until it is answered, so that nobody can pick."""
    ends_at = context.now + LIFE
    challenge = Challenge(
        known.member.id, known.next_keyword, ends_at, password_mark(known.password_hash)
    )
    token = await context.sources.challenges.add(challenge)
    return Asked(token, known.next_keyword, ends_at)


async def answer(context: RequestContext, token: str, keyword: str) -> Entered:
    """Open a session on a new device for who knows the keyword; raises Refused.

    A wrong answer counts as a wrong log-in, and a challenge is answered only once.
    """
    position, known = await _asked(context, token)
    account = Account(known.member.portal, login_key(known.member.login_id))
    async with attempt(context, account) as trial:
        key = keyword_key(keyword[:MAX_LENGTH])
        if await PASSWORDS.matches(_hash(known, position), key):
            trial.verdict = Verdict.RIGHT
    if trial.verdict is Verdict.WRONG:
        note_lock(context, known, trial)
        raise Refused(Refusal.WRONG_ANSWER, "answer")
    return await enter_on_new_device(context, known, _any_number(len(known.keyword_hashes)))


async def set_keywords(context: RequestContext, keywords: Sequence[str]) -> str:
    """Replace the keywords of who has just given the password again; raises Refused.

    All devices are asked again but this one, which gets a new token.
    """
    session = await confirmed(context, Duty.KEYWORDS)
    rule = context.portal(session.portal).second_factor
    if rule is None:
        raise Refused(Refusal.NO_SECOND_FACTOR)
    keys = _checked(rule, keywords)
    hashes = [await PASSWORDS.hash(key) for key in keys]
    sources, now = context.sources, context.now

    async def work(transaction: Transaction) -> str:
        number = _any_number(len(hashes))
        await sources.members.set_keywords(session.member, hashes, number, transaction)
        await sources.devices.forget_all(session.member, transaction)
        program = program_name(context.client.agent)
        device, token = await sources.devices.add(session.member, program, now, transaction)
        await sources.sessions.put_on_device(session.id, device.id, transaction)
        await sources.first_logins.fulfil(session.member, Duty.KEYWORDS, transaction)
        return token

    token = await sources.mongo.transaction(work)
    context.adopt(session.after(Duty.KEYWORDS))
    return token


async def _asked(context: RequestContext, token: str) -> tuple[int, Credentials]:
    """Which keyword of whom a challenge asks for, and use it up; raises Refused WRONG_CHALLENGE."""
    challenges, members = context.sources.challenges, context.sources.members
    challenge = await challenges.find(token, context.now)
    if challenge is not None and await challenges.use_up(token):
        known = await members.credentials(challenge.member)
        if known and known.may_log_in(context.now) and _is_same_password(known, challenge):
            return challenge.position, known
    raise Refused(Refusal.WRONG_CHALLENGE, "token")


def _checked(rule: SecondFactor, keywords: Sequence[str]) -> list[str]:
    """What keywords are compared by; raises Refused for the first that is wrong."""
    if len(keywords) != rule.keywords:
        raise Refused(Refusal.WRONG_KEYWORD_COUNT, "keywords")
    keys: list[str] = []
    for place, keyword in enumerate(keywords):
        if fault := text_fault(rule.form, keyword, ("keywords", str(place))):
            raise RefusedInput(fault)
        if keyword_key(keyword) in keys:
            raise Refused(Refusal.SAME_KEYWORD, "keywords", str(place))
        keys.append(keyword_key(keyword))
    return keys


def _is_same_password(known: Credentials, challenge: Challenge) -> bool:
    return password_mark(known.password_hash) == challenge.password_mark


def _hash(known: Credentials, position: int) -> str | None:
    hashes = known.keyword_hashes
    return hashes[position - 1] if position <= len(hashes) else None


def _any_number(count: int) -> int:
    return secrets.randbelow(count) + 1
