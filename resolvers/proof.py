"""Showing that a supply contract is one's own (MB-7)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from datasources.attempts import Account
from domain.lockout import Verdict
from domain.matching import agrees
from domain.policy import ContractFact, Course, Registrant
from domain.portal import Portal
from domain.supply import SupplyContract
from resolvers.attempts import Trial, attempt
from resolvers.context import RequestContext
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused
from resolvers.registration_forms import RegistrationForm


async def proven_contract(
    context: RequestContext, portal: Portal, form: RegistrationForm, course: Course | None
) -> SupplyContract | None:
    """The contract that the form proves, None where none is needed; raises Refused.

    What does not agree is never told, nor whether there is such a contract: it takes as long. Wrong
    entries for a customer number are counted like wrong passwords.
    """
    if portal.registration.by is not Registrant.CONTRACT_HOLDER or course is None:
        return None
    number = form.values[ContractFact.CUSTOMER_NUMBER]
    async with counted(
        context, Account.of_contract(portal.key, number), Refusal.PROOF_LOCKED
    ) as trial:
        contract = await context.sources.contracts.find(portal.key, number)
        alike = agrees(contract, form.values, portal.proof.matches)
        if await _last_four_is_right(course, contract, form.last_four) and alike:
            trial.verdict = Verdict.RIGHT
    if contract is None or trial.verdict is Verdict.WRONG:
        raise Refused(Refusal.NO_MATCH)
    if portal.registration.low_voltage_only and not contract.is_low_voltage:
        raise Refused(Refusal.NOT_LOW_VOLTAGE)
    if contract.payment_method not in course.payment_methods:
        raise Refused(Refusal.NOT_YOUR_COURSE, "course")
    return contract


@asynccontextmanager
async def counted(
    context: RequestContext, account: Account, locked: Refusal
) -> AsyncIterator[Trial]:
    """An attempt that is counted like a log-in; while it is locked raises Refused with that code.

    The account has upper-case letters, so that no login ID can be the same.
    """
    try:
        async with attempt(context, account) as trial:
            yield trial
    except Refused as refused:
        if refused.code != Refusal.LOCKED:
            raise
        raise Refused(locked, retry_at=refused.retry_at) from None


async def _last_four_is_right(
    course: Course, contract: SupplyContract | None, given: str | None
) -> bool:
    if not course.last_four:
        return True
    last_four_hash = contract.last_four_hash if contract else None
    return await PASSWORDS.matches(last_four_hash, given or "")
