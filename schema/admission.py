"""Whether an operation may be executed: its document, its cost, who asks, and what they have left.

Points are taken before anything is executed. Everybody has one bucket: a member's in all sessions, an
app's for all its members, that of one of the staff, or the client address's of who is not logged in.
While Redis does not answer, who is logged in passes and others, who may be anybody, do not.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from graphql import GraphQLError
from strawberry.types import ExecutionResult

from datasources.tokens import token_hash
from domain.clients import Client
from domain.errors import KenshinError, LimitExceeded, RateLimited, Unauthenticated, Unavailable
from domain.lockout import address_block
from domain.members import Session
from domain.rate_limits import Asker, Bucket, Standing, Taken
from resolvers.context import RequestContext
from resolvers.sources import Sources
from resolvers.staff_sessions import staff
from schema.documents import CheckedDocument, Ready
from schema.execution.operations import Operation
from schema.limits.cost import WRONG
from schema.limits.introspection import introspection_refusal
from schema.limits.list_items import LIST_ITEMS
from schema.limits.suggestions import hide_suggestions
from schema.root import Asked, KenshinSchema

Headers = Mapping[bytes, bytes]
ClientOf = Callable[[], Awaitable[Client]]

_MINUTE: Final = 60
_MOST_OWNERS: Final = 10_000
_CHARACTERS: Final = 5
"Of a document that a stranger has read for a point: it takes up to 50 µs for each of them."
_MOST_TO_READ: Final = 2000
"Points; the longest documents are refused at once."
_NO_HEADERS: Final[Headers] = MappingProxyType({})
_NO_ERRORS: Final[Sequence[GraphQLError]] = ()
_STATUS: Final = {
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Admitted(NamedTuple):
    """An operation that may be executed unless there are errors."""

    cost: int
    known: bool
    "Whether somebody is logged in."
    query: Operation | None = None
    "None for what is executed in the stock way."
    coerced: dict[str, Any] | None = None
    "Variables of a query, where all of them are leaves."
    headers: Headers = _NO_HEADERS
    errors: Sequence[GraphQLError] = _NO_ERRORS
    status: HTTPStatus | None = None
    "Of a refusal that has one of its own."

    def finish(self, result: ExecutionResult) -> ExecutionResult:
        """The result with its cost, as far as who asks may see it."""
        result.extensions = {"cost": self.cost}
        if result.errors and not self.known:
            hide_suggestions(result.errors)
        return result


class _Share:
    """What all of a kind who ask have in common. Never changed."""

    __slots__ = ("asker", "header", "known", "per_minute", "policy")

    def __init__(self, asker: Asker, per_minute: int) -> None:
        name = asker.lower().encode()
        self.asker = asker
        self.per_minute = per_minute
        self.known = asker is not Asker.ADDRESS
        self.policy = b'"%b";q=%d;w=%d' % (name, per_minute, _MINUTE)
        self.header = b'"%b";r=%%d;t=%%d' % name

    def headers(self, points: Standing | None) -> Headers:
        """What draft-ietf-httpapi-ratelimit-headers says of what is left."""
        if points is None:
            return _NO_HEADERS
        left = self.header % (points.remaining, math.ceil(points.full_seconds))
        return {b"ratelimit-policy": self.policy, b"ratelimit": left}


Owner = tuple[_Share, str]
Take = Awaitable[Taken | None]


class Admission:
    """The door that every operation of a process passes."""

    def __init__(self, schema: KenshinSchema, sources: Sources) -> None:
        settings = self._settings = sources.settings
        self._schema = schema
        self._buckets = sources.buckets
        self._most_cost = settings.max_cost or math.inf
        self._member = _Share(Asker.MEMBER, settings.cost_per_minute_member)
        self._app = _Share(Asker.APP, settings.cost_per_minute_app)
        self._staff = _Share(Asker.STAFF, settings.cost_per_minute_staff)
        self._owners: dict[bytes, Owner] = {}
        "Of the tokens that came lately: a token never changes hands."
        self._address = _Share(Asker.ADDRESS, settings.cost_per_minute_address)

    async def before_reading(
        self,
        context: RequestContext,
        text: str,
        client: ClientOf,
        session: Session | None = None,
    ) -> Admitted | None:
        """Take the points of reading a document that is not kept; why it is not read, or None.

        From strangers alone: of whom no more is known than an address, and who could have any number of
        documents read only to be told that they have no points left.
        """
        if not text:
            return None
        share, key = await self._who(context, client, session)
        if share.known or not share.per_minute:
            return None
        cost = min(1 + len(text) // _CHARACTERS, _MOST_TO_READ)
        taken = await self._take(share, key, cost)
        refusal = self._shortage(context, share, cost, taken)
        if refusal is None:
            return None
        headers = share.headers(context.points)
        return self._refused(refusal, Admitted(cost, known=False, headers=headers))

    async def admit(
        self,
        context: RequestContext,
        checked: CheckedDocument,
        asked: Asked,
        client: ClientOf,
        session: Session | None = None,
    ) -> Admitted:
        """Take the points of an operation from who asks, and say whether it may be executed.

        `session` is that of a socket, if it has one.
        """
        ready = checked.ready.get(asked.operation_name)
        refusal: KenshinError | None = None
        cost, coerced = WRONG, None
        if ready is not None:
            try:
                cost, coerced = self._price(ready, asked.variables or {})
            except LimitExceeded as error:
                refusal = error
        token = token_hash(context.authorization) if context.authorization else None
        begun = None if checked.introspects else self._begun(token, cost)
        share, key = owner = await self._who(context, client, session)
        if begun is None or begun[0] != owner:
            self._note(token, owner)
        if checked.introspects:
            who_may = self._settings.introspection
            refusal = introspection_refusal(who_may, known=share.known) or refusal
            cost = cost if refusal is None else WRONG
        if share.per_minute:
            take = begun[1] if begun and begun[0] == owner else self._take(share, key, cost)
            refusal = self._shortage(context, share, cost, await take) or refusal
        headers = share.headers(context.points)
        if refusal is not None:
            return self._refused(refusal, Admitted(cost, share.known, headers=headers))
        if ready is None and (errors := self._wrong(checked, asked, known=share.known)):
            return Admitted(cost, share.known, headers=headers, errors=errors)
        return Admitted(cost, share.known, ready and ready.query, coerced, headers)

    def _price(self, ready: Ready, variables: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        """Cost of an operation, and its variables where they are leaves; raises LimitExceeded."""
        for value in variables.values():
            if isinstance(value, list | dict):
                LIST_ITEMS.check(variables, self._settings)
                break
        priced = ready.cost.of(variables)
        if priced[0] > self._most_cost:
            raise LimitExceeded(
                f"an operation can cost at most {self._most_cost:,}, this one costs {priced[0]:,}"
            )
        return priced

    def _wrong(
        self, checked: CheckedDocument, asked: Asked, *, known: bool
    ) -> Sequence[GraphQLError]:
        """What is wrong with a document, as far as who asks may know; empty if nothing is."""
        name = asked.operation_name
        errors = self._schema.refusal(checked, name) if known else checked.refusal(name)
        self._schema.process_errors(errors)
        return errors

    def _begun(self, token: bytes | None, cost: int) -> tuple[Owner, Take] | None:
        """A take from whose token came before, while it is looked up whether it is theirs still."""
        owner = None if token is None else self._owners.get(token)
        if owner is None or not owner[0].per_minute:
            return None
        return owner, self._take(*owner, cost)

    def _note(self, token: bytes | None, owner: Owner) -> None:
        """Keep whose a token is while its session lasts."""
        if token is None:
            return
        if not owner[0].known:
            self._owners.pop(token, None)
            return
        if len(self._owners) >= _MOST_OWNERS:
            self._owners.clear()
        self._owners[token] = owner

    def _take(self, share: _Share, key: str, cost: int) -> Take:
        return self._buckets.take(Bucket(f"{share.asker}:{key}", share.per_minute, _MINUTE), cost)

    def _shortage(
        self, context: RequestContext, share: _Share, cost: int, taken: Taken | None
    ) -> KenshinError | None:
        """Why the points could not be taken; None if they were, or are not counted."""
        most = share.per_minute
        if taken is None:
            if share.known:
                return None
            return Unavailable("a database does not answer at the moment; log in, or try again")
        context.points = Standing(share.asker, most, taken.remaining, taken.full_seconds)
        if not taken.missing_seconds:
            return None
        if cost > most:
            return LimitExceeded(f"this costs {cost:,}, and {most:,} may be asked for in a minute")
        seconds = math.ceil(taken.missing_seconds)
        return RateLimited(
            f"this costs {cost:,}, and of the {most:,} that may be asked for in a minute fewer are "
            f"left: try again after {seconds} s",
            seconds,
        )

    def _refused(self, refusal: KenshinError, admitted: Admitted) -> Admitted:
        error = GraphQLError(str(refusal), original_error=refusal)
        self._schema.process_errors([error])
        status = _STATUS.get(type(refusal))
        headers = admitted.headers
        if status is not None:
            after = b"%d" % getattr(refusal, "retry_after", 1)
            headers = {**headers, b"retry-after": after}
        return admitted._replace(errors=[error], status=status, headers=headers)

    async def _who(
        self, context: RequestContext, client: ClientOf, session: Session | None
    ) -> Owner:
        """Whose bucket it is. Who cannot be known, for whatever reason, counts as a stranger here, and
        is told of it by what is executed.
        """
        try:
            session = session or await context.viewer_session()
        except Unauthenticated:
            if (visit := await _staff_id(context)) is not None:
                return self._staff, visit
        except Exception:  # noqa: BLE001 - a database that does not answer: every field says so
            session = None
        if session is not None:
            app = session.app
            return (self._member, session.member) if app is None else (self._app, app.app)
        if context.app is not None:
            return self._app, context.app.id
        if not context.client.address:
            context.client = await client()
        return self._address, address_block(context.client.address) or ""


async def _staff_id(context: RequestContext) -> str | None:
    try:
        visit = await staff(context)
    except Exception:  # noqa: BLE001 - as above
        return None
    return visit.staff.id if visit else None
