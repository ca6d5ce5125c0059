"""Becoming a member by a confirmed form: all of it in one transaction, or nothing (MB-1 to MB-8)."""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from datasources.email_changes import EmailPurpose
from datasources.members import EmailTaken, LoginIdTaken
from datasources.mongo import Transaction
from datasources.postcards import PostcardInTransit
from datasources.registrations import PendingRegistration
from datasources.tokens import token_hash
from domain.first_login import first_duties
from domain.issuing import issued_login_id
from domain.members import (
    Credentials,
    Joining,
    Member,
    MemberProfile,
    MemberState,
    email_key,
)
from domain.outbox import Message
from domain.policy import Course, LoginIdSource, Postcard, PostcardSecret
from domain.portal import Portal
from domain.supply import SupplyContract
from resolvers import welcome
from resolvers.account_postcards import code_postcard, first_password
from resolvers.context import RequestContext
from resolvers.email_links import NewLink, new_link, write_link
from resolvers.passwords import PASSWORDS
from resolvers.proof import proven_contract
from resolvers.refusals import Refusal, Refused
from resolvers.registration import begun_at, open_portal
from resolvers.registration_forms import RegistrationForm, checked_course
from resolvers.secret_answers import hashed
from resolvers.terms import accept_at_registration
from resolvers.throttling import throttle_login_ids

