"""Duties of the first log-in that have a mutation of their own (MB-7, MB-12).

The others are done by what members also do later: `own_login.change_password` and
`second_factor.set_keywords`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from datasources.attempts import Account
from datasources.mongo import Transaction
from domain.first_login import first_login_form
from domain.identity import Fault, profile_faults
from domain.lockout import Verdict
from domain.matching import agrees
from domain.members import Session
from domain.policy import ContractFact, Duty
from domain.profile_changes import FieldValues, repeated_faults
from domain.profile_form import ProfileForm
from resolvers.context import RequestContext
from resolvers.proof import counted
from resolvers.refusals import Refusal, Refused, RefusedForm, RefusedInput, refuse_too_many
from resolvers.step_up import logged_in

_PHONE: Final = ContractFact.PHONE


async def confirm_contract_phone(context: RequestContext, phone: str) -> Sequence[Duty]:
    """Show that one knows the phone number of the contract; gives the duties that are left.

    Raises Refused. Wrong numbers are counted like wrong passwords, but lock nothing else.
    """
    session = await _doing(context, Duty.CONTRACT_PHONE)
    field = context.portal(session.portal).profile.field(_PHONE)
    if field is not None:
        _refuse(profile_faults(ProfileForm((field,)), {_PHONE: phone}, ()))
    contracts = await context.sources.contracts.of_member(session.member)
    account = Account.of_phone(session.portal, session.member)
    async with counted(context, account, Refusal.PHONE_LOCKED) as trial:
        alike = [agrees(contract, {_PHONE: phone}, [_PHONE]) for contract in contracts]
        if any(alike):
            trial.verdict = Verdict.RIGHT
    if trial.verdict is Verdict.WRONG:
        raise Refused(Refusal.WRONG_PHONE, "phone")
    return await _done(context, session, Duty.CONTRACT_PHONE, {_PHONE: phone})


async def complete_profile(context: RequestContext, fields: FieldValues) -> Sequence[Duty]:
    """Fill in what the portal asks for at the first log-in; gives the duties that are left.

    Raises Refused with all that is wrong.
    """
    session = await _doing(context, Duty.PROFILE)
    refuse_too_many(fields, "fields")
    form, values = first_login_form(context.portal(session.portal)), dict(fields)
    _refuse([*repeated_faults(fields), *profile_faults(form, values, ("fields",))])
    given = {key: text for key, text in values.items() if text}
    return await _done(context, session, Duty.PROFILE, given)


async def _doing(context: RequestContext, duty: Duty) -> Session:
    """Session of who has this duty to do next; raises Refused."""
    session = await logged_in(context, duty)
    if duty not in session.duties:
        raise Refused(Refusal.NO_DUTY)
    return session


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise RefusedForm([RefusedInput(fault) for fault in faults])


async def _done(
    context: RequestContext, session: Session, duty: Duty, values: Mapping[str, str]
) -> Sequence[Duty]:
    sources = context.sources

    async def work(transaction: Transaction) -> bool:
        return await sources.first_logins.fulfil(session.member, duty, transaction, values)

    if not await sources.mongo.transaction(work):
        raise Refused(Refusal.NO_DUTY)
    after = session.after(duty)
    context.adopt(after)
    return after.duties
