"""How the built pages are served: headers, caches, what is said to them, and what nobody gets."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest

from domain.demo import PASSWORD, demo_members
from resolvers.sources import Sources
from schema import page
from server import create_app

HTML = "<!doctype html><html><head><title>K</title></head><body></head></body></html>"
SCRIPT = "console.log(1);" * 1000


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the build leaves it, beside a file that is nobody's business."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    for name in ("index.html", "widget-example.html", "graphiql.html"):
        (folder / name).write_text(HTML)
    (folder / "widget.js").write_text(SCRIPT)
    (folder / "assets" / "app-1.js").write_text(SCRIPT)
    (tmp_path / "secret").write_text("secret")
    (folder / "secret").write_text("secret")
    monkeypatch.setattr(page, "PAGE_FOLDER", folder)
    return folder


@pytest.fixture
async def client(sources: Sources) -> AsyncIterator[httpx.AsyncClient]:
    """Asks a server whose databases nobody needs here."""
    transport = httpx.ASGITransport(create_app(sources))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        yield client


def told(text: str, name: str) -> Any:
    """What a page is told in its head; None if nothing."""
    head = text.partition("</head>")[0]
    found = re.search(rf'<meta name="kenshin-{name}" content="([^"]*)" />', head)
    return None if found is None else json.loads(unescape(found[1]))


@pytest.mark.usefixtures("built")
async def test_the_page_is_told_its_portals_and_may_load_nothing_from_elsewhere(
    client: httpx.AsyncClient, sources: Sources
) -> None:
    for path in ("/", "/?portal=mirai&view=month", "/examples/widget"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-cache"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"https?:|\*", policy)
        portals = told(answer.text, "portals")
        assert portals == [{"key": p.key, "name": p.name} for p in sources.portals.values()]
        assert told(answer.text, "demo") is None
        again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["content-security-policy"] == policy


@pytest.mark.usefixtures("built")
async def test_what_a_portal_is_called_cannot_become_part_of_the_page(sources: Sources) -> None:
    name = "\"'><script>alert(1)</script></head>&amp;"
    (first, *_) = sources.portals.values()
    strange = replace(sources, portals={first.key: replace(first, name=name)})
    transport = httpx.ASGITransport(create_app(strange, demo=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        text = (await client.get("/")).text
    assert "<script" not in text
    assert told(text, "portals") == [{"key": first.key, "name": name}]
    member = demo_members()[0]
    assert told(text, "demo") == {
        "portal": member.portal,
        "loginId": member.login_id,
        "password": PASSWORD,
    }


@pytest.mark.usefixtures("built")
async def test_graphiql_has_a_nonce_for_its_styles_which_is_another_each_time(
    sources: Sources,
) -> None:
    shown = replace(sources, settings=replace(sources.settings, graphiql="on"))
    transport = httpx.ASGITransport(create_app(shown))
    nonces = set()
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        for _ in range(3):
            answer = await client.get("/graphql", headers={"accept": "text/html"})
            policy = answer.headers["content-security-policy"]
            (nonce,) = re.findall(r'<meta property="csp-nonce" nonce="([\w-]{22})" />', answer.text)
            assert f"style-src 'self' 'nonce-{nonce}'" in policy
            assert "unsafe" not in policy
            assert answer.headers["cache-control"] == "no-store"
            assert told(answer.text, "demo") is None
            nonces.add(nonce)
    assert len(nonces) == 3


@pytest.mark.usefixtures("built")
async def test_files_are_compressed_once_and_kept_for_as_long_as_their_names_are_theirs(
    client: httpx.AsyncClient, built: Path
) -> None:
    decoders = {"gzip": gzip.decompress, "br": brotli.decompress, "identity": bytes}
    for coding, decode in decoders.items():
        async with client.stream(
            "GET", "/assets/app-1.js", headers={"accept-encoding": coding}
        ) as answer:
            body = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers.get("content-encoding", "identity") == coding
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert decode(body).decode() == SCRIPT
        assert (len(body) < len(SCRIPT) / 10) == (coding != "identity")

    page = built / "index.html"
    before = await client.get("/")
    page.write_text(HTML.replace("<body>", "<body>new"))
    after = await client.get("/", headers={"if-none-match": before.headers["etag"]})
    assert (after.status_code, "new" in after.text) == (200, True)


@pytest.mark.usefixtures("built")
async def test_pages_of_any_origin_may_load_the_widget_and_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    foreign = {"origin": "https://shop.example", "sec-fetch-site": "cross-site"}
    widget = await client.get("/widget.js", headers=foreign)
    assert (widget.status_code, widget.text) == (200, SCRIPT)
    assert widget.headers["access-control-allow-origin"] == "*"
    assert widget.headers["cross-origin-resource-policy"] == "cross-origin"
    assert widget.headers["cache-control"] == "public, max-age=300"
    assert widget.headers["content-type"].startswith("text/javascript")
    tag = widget.headers["etag"]
    again = await client.get("/widget.js", headers={**foreign, "if-none-match": tag})
    assert again.status_code == 304
    assert again.headers["access-control-allow-origin"] == "*"
    for path in ("/", "/assets/app-1.js", "/examples/widget", "/session"):
        assert (await client.get(path, headers=foreign)).status_code == 403


@pytest.mark.usefixtures("built")
async def test_an_address_of_no_file_is_not_found(client: httpx.AsyncClient) -> None:
    wrong = [
        "",
        ".",
        "%2e%2e",
        "..%2fsecret",
        "%2e%2e%2fsecret",
        "%5c..%5csecret",
        "%00",
        "a%00.js",
    ]
    for name in [*wrong, "x" * 5000, "%ff", "app-1.js%20"]:
        url = httpx.URL("http://here", raw_path=f"/assets/{name}".encode())
        assert (await client.get(url)).status_code == 404, name


async def test_without_a_build_the_page_says_how_to_make_it(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE_FOLDER", tmp_path)
    answer = await client.get("/")
    assert (answer.status_code, "make page" in answer.text) == (404, True)
    assert (await client.get("/widget.js")).status_code == 404
    assert (await client.get("/healthz")).status_code == 200
