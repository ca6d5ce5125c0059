"""Who may fetch a file, and what becomes of those who leave, wait or read slowly."""

import asyncio
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from pymongo.errors import AutoReconnect
from starlette.requests import ClientDisconnect
from starlette.types import Message, Scope

from datasources.mongo import Mongo
from datasources.signing_keys import SigningKeys
from datasources.usage_xlsx import UsageWorkbook
from domain.downloads import FORMATS, Document, DocumentKind, DownloadFormat
from domain.readings import Quality
from domain.settings import Settings
from domain.usage_parts import UsagePart
from resolvers import usage_files
from resolvers.context import RequestContext
from resolvers.downloads import File, write_bytes
from resolvers.file_makers import MAKERS
from resolvers.sources import open_sources
from resolvers.threads import in_thread
from resolvers.usage import usage
from schema.download_files import FilesView
from tests.api import Api, Clock, eventually
from tests.downloading import fetched, refused, usage_url
from tests.world import Person, World

LOG_OUT = "mutation { logOut { userErrors { code } } }"
USAGE_CSV = (DocumentKind.USAGE, DownloadFormat.CSV)


def test_there_is_a_maker_for_every_format_of_every_document() -> None:
    assert set(MAKERS) == {(kind, each) for kind, formats in FORMATS.items() for each in formats}


async def test_all_processes_sign_with_the_same_key(mongo: Mongo, clock: Clock) -> None:
    processes = [SigningKeys(mongo) for _ in range(8)]
    keys = await asyncio.gather(*(each.key("downloads", clock()) for each in processes))
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32
    assert await processes[0].key("others", clock()) != keys[0]


async def test_an_address_is_of_use_to_nobody_else_and_not_for_long(
    api: Api, world: World, clock: Clock
) -> None:
    url = await usage_url(api, world.alice)
    alices, bobs = f"Bearer {world.alice.token}", f"Bearer {world.bob.token}"

    await fetched(api, url)
    await fetched(api, url, authorization=alices)
    assert await refused(api, url, authorization=bobs) == (403, "FORBIDDEN")
    assert await refused(api, url, authorization="Bearer nonsense") == (401, "UNAUTHENTICATED")
    assert await refused(api, f"{url}A") == (404, "NOT_FOUND")
    assert await refused(api, f"{url[:-3]}%E3%81%82") == (404, "NOT_FOUND")
    assert (await api.client.post(url)).status_code == 405
    clock.advance(minutes=5)
    assert await refused(api, url) == (410, "LINK_ENDED")


async def test_an_address_does_not_outlast_the_access_token_of_who_asks(
    api: Api, world: World, clock: Clock
) -> None:
    clock.advance(minutes=58)
    url = await usage_url(api, world.alice)
    clock.advance(seconds=119)
    await fetched(api, url)
    clock.advance(seconds=1)
    assert await refused(api, url) == (410, "LINK_ENDED")


async def test_an_address_ends_with_the_session_and_with_what_it_is_of(
    api: Api, world: World
) -> None:
    moved, left = await usage_url(api, world.alice), await usage_url(api, world.bob)
    await world.change(world.alice.facility, owner=world.bob.member)
    await api.data(LOG_OUT, world.bob.token)

    assert await refused(api, moved) == (404, "NOT_FOUND")
    assert await refused(api, left) == (401, "UNAUTHENTICATED")


async def test_the_tag_of_a_file_changes_when_its_data_do_and_not_before(
    api: Api, world: World, clock: Clock
) -> None:
    facility = world.alice.facility
    await world.use(facility, date(2040, 6, 1), 3)
    urls = [await usage_url(api, world.alice, each) for each in FORMATS[DocumentKind.USAGE]]
    tags = [(await fetched(api, url)).headers["etag"] for url in urls]

    clock.advance(minutes=1)
    for url, tag in zip(urls, tags, strict=True):
        known = await api.client.get(url, headers={"if-none-match": f'"other", W/{tag}'})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    await world.use(facility, date(2040, 6, 2), 1, quality=Quality.ESTIMATED)
    for url, tag in zip(urls, tags, strict=True):
        assert (await fetched(api, url, if_none_match=tag)).headers["etag"] != tag


async def test_head_and_range_are_answered_with_the_headers_of_the_whole_file(
    api: Api, world: World
) -> None:
    await world.use(world.alice.facility, date(2040, 6, 1), 15)
    url = await usage_url(api, world.alice)
    whole = await fetched(api, url)
    head = await api.client.head(url)
    part = await fetched(api, url, range="bytes=10-19")

    assert (head.status_code, head.content) == (200, b"")
    assert (await api.client.head(f"{url}A")).status_code == 404
    for name in ("content-length", "content-type", "etag", "content-disposition"):
        assert head.headers[name] == whole.headers[name]
    assert (part.content, part.headers["accept-ranges"]) == (whole.content, "none")
    assert int(whole.headers["content-length"]) == len(whole.content)


async def test_a_member_fetches_only_so_many_files_in_an_hour(
    settings: Settings, mongo: Mongo, clock: Clock
) -> None:
    settings = replace(settings, downloads_per_member=2, public_url="https://api.example.jp/")
    async with Api.serving(open_sources(settings, mongo, clock)) as api:
        world = await World.made(api.sources)
        url = await usage_url(api, world.alice)
        assert url.startswith("https://api.example.jp/files/")
        path = url.removeprefix("https://api.example.jp")
        for _ in range(2):
            await fetched(api, path)
        assert await refused(api, path) == (429, "LIMIT_EXCEEDED")
        bobs = await usage_url(api, world.bob)
        await fetched(api, bobs.removeprefix("https://api.example.jp"))


