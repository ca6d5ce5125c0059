"""A partner's server that takes webhooks: it notes what came, and answers as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True)
class Taken:
    """A request."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = orjson.loads(self.body)
        return event

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.event["data"]
        return data

    @property
    def type(self) -> str:
        return str(self.event["type"])


def taking(_: Taken) -> bytes:
    return b"HTTP/1.1 204 No Content\r\n\r\n"


def refusing(status: int) -> Callable[[Taken], bytes]:
    return lambda _: b"HTTP/1.1 %d Sorry\r\ncontent-length: 0\r\n\r\n" % status


def hanging(_: Taken) -> None:
    return None


@dataclass
class Receiver:
    """Listens on this machine while the block of `listening` lasts."""

    answer: Callable[[Taken], bytes | None] = taking
    "None: never."
    requests: list[Taken] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _held: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?of=kenshin"

    @property
    def types(self) -> list[str]:
        return [taken.type for taken in self.requests]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Data of the events of a type."""
        return [taken.data for taken in self.requests if taken.type == kind]

    @asynccontextmanager
    async def listening(self, **options: Any) -> AsyncIterator["Receiver"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, **options)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._held:
                task.cancel()
            await asyncio.gather(*self._held, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._held.add(task)
        try:
            while taken := await self._taken(reader):
                self.requests.append(taken)
                answer = self.answer(taken)
                if answer is None:
                    await asyncio.Event().wait()
                else:
                    writer.write(answer)
                    await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._held.discard(task)
            writer.close()

    async def _taken(self, reader: asyncio.StreamReader) -> Taken | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.splitlines()
            assert first.startswith("POST ")
            named = (line.partition(":") for line in lines if line)
            headers = {name.lower(): value.strip() for name, _, value in named}
            return Taken(headers, await reader.readexactly(int(headers["content-length"])))
        except asyncio.IncompleteReadError:
            return None
