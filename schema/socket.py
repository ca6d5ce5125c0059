"""GraphQL over WebSocket: the `graphql-transport-ws` protocol, as Strawberry speaks it.

A connection begins with `connection_init`, whose payload may carry the session; the acknowledgement
says when that session ends.
"""

from datetime import timedelta
from typing import Any, Final

import orjson
import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from domain.errors import Unauthenticated
from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.scalars import tokyo_text

_INIT_TIMEOUT: Final = timedelta(seconds=10)


class GraphQLSocket(GraphQL[RequestContext, None]):
    """The /graphql endpoint over WebSocket."""

    def __init__(self, schema: strawberry.Schema, sources: Sources) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=_INIT_TIMEOUT,
            max_subscriptions_per_connection=sources.settings.max_operations_per_socket,
        )
        self._sources = sources

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 - Strawberry's signature
    ) -> RequestContext:
        return RequestContext(self._sources, None, request.state.request_id, lasting=True)

    async def on_ws_connect(self, context: RequestContext) -> dict[str, object]:
        """Take up the session; closes with 4403 if it is not valid."""
        authorization = context.connection_params.get("authorization")
        if authorization is None:
            return {"sessionEndsAt": None}
        try:
            session = await context.authenticate(str(authorization))
        except Unauthenticated:
            raise ConnectionRejectionError from None
        return {"sessionEndsAt": session and tokyo_text(session.ends_at)}

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> Any:
        return orjson.loads(data)
