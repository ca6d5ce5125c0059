"""GraphQL over WebSocket: the `graphql-transport-ws` protocol, as Strawberry speaks it.

A connection begins with `connection_init`, whose payload may carry the session; the acknowledgement
says when that session ends.
"""

from datetime import timedelta
from typing import Any, Final

import orjson
import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    Message,
    SubscribeMessage,
)

from domain.errors import LimitExceeded, Unauthenticated
from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.scalars import tokyo_text

_INIT_TIMEOUT: Final = timedelta(seconds=10)


class SocketHandler(BaseGraphQLTransportWSHandler[RequestContext, None]):
    """Strawberry's side of the protocol, for messages that have the protocol's shape."""

    async def handle_message(self, message: Message) -> None:
        if _well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("message is not one of graphql-transport-ws")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        limit = self.context.sources.settings.max_operations_per_socket
        known = not self.connection_acknowledged or message["id"] in self.operations
        if known or len(self.operations) < limit:
            await super().handle_subscribe(message)
            return
        refusal = LimitExceeded(f"at most {limit} operations can run at once on a connection")
        error = GraphQLError(str(refusal), extensions=refusal.extensions)
        await self.send_message(
            {"id": message["id"], "type": "error", "payload": [error.formatted]}
        )


class GraphQLSocket(GraphQL[RequestContext, None]):
    """The /graphql endpoint over WebSocket."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, schema: strawberry.Schema, sources: Sources) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=_INIT_TIMEOUT,
            max_subscriptions_per_connection=None,  # the handler's own limit has a code
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


def _well_formed(message: object) -> bool:
    """Whether a message has a type and, where Strawberry counts on it, an id and an operation."""
    match message:
        case {"type": "subscribe", "id": str(), "payload": {"query": str(), **payload}}:
            variables, name = payload.get("variables"), payload.get("operationName")
            return isinstance(variables, dict | None) and isinstance(name, str | None)
        case {"type": "complete", "id": str()}:
            return True
        case {"type": "subscribe" | "complete"}:
            return False
        case {"type": str()}:
            return True
    return False
