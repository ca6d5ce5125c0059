"""GraphQL over HTTP: POST and GET, content negotiation and status codes of the specification.

An ASGI application of its own: answers go out in parts as they are, and a framework's request and
response objects would be a good part of what a small query costs.
"""

from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.admission import Admission, Admitted
from schema.clients import Clients
from schema.documents import CheckedDocument
from schema.execution.encoding import encoded
from schema.media_types import GRAPHQL_JSON, JSON, negotiated, wanted_types
from schema.observing import Operations
from schema.origins import Origins, for_pages
from schema.page import Pages
from schema.parameters import GraphQLParameters, Refused, parameters_of
from schema.replies import Headers, Reply, coded, send_reply, tagged
from schema.root import KenshinSchema
from schema.trusted import Trusted

_OK: Final = HTTPStatus.OK
"Looked up once: members of an enum are slow to get at."

_PRIVATE: Final = b"private, no-cache"
_PUBLIC: Final = b"public, max-age=60"
"""Of what is asked without a token, by the name of a document: there are few of those, and what nobody
need be known for is the same for all."""
_OF_WHO_ASKS: Final = "rateLimit"
"But for this field: every address has points of its own."
_BY_ORIGIN: Final[Headers] = {b"vary": b"origin"}
"What has no origin must say so too: a page would else be given it without the headers of CORS."

_ALLOWED: Final = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}


_JSON_TYPES: Final = {GRAPHQL_JSON, JSON}
_CHECKED_MODES: Final = {b"cors", b"same-origin"}
"In which browsers keep to what CORS allows."


class GraphQLView:
    """The /graphql endpoint over HTTP."""

    def __init__(
        self,
        schema: KenshinSchema,
        sources: Sources,
        clients: Clients,
        operations: Operations,
        origins: Origins,
        trusted: Trusted,
        pages: Pages,
    ) -> None:
        self._schema = schema
        self._pages = pages
        self._operations = operations
        self._sources = sources
        self._clients = clients
        self._origins = origins
        self._trusted = trusted
        self._admission = Admission(schema, sources)
        self._max_bytes = sources.settings.max_request_bytes
        self._shows_page = sources.settings.graphiql == "on"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        if b"origin" in headers:
            answering = await for_pages(self._origins, scope, send)
            if answering is None:
                return
            send = answering
        if self._shows_page and scope["method"] == "GET" and _wants_page(headers):
            await self._pages.graphiql()(scope, receive, send)
            return
        accept = headers.get(b"accept", b"").decode("latin-1")
        media_type = negotiated(accept)
        try:
            if media_type is None:
                raise Refused(HTTPStatus.NOT_ACCEPTABLE, f"accept {GRAPHQL_JSON} or {JSON}")
            reply = await self._reply(scope, headers, receive, media_type)
        except Refused as refused:
            reply = _refusal(refused, media_type or JSON)
        await send_reply(reply, scope, send)

    async def _reply(
        self, scope: Scope, headers: Headers, receive: Receive, media_type: str
    ) -> Reply:
        asked = await parameters_of(scope, headers, receive, self._max_bytes)
        if asked.method == "GET" and asked.reference is None and _forgeable(headers):
            raise Refused(HTTPStatus.BAD_REQUEST, f"POST a document, or accept {GRAPHQL_JSON}")
        started = perf_counter()
        context = self._context(scope, headers)
        client = partial(self._clients.of, scope)
        document: CheckedDocument | None = None
        unread: Admitted | None = None
        if not self._schema.keeps(asked.query):
            unread = await self._admission.before_reading(context, asked.query, client)
        if unread is not None:
            admitted = unread
        else:
            asked, document = await self._document(context, asked, headers)
            admitted = await self._admission.admit(context, document, asked, client)
        query = admitted.query
        if asked.reference is not None and not admitted.errors:
            await self._trusted.keep(asked)
        if admitted.errors:
            result = ExecutionResult(None, list(admitted.errors))
        elif query is not None:
            result = await self._schema.answer(query, asked.variables, context, admitted.coerced)
        else:
            context.client = await self._clients.of(scope)
            result = await self._executed(asked, context)
        admitted.finish(result)
        self._operations.answered(document, asked, result, started)
        reply = answered(result, media_type, admitted)
        if query is None:
            return reply
        if not result.errors and asked.method == "GET":
            policy = _PUBLIC if _is_for_all(asked, headers) else _PRIVATE
            if policy is _PUBLIC and b"origin" not in headers:
                reply = reply._replace(headers={**reply.headers, **_BY_ORIGIN})
            reply = tagged(reply, headers.get(b"if-none-match"), policy)
        # Only of queries: what logging in answers is secret, and a body's length tells of its content.
        return await coded(reply, headers.get(b"accept-encoding"))

    async def _document(
        self, context: RequestContext, asked: GraphQLParameters, headers: Headers
    ) -> tuple[GraphQLParameters, CheckedDocument]:
        """What is asked with its text, and the document."""
        if asked.reference is not None or self._trusted.may_refuse(headers.get(b"authorization")):
            return await self._trusted.document(context, asked)
        return asked, self._schema.known_document(asked.query)

    def _context(self, scope: Scope, headers: Headers) -> RequestContext:
        authorization = headers.get(b"authorization")
        return RequestContext(
            self._sources,
            None if authorization is None else authorization.decode("latin-1"),
            scope["state"]["request_id"],
        )

    async def _executed(self, asked: GraphQLParameters, context: RequestContext) -> ExecutionResult:
        """Result of what is no query that is ready to be executed."""
        try:
            return await self._schema.perform(asked, context, _ALLOWED[asked.method])
        except CannotGetOperationTypeError as error:
            result = ExecutionResult(None, [GraphQLError(error.as_http_error_reason())])
            self._schema.process_errors(result.errors or [])
            return result
        except InvalidOperationTypeError as error:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"a {error.operation_type.value} does not go over {asked.method}",
                {b"allow": b"POST"},
            ) from None


