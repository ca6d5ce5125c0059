"""A real SMTP server in a process of its own, and clients' worst servers in this one.

What the server does with a mail is written in the local part of its recipient: `refused` and `later`
are refused for good and for now, `spam` is refused after its content came, `silent` is taken and never
answered, `cut` is taken and the connection cut, the first time it comes. All others are taken.
"""

import argparse
import asyncio
import json
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from datasources.embedded_binaries import _until_parent_dies, free_port
from tests.command_line import REPOSITORY, wait_until

USER, PASSWORD = "portal", "p@ss:word/1"
_START_SECONDS = 30


@dataclass(frozen=True)
class Received:
    """A mail as a server has it."""

    sender: str
    recipients: Sequence[str]
    mail: EmailMessage
    tls: bool
    connection: int
    "Port that its sender came from."

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"])


class SmtpProcess:
    """The server, as tests see it."""

    def __init__(self, folder: Path, port: int | None = None, *options: str) -> None:
        self.port = port or free_port()
        self._folder = folder / f"smtp-{self.port}"
        self._folder.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [
                *_until_parent_dies(),
                sys.executable,
                *("-m", "tests.smtp_server", str(self.port), str(self._folder), *options),
            ],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
        )

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        wait_until((self._folder / "ready").exists, _START_SECONDS)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def received(self) -> list[Received]:
        """All mails that were taken, in that order, those whose sender never heard of it too."""
        return [_received(file) for file in sorted(self._folder.glob("*.json"))]


def _received(file: Path) -> Received:
    found = json.loads(file.read_text("utf-8"))
    content = found["content"].encode("latin-1")
    mail = message_from_bytes(content, EmailMessage, policy=default)
    sender = found["sender"], found["recipients"]
    return Received(*sender, mail, found["tls"], found["connection"])


@asynccontextmanager
async def bad_server(greeting: bytes | None) -> AsyncIterator[tuple[str, list[None]]]:
    """A server that says this and leaves, or says nothing and stays; its URL, and who came."""
    came: list[None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(None)
        if greeting is None:
            await reader.read()
        else:
            writer.write(greeting)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", came


class _Handler:
    """What the server does with a mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Counter[str] = Counter()
        self._count = len(list(folder.glob("*.json")))

    async def handle_RCPT(  # noqa: N802 - its name in aiosmtpd
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answers = {"refused": f"550 5.1.1 no {address} here", "later": "451 4.3.0 come again"}
        if answer := answers.get(address.partition("@")[0]):
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name == "spam":
            return "554 5.7.1 no such content"
        self._keep(server, session, envelope)
        self._seen[name] += 1
        if name == "silent" and self._seen[name] == 1:
            await asyncio.Event().wait()
        if name == "cut" and self._seen[name] == 1:
            server.transport.abort()
        return "250 OK"

    def _keep(self, server: Any, session: Any, envelope: Any) -> None:
        self._count += 1
        content = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "content": envelope.content.decode("latin-1"),
            "tls": session.ssl is not None
            or server.transport.get_extra_info("sslcontext") is not None,
            "connection": session.peer[1],
        }
        part = self._folder / f"{self._count:06}.part"
        part.write_text(json.dumps(content), "utf-8")
        part.replace(part.with_suffix(".json"))


async def _serve(given: argparse.Namespace) -> None:
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword  # noqa: PLC0415 - not in this process

    context = None
    if given.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.certificate)

    def authenticate(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> Any:
        told = isinstance(data, LoginPassword) and (data.login, data.password)
        return AuthResult(success=told == (USER.encode(), PASSWORD.encode()), handled=False)

    handler = _Handler(given.folder)

    def protocol() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.test",
            authenticator=authenticate,
            auth_required=context is not None and not given.open,
            auth_require_tls=not given.implicit,
            tls_context=None if given.implicit else context,
        )

    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", given.port, ssl=context if given.implicit else None
    )
    (given.folder / "ready").touch()
    await server.serve_forever()


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--implicit", action="store_true", help="TLS from the first byte")
    parser.add_argument("--open", action="store_true", help="no password is needed")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    _main()