_LOOKS: Final = 20
_BETWEEN_LOOKS: Final = 0.05
"Seconds."
_TRIES: Final = 5
"At a login ID that nobody has; of the shortest that is made up there are a billion."


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of a form; `login_id` is None where a mail tells it."""

    state: MemberState
    login_id: str | None


@dataclass(frozen=True, slots=True)
class _Application:
    """A form that was checked, and the contract that it proves, if one is needed."""

    portal: Portal
    begun: PendingRegistration
    token: str = field(repr=False)
    form: RegistrationForm
    course: Course | None
    contract: SupplyContract | None

    @property
    def card(self) -> Postcard | None:
        return self.course.postcard if self.course else None

    @property
    def state(self) -> MemberState:
        has_code = self.card is not None and self.card.secret is PostcardSecret.CODE
        return MemberState.POSTCARD_IN_TRANSIT if has_code else MemberState.ACTIVE


@dataclass(frozen=True, slots=True)
class _NewMember:
    """All that is stored at once."""

    joining: Joining
    postcard: PostcardInTransit | None
    messages: list[Message] = field(repr=False)
    links: list[NewLink] = field(repr=False)


async def complete(context: RequestContext, key: str, token: str, form: RegistrationForm) -> Joined:
    """Make a member of who fills in the form; raises Refused with all that is wrong with it.

    The same request again, with the same idempotency key, gets the same answer and changes nothing.
    """
    begun = await begun_at(context, key, token)
    if begun.member is not None:
        return await _again(context, begun, form)
    portal = open_portal(context, key)
    course = checked_course(portal, form, begun.email, context.now)
    contract = await proven_contract(context, portal, form, course)
    application = _Application(portal, begun, token, form, course, contract)
    await _count_choice(context, application)
    for _ in range(_TRIES):
        made = await _made(context, application)
        try:
            await _store(context, application, made)
        except LoginIdTaken:
            if portal.login_id.source is LoginIdSource.EMAIL:
                raise Refused(Refusal.EMAIL_TAKEN) from None
            if portal.login_id.source is LoginIdSource.CHOSEN:
                raise Refused(Refusal.LOGIN_ID_TAKEN, "loginId") from None
        except EmailTaken:
            raise Refused(Refusal.EMAIL_TAKEN) from None
        except Refused as refused:
            if refused.code != Refusal.WRONG_LINK:
                raise
            return await _again(context, await _used_up(context, key, token), form)
        else:
            return _joined(portal, made.joining.member)
    raise Refused(Refusal.LOGIN_ID_TAKEN)


async def _used_up(context: RequestContext, key: str, token: str) -> PendingRegistration:
    """A registration that another request used up: reads see it when a majority has it."""
    for _ in range(_LOOKS):
        begun = await begun_at(context, key, token)
        if begun.member is not None:
            break
        await asyncio.sleep(_BETWEEN_LOOKS)
    return begun


async def _count_choice(context: RequestContext, application: _Application) -> None:
    """Count a login ID that was chosen; raises Refused TOO_MANY_REQUESTS."""
    portal, email = application.portal, application.begun.email
    if portal.login_id.source is LoginIdSource.CHOSEN:
        await throttle_login_ids(context, f"{portal.key}\0{email_key(email)}")


async def _again(
    context: RequestContext, begun: PendingRegistration, form: RegistrationForm
) -> Joined:
    """The answer that was given to the same request before; raises Refused WRONG_LINK to another."""
    key = form.idempotency_key
    if begun.member is None or key is None or begun.key_hash != token_hash(key):
        raise Refused(Refusal.WRONG_LINK, "token")
    member = await context.sources.members.by_id(begun.member)
    if member is None:
        raise Refused(Refusal.WRONG_LINK, "token")
    return _joined(context.portal(begun.portal), member)


async def _made(context: RequestContext, application: _Application) -> _NewMember:
    portal, form, card = application.portal, application.form, application.card
    member = _member(application)
    messages = welcome.mails(portal, member)
    postcard, password, password_ends_at = None, form.password, None
    if card is not None and application.contract is not None:
        if card.secret is PostcardSecret.CODE:
            postcard, letter = await code_postcard(card, member, application.contract, context.now)
        else:
            ends_at = context.now + timedelta(days=card.days)
            password, password_ends_at = first_password(portal, card), ends_at
            letter = welcome.first_letter(
                card.secret, member, application.contract, password, ends_at
            )
        messages.append(letter)
    joining = Joining(
        member,
        await PASSWORDS.hash(password or ""),
        one_member_each=portal.email.one_member_each,
        password_ends_at=password_ends_at,
        joined_at=context.now,
        recovery=await hashed(form.recovery) if form.recovery else None,
    )
    known = Credentials(member, joining.password_hash, (), 1, recovery=joining.recovery)
    links = [await new_link(context, known, email, EmailPurpose.ADD) for email in form.more_emails]
    return _NewMember(joining, postcard, messages, links)


def _member(application: _Application) -> Member:
    portal, begun, form = application.portal, application.begun, application.form
    values = {key: text for key, text in form.fields if text}
    login_id = _login_id(portal, begun, form)
    contract = application.contract
    name = values.get("name") or (contract.name if contract else login_id)
    return Member(
        id=secrets.token_hex(12),
        portal=portal.key,
        login_id=login_id,
        state=application.state,
        profile=MemberProfile(name, values.get("kana"), begun.email, values.get("phone")),
        fields=values,
        language=begun.language.value,
        duties=first_duties(portal),
    )


def _login_id(portal: Portal, begun: PendingRegistration, form: RegistrationForm) -> str:
    rule = portal.login_id
    if rule.form is None:
        return begun.email
    if rule.source is LoginIdSource.CHOSEN:
        return form.login_id or ""
    return issued_login_id(rule.form, secrets.choice)


async def _store(context: RequestContext, application: _Application, made: _NewMember) -> None:
    """Raises LoginIdTaken, EmailTaken, or Refused WRONG_LINK or CONTRACT_TAKEN: nothing is done."""
    sources, member, contract = context.sources, made.joining.member, application.contract
    token, key = application.token, application.form.idempotency_key

    async def work(transaction: Transaction) -> None:
        if not await sources.registrations.use_up(token, member.id, key, transaction):
            raise Refused(Refusal.WRONG_LINK, "token")
        if contract and not await sources.contracts.claim(contract.id, member.id, transaction):
            raise Refused(Refusal.CONTRACT_TAKEN)
        await sources.members.add(made.joining, transaction)
        await accept_at_registration(sources, application.portal, member, context.now, transaction)
        if made.postcard is not None:
            await sources.postcards.put(made.postcard, transaction)
        await sources.outbox.add(made.messages, transaction)
        for link in made.links:
            await write_link(context, link, transaction)

    if contract is None:
        await sources.mongo.transaction(work)
    else:
        await sources.facilities.give(contract.portal, contract.customer_number, member.id, work)


def _joined(portal: Portal, member: Member) -> Joined:
    by_mail = portal.login_id.source is LoginIdSource.ISSUED_BY_MAIL
    return Joined(member.state, None if by_mail else member.login_id)