def answered(result: ExecutionResult, media_type: str, admitted: Admitted | None = None) -> Reply:
    """The reply to a request that was executed, or was not admitted."""
    answer: dict[str, Any] = {}
    refused = result.data is None and not any(error.path for error in result.errors or ())
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if not refused:
        answer["data"] = result.data
    if result.extensions:
        answer["extensions"] = result.extensions
    bad = refused and media_type == GRAPHQL_JSON
    status = HTTPStatus.BAD_REQUEST if bad else _OK
    if admitted is None:
        return Reply(status, media_type, encoded(answer))
    return Reply(admitted.status or status, media_type, encoded(answer), admitted.headers)


def _refusal(refused: Refused, media_type: str) -> Reply:
    error = {"message": str(refused), "extensions": refused.extensions}
    return Reply(refused.status, media_type, [orjson.dumps({"errors": [error]})], refused.headers)


def _headers(scope: Scope) -> Headers:
    """Headers by their name; values of one that came several times are joined."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"," + value if name in headers else value
    return headers


def _is_for_all(asked: GraphQLParameters, headers: Headers) -> bool:
    """Whether an answer is the same whoever asks."""
    named = asked.reference is not None and b"authorization" not in headers
    return named and _OF_WHO_ASKS not in asked.query


def _wants_page(headers: Headers) -> bool:
    """Whether a browser asks for something to look at."""
    wanted = wanted_types(headers.get(b"accept", b"").decode("latin-1"))
    return "text/html" in wanted[:1]


def _forgeable(headers: Headers) -> bool:
    """Whether a page of another origin may have had a browser send a GET, as for an image.

    Browsers tell; of what tells nothing, only what other clients send on purpose is none.
    """
    if b"authorization" in headers:
        return False
    mode = headers.get(b"sec-fetch-mode")
    if mode is not None:
        return mode not in _CHECKED_MODES
    return not _JSON_TYPES & set(wanted_types(headers.get(b"accept", b"").decode("latin-1")))
