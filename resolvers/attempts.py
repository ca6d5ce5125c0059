"""An attempt to show that one knows a secret: whether it may be judged, and what came of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from datasources.attempts import Account
from domain.lockout import Verdict, address_block, locked_until
from domain.policy import Lockout
from resolvers.context import RequestContext
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused
from resolvers.throttling import spare, throttle

_PATIENCE_SECONDS: Final = 4.0
"How long to wait for what came of the attempts before; one that was never judged counts as wrong."
_PAUSE_SECONDS: Final = 0.03


@dataclass(slots=True)
class Trial:
    """An attempt that may be judged; it is wrong unless somebody says otherwise."""

    verdict: Verdict = Verdict.WRONG
    locked_until: datetime | None = None
    "Set after the block by the attempt that has locked the account."


@asynccontextmanager
async def attempt(
    context: RequestContext, account: Account, rule: Lockout | None = None
) -> AsyncIterator[Trial]:
    """Judge within the block, once; raises Refused LOCKED or TOO_MANY_ATTEMPTS before it.

    It is counted before it is judged, so that it counts whatever happens to the request. The rule is
    that of the account's portal, unless another one is given.
    """
    sources, block = context.sources, address_block(context.client.address)
    most = sources.settings.wrong_log_ins_per_address
    if block:
        await throttle(context, block, most, Refusal.TOO_MANY_ATTEMPTS)
    taken = await _taken(context, account, rule or context.portal(account.portal).lockout)
    trial = Trial()
    try:
        yield trial
    except BaseException:
        sources.afterwards.add(sources.attempts.settle(account, taken, Verdict.WRONG))
        raise
    trial.locked_until = await sources.attempts.settle(account, taken, trial.verdict)
    if block and trial.verdict is not Verdict.WRONG:
        await spare(context, block, most)


async def _taken(context: RequestContext, account: Account, rule: Lockout) -> str:
    """Id of the attempt; raises Refused, after as long as judging takes, if the account is locked."""
    until = locked_until(context.now, rule.until_hour)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _PATIENCE_SECONDS
    while True:
        found = await context.sources.attempts.take(account, context.now, rule.attempts, until)
        if found.id is not None:
            return found.id
        if not found.pending or loop.time() > deadline:
            await PASSWORDS.matches(None, "")
            raise Refused(Refusal.LOCKED, retry_at=found.locked_until)
        await asyncio.sleep(_PAUSE_SECONDS)
