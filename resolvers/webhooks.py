"""Webhooks of the app that asks with a token of its own: made, changed, tried, let go on, removed."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from datasources.webhook_sender import NotArrived
from datasources.webhooks import new_webhook_id
from domain.consents import App
from domain.identity import Fault, FaultCode
from domain.webhook_addresses import address_fault
from domain.webhook_events import trial
from domain.webhook_signing import KEY_BYTES, secret_text, signed_headers
from domain.webhooks import EventKind, Failure, SigningKey, Webhook
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.throttling import throttle

_MOST_TRIALS: Final = 60
"Of an app in an hour: each is a request that we send."


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook, and the secret that it got, which is shown once."""

    webhook: Webhook
    secret: str | None


async def of_app(context: RequestContext, app: str) -> list[Webhook]:
    """Webhooks of the app that asks, the oldest first."""
    context.require_own_app(app)
    return await context.sources.webhooks.of_app(app)


async def create(context: RequestContext, url: str, kinds: Collection[EventKind]) -> Made:
    """Make a webhook of the app that asks; raises Refused TOO_MANY_WEBHOOKS, or RefusedInput."""
    app = await context.require_app()
    _check(context, url, kinds)
    key = secrets.token_bytes(KEY_BYTES)
    made = Webhook(
        id=new_webhook_id(),
        app=app.id,
        url=url,
        kinds=frozenset(kinds),
        keys=(SigningKey(key),),
        created_at=context.now,
    )
    if not await context.sources.webhooks.add(made):
        raise Refused(Refusal.TOO_MANY_WEBHOOKS)
    return Made(made, secret_text(key))


async def update(
    context: RequestContext,
    webhook: str,
    url: str | None,
    kinds: Collection[EventKind] | None,
    *,
    new_secret: bool,
) -> Made:
    """Change a webhook; what is None stays. Raises Refused NO_SUCH_WEBHOOK, or RefusedInput."""
    known = await _own(context, webhook)
    url = known.url if url is None else url
    kinds = known.kinds if kinds is None else kinds
    _check(context, url, kinds)
    key = secrets.token_bytes(KEY_BYTES) if new_secret else None
    keys = known.keys if key is None else known.with_key(key, context.now)
    changed = await context.sources.webhooks.change(known, url, frozenset(kinds), keys)
    if changed is None:
        raise _none()
    return Made(changed, None if key is None else secret_text(key))


async def resume(context: RequestContext, webhook: str) -> Webhook:
    """Let a webhook go on; one that is not paused stays as it is. Raises Refused NO_SUCH_WEBHOOK."""
    app = await context.require_app()
    found = await context.sources.webhooks.resume(app.id, webhook)
    if found is None:
        raise _none()
    return found


async def delete(context: RequestContext, webhook: str) -> None:
    """Remove a webhook; raises Refused NO_SUCH_WEBHOOK."""
    app = await context.require_app()
    if not await context.sources.webhooks.remove(app.id, webhook):
        raise _none()


async def send_trial(context: RequestContext, webhook: str) -> Failure | None:
    """Send a webhook a request of no meaning; None: it arrived.

    Raises Refused NO_SUCH_WEBHOOK or TOO_MANY_REQUESTS.
    """
    known = await _own(context, webhook)
    await throttle(context, f"webhook trial\0{known.app}", _MOST_TRIALS, Refusal.TOO_MANY_REQUESTS)
    now = context.sources.clock()
    event = trial(known, now)
    body = event.body()
    headers = signed_headers(event.id, body, known.keys_at(now), now)
    try:
        await context.sources.webhook_sender.send(known.url, body, headers)
    except NotArrived as error:
        return Failure(now, error.reason, error.status)
    return None


async def _own(context: RequestContext, webhook: str) -> Webhook:
    """A webhook of the app that asks; raises Refused NO_SUCH_WEBHOOK for any other."""
    app: App = await context.require_app()
    found = await context.sources.webhooks.by_id(app.id, webhook)
    if found is None:
        raise _none()
    return found


def _none() -> Refused:
    return Refused(Refusal.NO_SUCH_WEBHOOK, "id")


def _check(context: RequestContext, url: str, kinds: Collection[EventKind]) -> None:
    """Raises RefusedInput."""
    private = context.sources.settings.webhook_private_hosts.split()
    if fault := address_fault(url, private):
        raise RefusedInput(Fault(FaultCode.BAD_FORM, fault, ("url",)))
    if not kinds:
        raise RefusedInput(Fault(FaultCode.REQUIRED, "must name an event", ("events",)))
