"""Who sends a request, as the scope of its connection says."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.clients import Client

_AGENT_LENGTH = 400
"More of a `User-Agent` is of no use, and an open socket keeps it."


def client_of(scope: Scope) -> Client:
    """The client of a connection."""
    address = scope["client"]
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return Client(address[0] if address else "", agent[:_AGENT_LENGTH].decode("latin-1"))


class Clients:
    """Clients of requests that did not come through what reads the headers of trusted proxies.

    Nearly all requests are queries, which do without.
    """

    def __init__(self, behind_proxies: Callable[[ASGIApp], ASGIApp]) -> None:
        """`behind_proxies` gives an application its scope with the client that a proxy has told of."""
        self._told = behind_proxies(_do_nothing)

    async def of(self, scope: Scope) -> Client:
        """The client of a request, be it behind a trusted proxy."""
        seen = {"type": "http", "client": scope["client"], "headers": scope["headers"]}
        await self._told(seen, _hear_nothing, _say_nothing)
        return client_of(seen)


async def _do_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """The application at whose door the client is looked at."""


async def _hear_nothing() -> Message:
    return {}


async def _say_nothing(_: Message) -> None:
    """Nobody sends anything."""
