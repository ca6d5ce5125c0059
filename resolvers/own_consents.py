"""The consents of the member who asks, and of the app that asks for itself."""

from domain.consents import App, Consent, ConsentEnd
from domain.errors import NotFound
from domain.members import Member
from domain.paging import Page, PageRequest
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused
from resolvers.step_up import logged_in


async def consent(context: RequestContext, consent_id: str) -> Consent:
    """A consent of the member who asks; raises NotFound for any other."""
    await context.require_session()
    context.refuse_app("a consent")
    found = (await context.sources.consents.by_ids([consent_id])).get(consent_id)
    if found is None:
        raise NotFound
    context.require_owner(found.member)
    return found


async def consent_page(context: RequestContext, of: Member, request: PageRequest) -> Page[Consent]:
    """Page of a member's consents, the newest first, ended ones too."""
    context.require_owner(of.id)
    return await context.sources.consents.page({"member": of.id}, request)


async def consent_count(context: RequestContext, of: Member) -> int:
    context.require_owner(of.id)
    return await context.sources.consents.count({"member": of.id})


async def app_of(context: RequestContext, of: Consent) -> App:
    """The app that a consent was given to; apps are never removed."""
    found = await context.loaders.app(of.app)
    if found is None:
        raise NotFound
    return found


async def withdraw(context: RequestContext, consent_id: str) -> None:
    """End a consent of one's own; raises Refused NOT_LOGGED_IN or NO_SUCH_CONSENT."""
    session = await logged_in(context)
    sources = context.sources
    found = (await sources.consents.by_ids([consent_id])).get(consent_id)
    if found is None or found.member != session.member:
        raise Refused(Refusal.NO_SUCH_CONSENT, "id")
    await sources.sessions.end_consents({"_id": found.id}, ConsentEnd.WITHDRAWN)


async def app_consent_page(
    context: RequestContext, app: str, request: PageRequest
) -> Page[Consent]:
    """Page of the consents to an app that asks for itself, the newest first, ended ones too."""
    context.require_own_app(app)
    return await context.sources.consents.page({"app": app}, request)


async def app_consent_count(context: RequestContext, app: str) -> int:
    context.require_own_app(app)
    return await context.sources.consents.count({"app": app})
