"""Postcards that open an account: what the company sends to the address of the contract (MB-7, MB-8).

A postcard brings a code, a first password, or a login ID with one; the policy of the portal says which.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from datasources.first_logins import FirstPassword
from datasources.mongo import InTransaction, Transaction
from datasources.postcards import PostcardInTransit
from domain.first_login import duties_anew
from domain.issuing import code_key, issued, issued_code
from domain.members import Credentials, Member, MemberState
from domain.outbox import Message
from domain.policy import Postcard, PostcardSecret
from domain.portal import Portal
from domain.supply import SupplyContract
from resolvers import welcome
from resolvers.passwords import PASSWORDS
from resolvers.sources import Sources


async def reissue_account_postcard(
    sources: Sources, member: str, at: datetime, also: InTransaction | None = None
) -> bool:
    """Send a member another postcard, in place of one that was lost or has ended.

    `also(transaction)` is done in the same transaction, and only if something is issued. The rules are
    those of the member's portal, and of its state:

    - the member waits for a code (POSTCARD_IN_TRANSIT): another code; the one before is dead;
    - the portal sends login IDs with passwords: another first password, whatever the member has now.
      The present one is dead, all sessions end, and who one is has to be shown again (CONTRACT_PHONE);
    - the portal sends first passwords, and the member's own is still the one that came: the same.

    False, and nothing is done: there is no such member or it has left, has no contract to whose address
    a postcard could go, or has a password of its own, which is recovered in other ways.
    """
    known = await sources.members.credentials(member)
    contracts = await sources.contracts.of_member(member)
    if known is None or known.member.state is MemberState.WITHDRAWN or not contracts:
        return False
    portal = sources.portals[known.member.portal]
    if known.member.state is MemberState.POSTCARD_IN_TRANSIT:
        return await _reissue_code(sources, known.member, contracts[0], at, also)
    if card := card_with(portal, PostcardSecret.LOGIN_ID_AND_PASSWORD):
        return await _reissue_password(sources, known, card, contracts[0], at, also)
    card = card_with(portal, PostcardSecret.PASSWORD)
    if card is None or known.password_ends_at is None:
        return False
    return await _reissue_password(sources, known, card, contracts[0], at, also)


def card_with(portal: Portal, secret: PostcardSecret) -> Postcard | None:
    """What the portal's policy says of postcards that bring such a secret."""
    cards = (course.postcard for course in portal.proof.courses)
    return next((card for card in cards if card and card.secret is secret), None)


def first_password(portal: Portal, card: Postcard) -> str:
    """A first password, made up; its life is `card.days`."""
    return issued(portal.password.form, card.length, secrets.choice)


async def new_code(
    sources: Sources, member: Member, contract: SupplyContract, at: datetime
) -> tuple[PostcardInTransit, Message] | None:
    """A new postcard with a code, and the letter that brings it; None where the portal has none."""
    card = card_with(sources.portals[member.portal], PostcardSecret.CODE)
    return None if card is None else await code_postcard(card, member, contract, at)


async def code_postcard(
    card: Postcard, member: Member, contract: SupplyContract, at: datetime
) -> tuple[PostcardInTransit, Message]:
    """A postcard with a code that is made up, and the letter that brings it."""
    code = issued_code(card.length, secrets.choice)
    ends_at = at + timedelta(days=card.days)
    postcard = PostcardInTransit(member.id, await PASSWORDS.hash(code_key(code)), at, ends_at)
    return postcard, welcome.code_letter(member, contract, code, ends_at)


async def _reissue_code(
    sources: Sources,
    member: Member,
    contract: SupplyContract,
    at: datetime,
    also: InTransaction | None,
) -> bool:
    before = await sources.postcards.find(member.id)
    made = await new_code(sources, member, contract, at)
    if before is None or made is None:
        return False
    postcard, letter = made

    async def work(transaction: Transaction) -> bool:
        if not await sources.postcards.replace(before, postcard, transaction):
            return False
        await sources.outbox.add([letter], transaction)
        if also is not None:
            await also(transaction)
        return True

    return await sources.mongo.transaction(work)


async def _reissue_password(
    sources: Sources,
    known: Credentials,
    card: Postcard,
    contract: SupplyContract,
    at: datetime,
    also: InTransaction | None,
) -> bool:
    member, portal = known.member, sources.portals[known.member.portal]
    password, ends_at = first_password(portal, card), at + timedelta(days=card.days)
    duties = duties_anew(portal, member.duties)
    first = FirstPassword(member.id, await PASSWORDS.hash(password), ends_at, duties)
    letter = welcome.first_letter(card.secret, member, contract, password, ends_at)
    done = False

    async def change(transaction: Transaction, _: Sequence[str]) -> None:
        nonlocal done
        done = await sources.first_logins.replace_password(first, transaction)
        if not done:
            return
        await sources.outbox.add([letter], transaction)
        if also is not None:
            await also(transaction)

    await sources.sessions.end_all(member.id, change)
    return done
