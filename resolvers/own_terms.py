"""The terms of use of the member who asks, and their saying yes to them (MB-19)."""

from domain.members import Member
from domain.terms import MemberTerms, terms_of
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused
from resolvers.step_up import logged_in


async def member_terms(context: RequestContext, member: Member) -> list[MemberTerms]:
    """What the member who asks accepted, and what waits for that."""
    context.require_owner(member.id)
    records = await context.sources.terms.of_member(member.id)
    return terms_of(context.portal(member.portal).terms, records, context.now)


async def accept_terms(context: RequestContext, key: str, name: str) -> MemberTerms:
    """Accept a version in force or to come; raises Refused NOT_LOGGED_IN or OTHER_TERMS.

    To accept it again changes nothing.
    """
    session = await logged_in(context)
    member, terms = await context.sources.members.by_id(session.member), context.sources.terms
    if member is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    for document in context.portal(member.portal).terms:
        for version in document.acceptable(context.now):
            if (document.key, version.version) == (key, name):
                await terms.settle(context.now)
                record = await terms.accept(member, key, name, context.now)
                return MemberTerms(document, version, record)
    raise Refused(Refusal.OTHER_TERMS, "version")
