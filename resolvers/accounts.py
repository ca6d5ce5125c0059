"""Accounts that the company makes: a postcard brings ID and first password (MB-2, MB-3, MB-7)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from datasources.members import LoginIdTaken
from datasources.mongo import InTransaction, Transaction
from domain.account_records import NewAccount
from domain.first_login import first_duties
from domain.issuing import issued_login_id
from domain.members import Joining, Member, MemberProfile, MemberState
from domain.outbox import Message
from domain.policy import Duty, Postcard, PostcardSecret, Registrant
from domain.portal import Portal
from domain.supply import SupplyContract
from domain.text_forms import TextForm
from resolvers import welcome
from resolvers.account_postcards import card_with, first_password
from resolvers.passwords import PASSWORDS
from resolvers.sources import Sources

_TRIES: Final = 5
"At an ID that nobody has, and while others import the same account."


class AccountRefused(Exception):
    """The account cannot be made; the message is the reason, one short clause."""


class _ContractTaken(Exception):
    """Somebody has got the contract meanwhile."""


@dataclass(frozen=True, slots=True)
class _Issuing:
    """An account that can be made or added to."""

    account: NewAccount
    portal: Portal
    card: Postcard
    form: TextForm
    contracts: list[SupplyContract]
    holder: str | None
    "The member whose account it is, if it was made before."


async def put_account(sources: Sources, account: NewAccount) -> None:
    """Make an account, whose ID and first password leave as a postcard; raises AccountRefused.

    One that was made before is given what contracts it has not yet, and nothing else: the same line
    again changes nothing. It is never taken from anybody.
    """
    for _ in range(_TRIES):
        issuing = await _checked(sources, account)
        try:
            await _carry_out(sources, issuing)
        except (LoginIdTaken, _ContractTaken):
            continue
        return
    raise AccountRefused("others change this account at the moment; import the line again")


async def _checked(sources: Sources, account: NewAccount) -> _Issuing:
    portal = sources.portals.get(account.portal)
    if portal is None:
        raise AccountRefused(f"there is no portal {account.portal!r}")
    card = card_with(portal, PostcardSecret.LOGIN_ID_AND_PASSWORD)
    form = portal.login_id.form
    if portal.registration.by is not Registrant.UTILITY_ISSUED or card is None or form is None:
        raise AccountRefused(f"people register with portal {portal.key!r} themselves")
    contracts = [await _contract(sources, account, each) for each in account.customer_numbers]
    if Duty.CONTRACT_PHONE in first_duties(portal) and not any(each.phone for each in contracts):
        raise AccountRefused("none of these contracts has a phone, which the first log-in asks for")
    holder = await _holder(sources, account)
    for contract in contracts:
        if contract.member not in {None, holder}:
            raise AccountRefused(f"{contract.customer_number} belongs to another member")
    return _Issuing(account, portal, card, form, contracts, holder)


async def _contract(sources: Sources, account: NewAccount, number: str) -> SupplyContract:
    contract = await sources.contracts.find(account.portal, number)
    if contract is None:
        raise AccountRefused(
            f"no supply contract has customer number {number}; import it first with --kind contracts"
        )
    return contract


async def _holder(sources: Sources, account: NewAccount) -> str | None:
    found = await sources.first_logins.account(account.portal, account.number)
    if found is None:
        return None
    member, state = found
    if state is MemberState.WITHDRAWN:
        raise AccountRefused(
            "the member of this account has left; a new one needs another account number"
        )
    return member


async def _carry_out(sources: Sources, issuing: _Issuing) -> None:
    """Raises LoginIdTaken or _ContractTaken: look again.

    The first contract is given together with the account, so there is none without; what is missing of
    the others, when this ends before they are given, the same line adds later.
    """
    wanted = [contract for contract in issuing.contracts if contract.member is None]
    holder = issuing.holder
    if holder is None:
        joining, letter = await _made(sources, issuing)
        holder = joining.member.id

        async def begin(transaction: Transaction) -> None:
            await sources.members.add(joining, transaction)
            await sources.outbox.add([letter], transaction)

        await _give(sources, wanted.pop(0), holder, begin)
    for contract in wanted:
        await _give(sources, contract, holder)


async def _give(
    sources: Sources,
    contract: SupplyContract,
    member: str,
    also: InTransaction | None = None,
) -> None:
    async def claim(transaction: Transaction) -> None:
        if not await sources.contracts.claim(contract.id, member, transaction):
            raise _ContractTaken
        if also is not None:
            await also(transaction)

    await sources.facilities.give(contract.portal, contract.customer_number, member, claim)


async def _made(sources: Sources, issuing: _Issuing) -> tuple[Joining, Message]:
    portal, card, contract = issuing.portal, issuing.card, issuing.contracts[0]
    member = Member(
        id=secrets.token_hex(12),
        portal=portal.key,
        login_id=issued_login_id(issuing.form, secrets.choice),
        state=MemberState.ACTIVE,
        profile=MemberProfile(contract.name, contract.kana, None, None),
        language=issuing.account.language.value,
        duties=first_duties(portal),
    )
    password = first_password(portal, card)
    now = sources.clock()
    ends_at = now + timedelta(days=card.days)
    joining = Joining(
        member,
        await PASSWORDS.hash(password),
        one_member_each=portal.email.one_member_each,
        password_ends_at=ends_at,
        account=issuing.account.number,
        joined_at=now,
    )
    return joining, welcome.first_letter(card.secret, member, contract, password, ends_at)
