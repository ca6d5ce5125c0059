"""The sender of webhooks: what arrives, and what must never be reached."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpcore2
import pytest
import trustme

from datasources.webhook_sender import NotArrived, WebhookSender
from domain.webhooks import FailureReason
from tests.api import eventually
from tests.webhook_receiver import Receiver, Taken, hanging, refusing, taking

Opened = Callable[..., WebhookSender]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Makes senders that trust nobody but whom they are told to."""
    made: list[WebhookSender] = []

    def make(*private: str, seconds: float = 5.0, trust: Any = ssl.SSLContext) -> WebhookSender:
        made.append(WebhookSender(seconds, private, lambda: trust(ssl.PROTOCOL_TLS_CLIENT)))
        return made[-1]

    yield make
    for sender in made:
        await sender.close()


async def outcome(sender: WebhookSender, url: str) -> tuple[FailureReason, int | None] | None:
    """Why a request did not arrive; None if it did."""
    try:
        await sender.send(url, b'{"a":1}', {"webhook-id": "evt_1"})
    except NotArrived as error:
        return error.reason, error.status
    return None


async def test_a_request_arrives_and_its_connection_carries_the_next_one(opened: Opened) -> None:
    sender = opened("127.0.0.1")
    async with Receiver().listening() as receiver:
        assert await outcome(sender, receiver.url) is None
        assert await outcome(sender, receiver.url) is None

    assert [(taken.id, taken.body) for taken in receiver.requests] == [("evt_1", b'{"a":1}')] * 2
    assert receiver.requests[0].headers["content-type"] == "application/json"
    assert receiver.connections == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "app.example", "[::1]"])
async def test_no_connection_is_made_to_this_machine_whatever_it_is_called(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    real = socket.getaddrinfo

    def rebound(name: str, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if name == "app.example" else name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    async with Receiver().listening() as receiver:
        found = await outcome(opened(), f"http://{host}:{receiver.port}/")

    assert found == (FailureReason.PRIVATE_ADDRESS, None)
    assert receiver.connections == 0


async def test_of_several_addresses_only_those_of_the_internet_are_called(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    async def connect(_: Any, host: str, *__: Any, **___: Any) -> Any:
        called.append(host)
        raise httpcore2.ConnectError

    found = [(0, 0, 0, "", (each, 443)) for each in ("10.0.0.1", "1.1.1.1", "::1", "1.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)

    assert await outcome(opened(), "https://app.example") == (FailureReason.NO_CONNECTION, None)
    assert called == ["1.1.1.1", "1.0.0.1"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusing(500), (FailureReason.REFUSED, 500)),
        (refusing(410), (FailureReason.GONE, 410)),
        (
            lambda _: b"HTTP/1.1 307 Over there\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
            (FailureReason.REDIRECT, 307),
        ),
        (lambda _: b"SMTP ready\r\n\r\n", (FailureReason.NO_ANSWER, None)),
        (lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n" + b"a" * 9, None),
        (lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n" + b"a" * 99_999, None),
    ],
)
async def test_only_2xx_counts_and_nothing_else_of_an_answer_matters(
    opened: Opened, answer: Callable[[Taken], bytes], expected: Any
) -> None:
    async with Receiver(answer).listening() as receiver:
        assert await outcome(opened("127.0.0.1"), receiver.url) == expected

    assert len(receiver.requests) == 1


async def test_a_receiver_that_hangs_is_left_in_time(opened: Opened) -> None:
    async with Receiver(hanging).listening() as slow:
        sender = opened("127.0.0.1", seconds=0.1)
        assert await outcome(sender, slow.url) == (FailureReason.NO_ANSWER, None)


async def test_receivers_that_hang_hold_up_nobody(opened: Opened) -> None:
    sender = opened("127.0.0.1", seconds=60)
    async with Receiver(hanging).listening() as slow, Receiver(taking).listening() as quick:
        waiting = [asyncio.create_task(outcome(sender, slow.url)) for _ in range(40)]
        await eventually(lambda: len(slow.requests) == len(waiting))

        assert await outcome(sender, quick.url) is None
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_nobody_there_is_told_apart_from_an_unknown_host(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Receiver().listening() as receiver:
        pass
    assert await outcome(opened("127.0.0.1"), receiver.url) == (FailureReason.NO_CONNECTION, None)

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = await outcome(opened(), "https://app.example")
    assert found == (FailureReason.UNKNOWN_HOST, None)


async def test_a_certificate_must_be_trusted_and_of_the_host(opened: Opened) -> None:
    authority = trustme.CA()

    def serving(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    def trusting(protocol: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        authority.configure_trust(context)
        return context

    for name, trust, arrives in (
        ("localhost", trusting, True),
        ("other.example", trusting, False),
        ("localhost", ssl.SSLContext, False),
    ):
        async with Receiver().listening(ssl=serving(name)) as receiver:
            sender = opened("localhost", trust=trust)
            found = await outcome(sender, f"https://localhost:{receiver.port}/")
            assert found == (None if arrives else (FailureReason.NO_CONNECTION, None))
            assert len(receiver.requests) == arrives
