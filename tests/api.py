"""A client's view of the API: the real application on a real socket, asked over HTTP and WebSocket."""

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import uvicorn
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.http_limits import SHORT_LIVED
from resolvers.lifecycle import Task
from resolvers.sources import Sources
from schema.drain import DrainingServer
from server import create_app, server_config

NOW = datetime(2040, 6, 15, 3, 10, tzinfo=UTC)
"""12:10 on a Friday in Tokyo. Far ahead, since MongoDB drops what is out of date by its own clock."""


BY_ITSELF = {("find", "unpublished"), ("findAndModify", "webhooks")}
"What a server asks MongoDB every few seconds, with the collections."


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class CommandLog(CommandListener):
    """Names of the commands that were sent to MongoDB, but for what the server does by itself."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if (event.command_name, str(event.command[event.command_name])) not in BY_ITSELF:
            self.names.append(self.name(event))

    def name(self, event: CommandStartedEvent) -> str:
        """What a command is noted as."""
        return event.command_name

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


def fresh_name() -> str:
    return f"test_{uuid.uuid4().hex[:12]}"


async def eventually(condition: Any, seconds: float = 20.0) -> None:
    """Wait until a condition holds; fails after the limit."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition, not only an event
            await asyncio.sleep(0.005)


class PromptServer(DrainingServer):
    """Ends as soon as it is told to, not at its next tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told_to_exit = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.told_to_exit.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Spare the pause that uvicorn makes for those who are connected if nobody is."""
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
        else:
            for server in self.servers:
                server.close()
            await self.lifespan.shutdown()


@dataclass
class Api:
    """A served application."""

    sources: Sources
    client: httpx.AsyncClient
    port: int
    server: PromptServer

    @classmethod
    @asynccontextmanager
    async def serving(
        cls, sources: Sources, *tasks: Task, demo: bool = False
    ) -> AsyncIterator["Api"]:
        config = server_config(create_app(sources, *tasks, demo=demo), sources.settings)
        server = PromptServer(config)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        served = asyncio.create_task(server._serve([listener]))
        await eventually(lambda: server.started or served.done())
        try:
            # No certificates: reading them takes longer than most tests.
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", timeout=30, verify=False, limits=SHORT_LIVED
            ) as client:
                yield cls(sources, client, port, server)
        finally:
            server.told_to_exit.set()
            await served
            listener.close()

    async def post(self, body: Any, token: str | None = None, **headers: str) -> httpx.Response:
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return await self.client.post("/graphql", json=body, headers=headers)

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """Whole answer to a query."""
        response = await self.post({"query": query, "variables": variables}, token)
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """Data of an answer that has no errors."""
        answer = await self.ask(query, token, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def code(self, query: str, token: str | None = None, **variables: Any) -> str:
        """Code of the only error of an answer."""
        return (await self.error(query, token, **variables))[0]

    async def error(
        self, query: str, token: str | None = None, **variables: Any
    ) -> tuple[str, str]:
        """Code and message of the only error of an answer."""
        answer = await self.ask(query, token, **variables)
        (error,) = answer["errors"]
        return error["extensions"]["code"], error["message"]

    @asynccontextmanager
    async def socket(self, token: str | None = None) -> AsyncIterator["Socket"]:
        """An acknowledged graphql-transport-ws connection."""
        async with self.raw_socket() as connection:
            payload = {} if token is None else {"authorization": f"Bearer {token}"}
            opened = Socket(connection)
            await opened.send(type="connection_init", payload=payload)
            opened.acknowledgement = await opened.receive()
            yield opened

    @asynccontextmanager
    async def raw_socket(
        self, protocol: str = "graphql-transport-ws", **headers: str
    ) -> AsyncIterator[ClientConnection]:
        address = f"ws://127.0.0.1:{self.port}/graphql"
        more = {name.replace("_", "-"): text for name, text in headers.items()}
        async with connect(
            address, subprotocols=[Subprotocol(protocol)], additional_headers=more
        ) as connection:
            yield connection


class Socket:
    """One end of a graphql-transport-ws connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.acknowledgement: dict[str, Any] = {}

    async def send(self, **message: Any) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def receive(self, seconds: float = 5.0) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            message: dict[str, Any] = orjson.loads(await self.connection.recv())
        return message

    async def subscribe(self, operation: str, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send(id=operation, type="subscribe", payload=payload)

    async def event(self, field: str = "readings", seconds: float = 5.0) -> dict[str, Any]:
        """Next event of the subscription's field."""
        message = await self.receive(seconds)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        event: dict[str, Any] = message["payload"]["data"][field]
        return event

    async def reading(self, seconds: float = 5.0) -> dict[str, Any]:
        """Next event with a reading; heartbeats are passed over."""
        while (event := await self.event(seconds=seconds))["reading"] is None:
            pass
        return event

    async def readings(self, count: int) -> Sequence[dict[str, Any]]:
        return [(await self.reading())["reading"] for _ in range(count)]

    async def error_code(self) -> str:
        """Code of the error that ends the operation."""
        while (message := await self.receive())["type"] == "next":
            if errors := message["payload"].get("errors"):
                return str(errors[0]["extensions"]["code"])
        return str(message["payload"][0]["extensions"]["code"])
