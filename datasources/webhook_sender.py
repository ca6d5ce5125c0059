"""Sends webhook requests to addresses that apps named, and to no place that they must not reach.

The address of a host is checked when it is connected to, and that very address is used: whoever owns a
name may have it lead elsewhere a moment later. Redirects are not followed.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Container, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

import httpcore2

from domain.webhook_addresses import is_public
from domain.webhooks import FailureReason

_MOST_READ: Final = 1 << 16
"Bytes of an answer, which says nothing that matters: a longer one costs its connection."
_MOST_IDLE: Final = 100
_IDLE_SECONDS: Final = 30.0
_RESOLVERS: Final = 16
"Threads that look up hosts: slow name servers must hold up nobody but each other."


class NotArrived(Exception):
    """A request that was not taken; `status` is that of the answer, where there was one."""

    def __init__(self, reason: FailureReason, status: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.status = status


class WebhookSender:
    """Connections to receivers; nothing connects before it is used."""

    def __init__(
        self,
        seconds: float,
        private_hosts: Container[str],
        trust: Callable[[], ssl.SSLContext] = httpcore2.default_ssl_context,
    ) -> None:
        """A request may take so many seconds; `private_hosts` may be at any address."""
        self._seconds = seconds
        self._trust = trust
        self._network = _CheckedNetwork(private_hosts)
        self._pool: httpcore2.AsyncConnectionPool | None = None
        self._opening = asyncio.Lock()

    async def send(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post JSON; comes back when it was taken (2xx). Raises NotArrived."""
        try:
            async with asyncio.timeout(self._seconds):
                status = await self._status(address, body, headers)
        except (TimeoutError, httpcore2.TimeoutException):
            raise NotArrived(FailureReason.NO_ANSWER) from None
        except (httpcore2.ConnectError, httpcore2.UnsupportedProtocol):
            raise NotArrived(FailureReason.NO_CONNECTION) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError):
            raise NotArrived(FailureReason.NO_ANSWER) from None
        if reason := _failure(status):
            raise NotArrived(reason, status)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()
        self._network.close()

    async def _status(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        pool = await self._opened()
        given = {
            "content-type": "application/json",
            "user-agent": "Kenshin-Webhooks",
            **headers,
        }
        fields = [(name.encode(), value.encode()) for name, value in given.items()]
        async with pool.stream("POST", address, headers=fields, content=body) as response:
            read = 0
            async for part in response.aiter_stream():
                read += len(part)
                if read > _MOST_READ:
                    break
            return int(response.status)

    async def _opened(self) -> httpcore2.AsyncConnectionPool:
        async with self._opening:
            if self._pool is None:
                # Reading the certificates would hold up everybody else.
                trust = await asyncio.to_thread(self._trust)
                # As many as deliveries want: a slow receiver must take no connection from others.
                self._pool = httpcore2.AsyncConnectionPool(
                    ssl_context=trust,
                    max_connections=None,
                    max_keepalive_connections=_MOST_IDLE,
                    keepalive_expiry=_IDLE_SECONDS,
                    network_backend=self._network,
                )
        return self._pool


class _CheckedNetwork(httpcore2.AnyIOBackend):
    """Connects to nothing but addresses of the Internet, and hosts that may be anywhere."""

    def __init__(self, private_hosts: Container[str]) -> None:
        self._private_hosts = private_hosts
        self._resolvers = ThreadPoolExecutor(_RESOLVERS, "webhook-hosts")

    def close(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - of the interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises NotArrived for a host that has no address that may be called."""
        addresses = await self._addresses(host, port)
        for address in addresses[:-1]:
            try:
                return await super().connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore2.ConnectError:
                continue
        return await super().connect_tcp(
            addresses[-1], port, timeout, local_address, socket_options
        )

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Addresses of a host that may be called, at least one."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError):
            raise NotArrived(FailureReason.UNKNOWN_HOST) from None
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if host not in self._private_hosts:
            addresses = [address for address in addresses if is_public(address)]
        if not addresses:
            raise NotArrived(FailureReason.PRIVATE_ADDRESS)
        return addresses


def _failure(status: int) -> FailureReason | None:
    if HTTPStatus(200) <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status < HTTPStatus.BAD_REQUEST:
        return FailureReason.REDIRECT
    return FailureReason.GONE if status == HTTPStatus.GONE else FailureReason.REFUSED