async def test_a_database_that_dies_in_the_middle_gives_an_error_and_no_half_file(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await usage_url(api, world.alice, "XLSX", **{"from": "2040-03-01T00:00:00+09:00"})
    reads = 0

    async def die(*given: Any) -> Any:
        nonlocal reads
        reads += 1
        if reads > 2:
            raise AutoReconnect
        return await usage(*given)

    with monkeypatch.context() as patch:
        patch.setattr(usage_files, "usage", die)
        assert await refused(api, url) == (503, "UNAVAILABLE")
    assert reads == 3
    await fetched(api, url)


async def test_threads_that_write_files_leave_turns_to_others_and_then_all_is_as_before() -> None:
    usual = sys.getswitchinterval()
    short = await asyncio.gather(*(in_thread(sys.getswitchinterval) for _ in range(3)))
    assert max(short) < usual / 10
    assert sys.getswitchinterval() == usual


def inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


class Press:
    """A maker whose files are written when a test says so."""

    def __init__(self) -> None:
        self.writing: list[str] = []
        "Facilities whose files are written now."
        self.most = self.ended = 0
        self.go_on = asyncio.Event()

    async def make(self, _context: RequestContext, document: Document) -> File:
        return File("file.csv", partial(self.write, document.key))

    async def write(self, facility: str, out: BinaryIO) -> None:
        assert facility not in self.writing
        self.writing.append(facility)
        self.most = max(self.most, len(self.writing))
        try:
            await self.go_on.wait()
            out.write(b"done")
        finally:
            self.writing.remove(facility)
            self.ended += 1


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    press = Press()
    monkeypatch.setitem(MAKERS, USAGE_CSV, press.make)
    return press


@pytest.fixture
async def narrow(settings: Settings, mongo: Mongo, clock: Clock) -> AsyncIterator[Api]:
    """An API that makes two files at once, and has little patience."""
    settings = replace(settings, files_at_once=2, slow_download_seconds=0.1)
    async with Api.serving(open_sources(settings, mongo, clock)) as api:
        yield api


async def test_few_files_are_made_at_once_and_one_of_a_member(narrow: Api, press: Press) -> None:
    world = await World.made(narrow.sources)
    dave = await world.person("hepco", "dave")
    fetching = []

    async def fetch(person: Person) -> None:
        url = await usage_url(narrow, person)
        fetching.append(asyncio.create_task(fetched(narrow, url)))

    await fetch(world.alice)
    await fetch(world.alice)
    await eventually(lambda: press.writing)
    await fetch(world.bob)
    both = {str(person.facility.number) for person in (world.alice, world.bob)}
    await eventually(lambda: set(press.writing) == both)
    await fetch(world.carol)
    await fetch(dave)
    press.go_on.set()
    assert [(await each).content for each in fetching] == [b"done"] * 5
    assert (press.most, press.ended) == (2, 5)


async def test_who_leaves_makes_room_for_the_others(narrow: Api, press: Press) -> None:
    world = await World.made(narrow.sources)
    leaving = [await usage_url(narrow, person) for person in (world.alice, world.bob)]
    last = await usage_url(narrow, world.carol)
    connections = [await asyncio.open_connection("127.0.0.1", narrow.port) for _ in leaving]
    for (_, writer), url in zip(connections, leaving, strict=True):
        writer.write(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await eventually(lambda: len(press.writing) == 2)

    for _, writer in connections:
        writer.close()
    await eventually(lambda: press.ended == 2)
    press.go_on.set()
    assert (await fetched(narrow, last)).content == b"done"


async def test_who_leaves_while_a_workbook_is_written_leaves_nothing_on_the_disk(
    narrow: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    world = await World.made(narrow.sources)
    url = await usage_url(narrow, world.alice, "XLSX")
    _, writer = await asyncio.open_connection("127.0.0.1", narrow.port)
    loop = asyncio.get_running_loop()
    found: list[list[Path]] = []

    def leave(_book: UsageWorkbook, _part: UsagePart) -> None:
        found.append(inside(tmp_path))
        loop.call_soon_threadsafe(writer.close)

    with monkeypatch.context() as patch:
        patch.setattr(UsageWorkbook, "add", leave)
        writer.write(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await eventually(lambda: found and not inside(tmp_path))
    assert [len(folders) for folders in found] == [1]
    await fetched(narrow, url)
    assert inside(tmp_path) == []


async def test_a_client_that_reads_nothing_of_its_file_is_cut_off(
    narrow: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 32 << 20

    async def make(_context: RequestContext, _document: Document) -> File:
        return File("much.csv", partial(write_bytes, make=lambda: bytes(size)))

    monkeypatch.setitem(MAKERS, USAGE_CSV, make)
    world = await World.made(narrow.sources)
    url = await usage_url(narrow, world.alice)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", narrow.port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=4096)
    requests = narrow.server.server_state.tasks
    writer.write(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    await eventually(lambda: requests)
    await eventually(lambda: not requests)
    received = 0
    while block := await reader.read(1 << 20):
        received += len(block)
    assert 0 < received < size
    writer.close()


async def test_a_connection_that_breaks_under_a_file_is_a_client_that_has_gone(
    narrow: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def make(_context: RequestContext, _document: Document) -> File:
        return File("some.csv", partial(write_bytes, make=lambda: b"some"))

    async def broken(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise RuntimeError("the handler is closed")

    monkeypatch.setitem(MAKERS, USAGE_CSV, make)
    world = await World.made(narrow.sources)
    token = (await usage_url(narrow, world.alice)).rpartition("/")[2]
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "headers": [],
        "path_params": {"token": token},
        "state": {"request_id": "r"},
    }
    with pytest.raises(ClientDisconnect):
        await FilesView(narrow.sources)(scope, asyncio.Event().wait, broken)  # type: ignore[arg-type]
