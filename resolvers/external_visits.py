"""Sending people to providers of outside accounts, and learning whom they have let in (MB-18)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from datasources.openid import Arrival, Departure
from datasources.openid_answers import ProviderDown, ProviderRefused
from datasources.tokens import new_token
from domain.external_log_in import (
    VISIT_LIFE,
    ExternalProvider,
    OutsideAccount,
    ProviderVisit,
    nonce_of,
    state_of,
    verifier_of,
)
from domain.external_providers import read_redirects
from domain.portal import Portal
from domain.same_text import same_text
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused
from resolvers.throttling import spare_client, throttle_client

_LONGEST: Final = 4096
"Characters of what people come back with; a code has no limit of its own."
_COUNTED: Final = "external log-in"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a person goes to be let in, and what the client keeps until they are back."""

    address: str = field(repr=False)
    state: str
    token: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Back:
    """What a person has come back with, and the client has kept."""

    token: str = field(repr=False)
    state: str
    code: str = field(repr=False)
    issuer: str | None


def open_providers(context: RequestContext, portal: Portal) -> list[ExternalProvider]:
    """Providers of a portal that are set up here."""
    rule = portal.external_log_in
    providers = rule.providers if rule else ()
    return [each for each in providers if each.key in context.sources.openid]


async def send(
    context: RequestContext, portal: Portal, provider: str, redirect_uri: str, session: str | None
) -> Sent:
    """Keep a visit and give the way to its provider; raises Refused."""
    if provider not in {each.key for each in open_providers(context, portal)}:
        raise Refused(Refusal.NO_SUCH_PROVIDER, "provider")
    if redirect_uri not in read_redirects(context.sources.settings.external_redirects):
        raise Refused(Refusal.WRONG_REDIRECT, "redirectUri")
    visits = context.sources.external_visits
    token = new_token()
    ends_at = context.now + VISIT_LIFE
    visit = ProviderVisit(portal.key, provider, redirect_uri, ends_at, session)
    with _asking(provider):
        address = await context.sources.openid.address(provider, _departure(visit, token))
    await visits.add(token, visit)
    return Sent(address, state_of(token), token, ends_at)


async def visit_of(context: RequestContext, back: Back) -> ProviderVisit:
    """The visit that somebody is back from; raises Refused WRONG_TOKEN, or WRONG_STATE."""
    visit = await context.sources.external_visits.find(back.token[:_LONGEST], context.now)
    if visit is None:
        raise Refused(Refusal.WRONG_TOKEN, "token")
    if not same_text(back.state[:_LONGEST], state_of(back.token)):
        raise Refused(Refusal.WRONG_STATE, "state")
    return visit


async def account_of(context: RequestContext, visit: ProviderVisit, back: Back) -> OutsideAccount:
    """Whom the provider has let in, asked once; raises Refused."""
    sources = context.sources
    if not await sources.external_visits.use_up(back.token):
        raise Refused(Refusal.WRONG_TOKEN, "token")
    if visit.provider not in sources.openid:
        raise Refused(Refusal.NO_SUCH_PROVIDER)
    if len(back.code) > _LONGEST or not back.code.isascii():
        raise Refused(Refusal.PROVIDER_REFUSED, "code")
    arrival = Arrival(back.code, back.issuer)
    with _asking(visit.provider):
        return await sources.openid.account(visit.provider, _departure(visit, back.token), arrival)


async def count(context: RequestContext) -> None:
    """Count a visit for the client's address; raises Refused TOO_MANY_REQUESTS."""
    most = context.sources.settings.external_log_ins_per_address
    await throttle_client(context, _COUNTED, most, Refusal.TOO_MANY_REQUESTS)


async def count_less(context: RequestContext) -> None:
    """Count one visit less: it has ended well."""
    most = context.sources.settings.external_log_ins_per_address
    await spare_client(context, _COUNTED, most)


@contextmanager
def _asking(provider: str) -> Iterator[None]:
    """Whatever goes wrong with a provider is the user's to hear and the operator's to read."""
    try:
        yield
    except ProviderDown as error:
        _log.warning("a provider of log-ins does not answer", provider=provider, reason=str(error))
        raise Refused(Refusal.PROVIDER_DOWN) from None
    except ProviderRefused as error:
        _log.warning("a provider of log-ins was not believed", provider=provider, reason=str(error))
        raise Refused(Refusal.PROVIDER_REFUSED) from None


def _departure(visit: ProviderVisit, token: str) -> Departure:
    return Departure(visit.redirect_uri, state_of(token), nonce_of(token), verifier_of(token))
