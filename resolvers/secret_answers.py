"""Setting what a member is asked for who has forgotten ID or password (MB-11, MB-14)."""

from collections.abc import Iterator

from datasources.mongo import Transaction
from domain.identity import Fault, FaultCode
from domain.members import RecoveryAnswer
from domain.policy import Recovery
from domain.recovery import GivenAnswer, answer_faults, answer_key
from resolvers import notices
from resolvers.context import RequestContext
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused, RefusedForm, RefusedInput
from resolvers.step_up import confirmed


async def set_recovery_answer(context: RequestContext, given: GivenAnswer) -> None:
    """Replace the answer of who has just given the password again, and tell; raises Refused."""
    session = await confirmed(context)
    rule = context.portal(session.portal).recovery
    if rule.answer is None:
        raise Refused(Refusal.NO_SUCH_WAY)
    if reasons := list(_new_reasons(rule, given, ())):
        raise RefusedForm(reasons)
    answer = await hashed(given)
    sources, now = context.sources, context.now
    member = await sources.members.by_id(session.member)

    async def work(transaction: Transaction) -> None:
        if member is None or not await sources.recovery_answers.put(member.id, answer, transaction):
            raise Refused(Refusal.NOT_LOGGED_IN)
        await sources.outbox.add(notices.recovery_changed(member, now), transaction)

    await sources.mongo.transaction(work)


def registration_reasons(rule: Recovery, given: GivenAnswer | None) -> Iterator[Refused]:
    """What is wrong with the answer in the form of who registers."""
    if rule.answer is None:
        if given is not None:
            yield Refused(Refusal.NOT_ASKED, "recovery")
    elif given is None:
        yield RefusedInput(Fault(FaultCode.REQUIRED, "must have an answer", ("recovery",)))
    else:
        yield from _new_reasons(rule, given, ("recovery",))


async def hashed(given: GivenAnswer) -> RecoveryAnswer:
    """A checked answer as it is kept."""
    return RecoveryAnswer(given.question, await PASSWORDS.hash(answer_key(given.answer)))


def _new_reasons(rule: Recovery, given: GivenAnswer, path: tuple[str, ...]) -> Iterator[Refused]:
    if given.question is not None and not rule.questions:
        yield Refused(Refusal.NOT_ASKED, *path, "question")
    yield from map(RefusedInput, answer_faults(rule, given, path))
