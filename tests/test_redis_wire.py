"""Where a URL leads: TCP, sockets of the file system, TLS, logging in; and URLs that lead nowhere."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from datasources.announcements import Announcer
from datasources.hub import ReadingHub
from datasources.redis_slots import Slots
from datasources.redis_wire import Access, Address
from kenshin import main
from tests.api import eventually, fresh_name
from tests.hearing import Ear, announcement, hearing
from tests.redis_server import RedisServer

ANONYMOUS = "AECDH-AES256-SHA:@SECLEVEL=0"
"TLS that needs no certificate: none must be made, kept or renewed for a test."


@pytest.fixture(scope="module")
def socket_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("socket") / "redis.sock"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, socket_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"), "--unixsocket", str(socket_path))
    try:
        server.start()
        server.ask("ACL", "SETUSER", "reader", "on", ">p@ss word", "~*", "&*", "+@all")
        yield server
    finally:
        server.kill()


@asynccontextmanager
async def behind_tls(port: int) -> AsyncIterator[int]:
    """A port where what is on another port speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ANONYMOUS)

    async def forward(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            target.write(data)
        target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside, outside = await asyncio.open_connection("127.0.0.1", port)
        ways = (forward(reader, outside), forward(inside, writer))
        await asyncio.gather(*ways, return_exceptions=True)

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


async def heard_over(url: str) -> list[object]:
    """What a listener hears of a burst when hub and announcer go by a URL."""
    deployment, ear = fresh_name(), Ear()
    announcer = Announcer(url, deployment, 1.0)
    async with hearing(ReadingHub(url, deployment, 1.0)) as hub:
        await hub.join([1], ear)
        assert await announcer.publish([announcement(1, place) for place in range(1, 2001)])
        await eventually(lambda: len(ear.log) == 2000)
        assert await announcer.ping()
    await announcer.close()
    return list(ear.log)


async def test_a_socket_of_the_file_system_carries_announcements(
    server: RedisServer, socket_path: Path
) -> None:
    assert await heard_over(f"unix://{socket_path}") == list(range(1, 2001))


async def test_a_user_logs_in_with_name_and_password(server: RedisServer) -> None:
    url = server.url.replace("//", f"//reader:{quote('p@ss word')}@")

    assert await heard_over(url) == list(range(1, 2001))


async def test_a_password_without_a_name_is_the_default_users(server: RedisServer) -> None:
    server.ask("CONFIG", "SET", "requirepass", "secret")
    try:
        assert await heard_over(server.url.replace("//", "//:secret@")) == list(range(1, 2001))
    finally:
        server.ask("AUTH", "secret")
        server.ask("CONFIG", "SET", "requirepass", "")


async def test_tls_carries_announcements(server: RedisServer) -> None:
    async with behind_tls(server.port) as port:
        options = f"ssl_cert_reqs=none&ssl_ciphers={ANONYMOUS}"

        assert await heard_over(f"rediss://localhost:{port}?{options}") == list(range(1, 2001))


async def test_a_server_that_does_not_prove_who_it_is_is_not_talked_to(
    server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    async with behind_tls(server.port) as port:
        url = f"rediss://localhost:{port}"
        hub, announcer = ReadingHub(url, "kenshin", 1.0), Announcer(url, "kenshin", 1.0)
        async with hearing(hub, connected=False):
            await eventually(lambda: "waiting for Redis" in capsys.readouterr().out)
            assert not hub.connected
            assert not await announcer.ping()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://cache", Address("cache", 6379)),
        ("redis://cache:6380/3", Address("cache", 6380)),
        ("redis://[::1]:6380", Address("::1", 6380)),
        ("unix:///run/redis.sock", Address("/run/redis.sock", 0)),
        ("rediss://cache?ssl_cert_reqs=none", Address("cache", 6379)),
    ],
)
def test_a_url_names_a_server(url: str, address: Address) -> None:
    access = Access.of(url)

    assert access.address == address
    assert (access.tls is not None) == url.startswith("rediss")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "redis://, rediss:// or unix:// is wanted"),
        ("http://cache", "redis://, rediss:// or unix:// is wanted"),
        ("redis://:hush/hush@cache:6379", "redis://, rediss:// or unix:// is wanted"),
        ("redis://:hush@cache?tea=5", "'tea'"),
        ("rediss://:hush@cache?ssl_ca_certs=/nowhere", "No such file or directory"),
        ("rediss://:hush@cache?ssl_cert_reqs=perhaps", "perhaps"),
        ("unix://", "it names no socket"),
    ],
)
def test_a_url_that_names_none_is_refused_at_once_and_without_its_password(
    url: str, reason: str
) -> None:
    for user in (ReadingHub, Announcer):
        with pytest.raises(ValueError, match="KENSHIN_REDIS_URL") as caught:
            user(url, "kenshin", 1.0)
        assert reason in str(caught.value)
        assert "hush" not in str(caught.value)
    assert "hush" not in repr(Access.of("redis://:hush@cache"))


def test_no_command_starts_with_such_a_url() -> None:
    refused = CliRunner().invoke(main, ["migrate"], env={"KENSHIN_REDIS_URL": "cache:6379"})

    assert refused.exit_code == 1
    assert refused.output == (
        "Error: the URL of Redis (KENSHIN_REDIS_URL) cannot be used: redis://, rediss:// or unix:// "
        "is wanted\n"
    )


def test_slots_of_a_cluster_have_masters_and_others_none() -> None:
    ranges = [
        [0, 5, [b"10.0.0.1", 7000, b"a"], [b"10.0.0.2", 7000, b"b"]],
        [6, 16_383, [None, 7001, b"c", []]],
    ]
    slots = Slots.of_ranges(ranges, Address("asked", 7009))
    partly = Slots.of_ranges(ranges[:1], Address("asked", 7009))

    assert slots.masters == {Address("10.0.0.1", 7000), Address("asked", 7001)}
    assert slots.master(b"kenshin:readings:1") == Address("asked", 7001)
    assert partly.master(b"kenshin:readings:1") is None
    assert {address and str(address) for address in (*slots.masters, Address("::1", 1))} == {
        "10.0.0.1:7000",
        "asked:7001",
        "[::1]:1",
    }
