"""GraphQL over HTTP: POST and GET, content negotiation and status codes of the specification.

Execution is Strawberry's; this view reads the request and writes the response.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import orjson
import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.graphiql import graphiql_page

_JSON: Final = "application/json"
_GRAPHQL_JSON: Final = "application/graphql-response+json"
_QUERY_ONLY: Final = frozenset({OperationType.QUERY})
_QUERY_AND_MUTATION: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})


class Refused(Exception):
    """A request that is not a GraphQL-over-HTTP request; answered without executing anything."""

    def __init__(
        self, status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class GraphQLParameters:
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "GraphQLParameters":
        """Checked parameters; raises Refused. `extensions` may be there, none is known."""
        _field(fields, "extensions", dict)
        return cls(
            query=_field(fields, "query", str, required=True),
            variables=_field(fields, "variables", dict),
            operation_name=_field(fields, "operationName", str),
        )


class GraphQLView:
    """The /graphql endpoint over HTTP."""

    def __init__(self, schema: strawberry.Schema, sources: Sources) -> None:
        self._schema = schema
        self._sources = sources

    async def answer(self, request: Request) -> Response:
        media_type = _negotiated(request.headers.get("accept"))
        try:
            if request.method == "GET":
                if _wants_page(request):
                    return graphiql_page()
                return await self._execute(
                    request, _from_url(request), _QUERY_ONLY, _required(media_type)
                )
            if request.method == "POST":
                parameters = GraphQLParameters.of(await self._body(request))
                return await self._execute(
                    request, parameters, _QUERY_AND_MUTATION, _required(media_type)
                )
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "use POST, or GET for queries",
                {"allow": "GET, POST"},
            )
        except Refused as refused:
            return _response(
                {"errors": [_bad_input(str(refused))]},
                refused.status,
                media_type or _JSON,
                refused.headers,
            )

    async def _execute(
        self,
        request: Request,
        parameters: GraphQLParameters,
        allowed: frozenset[OperationType],
        media_type: str,
    ) -> Response:
        context = RequestContext(
            self._sources, request.headers.get("authorization"), request.state.request_id
        )
        try:
            result = await self._schema.execute(
                parameters.query,
                variable_values=parameters.variables,
                operation_name=parameters.operation_name,
                context_value=context,
                allowed_operation_types=allowed,
            )
        except CannotGetOperationTypeError as error:
            result = ExecutionResult(None, [GraphQLError(error.as_http_error_reason())])
            self._schema.process_errors(result.errors or [])
        except InvalidOperationTypeError as error:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"a {error.operation_type.value} does not go over {request.method}",
                {"allow": "POST"},
            ) from None
        return _answer(result, media_type)

    async def _body(self, request: Request) -> Mapping[str, Any]:
        kind, _, options = request.headers.get("content-type", "").partition(";")
        if kind.strip().lower() != _JSON or not _is_utf8(options):
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the body as {_JSON} in UTF-8")
        return _json_object(
            await read_body(request, self._sources.settings.max_request_bytes), "the body"
        )


async def read_body(request: Request, limit: int) -> bytes:
    """Body of a request; raises Refused as soon as it passes the limit in bytes."""
    chunks = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body must be at most {limit} bytes"
            )
        chunks.append(chunk)
    return b"".join(chunks)


def _from_url(request: Request) -> GraphQLParameters:
    fields: dict[str, Any] = dict(request.query_params)
    if "variables" in fields:
        fields["variables"] = _json_object(fields["variables"].encode(), "variables")
    return GraphQLParameters.of(fields)


def _json_object(text: bytes, name: str) -> Mapping[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be JSON: {error}") from None
    if not isinstance(value, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be one JSON object")
    return value


def _field(fields: Mapping[str, Any], name: str, kind: type, *, required: bool = False) -> Any:
    value = fields.get(name)
    if not isinstance(value, kind) and (required or value is not None):
        wanted = "a string" if kind is str else "an object"
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be {wanted}")
    return value


def _answer(result: ExecutionResult, media_type: str) -> Response:
    answer: dict[str, Any] = {}
    refused = result.data is None and not any(error.path for error in result.errors or ())
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if not refused:
        answer["data"] = result.data
    bad = refused and media_type == _GRAPHQL_JSON
    return _response(answer, HTTPStatus.BAD_REQUEST if bad else HTTPStatus.OK, media_type)


def _response(
    answer: Mapping[str, Any],
    status: HTTPStatus,
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    content_type = f"{media_type}; charset=utf-8"
    return Response(
        orjson.dumps(answer),
        status,
        {"content-type": content_type, "vary": "accept"} | dict(headers or {}),
    )


def _bad_input(message: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": "BAD_INPUT"}}


def _negotiated(accept: str | None) -> str | None:
    """Media type to answer with; None if the client takes neither."""
    if not accept:
        return _JSON
    wanted = _wanted_types(accept)
    for kind in wanted:
        if kind in {_GRAPHQL_JSON, _JSON}:
            return kind
    return _JSON if {"*/*", "application/*"} & set(wanted) else None


def _wanted_types(accept: str) -> list[str]:
    """Media types of an Accept header, the most wanted first."""
    weighed = []
    for item in accept.split(","):
        kind, *options = (part.strip().lower() for part in item.split(";"))
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        try:
            weighed.append((-float(weight), kind))
        except ValueError:
            continue
    return [kind for weight, kind in sorted(weighed, key=lambda pair: pair[0]) if weight]


def _required(media_type: str | None) -> str:
    if media_type is None:
        raise Refused(HTTPStatus.NOT_ACCEPTABLE, f"accept {_GRAPHQL_JSON} or {_JSON}")
    return media_type


def _wants_page(request: Request) -> bool:
    """Whether a browser asks for something to look at."""
    wanted = _wanted_types(request.headers.get("accept", ""))
    return "query" not in request.query_params and "text/html" in wanted[:1]


def _is_utf8(options: str) -> bool:
    charset = options.partition("charset=")[2].strip().strip('"').lower()
    return charset in {"", "utf-8", "utf8"}
