"""`/dev/mail`: the demo's mails in a browser; only where a mail folder is set."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from datasources.mongo import Mongo
from domain.outbox import MailKind
from domain.settings import Settings
from resolvers.sources import open_sources
from tests.api import Api, Clock, eventually
from tests.messages import VALUES, message, put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
async def api(settings: Settings, mongo: Mongo, clock: Clock, folder: Path) -> AsyncIterator[Api]:
    """The API with a mail folder."""
    settings = replace(settings, mail_folder=str(folder))
    async with Api.serving(open_sources(settings, mongo, clock)) as serving:
        yield serving


async def arrived(folder: Path, count: int) -> list[Path]:
    """The files of so many mails, once they are there."""
    await eventually(lambda: len(mails(folder)) == count)
    return mails(folder)


def mails(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"))


def put_others(folder: Path) -> None:
    """Files that look like mails and are none."""
    folder.mkdir()
    for file in (folder.parent / "secret.eml", folder / "nothing.eml"):
        file.write_text("Subject: secret\n\n")


async def test_a_mail_lands_in_the_folder_and_on_the_page(api: Api, folder: Path) -> None:
    assert "No mail yet" in (await api.client.get("/dev/mail")).text

    await put(api.sources, message(MailKind.REGISTRATION_LINK))
    (file,) = await arrived(folder, 1)

    listed = (await api.client.get("/dev/mail")).text
    assert "hanako@example.jp" in listed
    (link,) = re.findall(r'href="(/dev/mail/[^"]*)"', listed)
    assert link == f"/dev/mail/{file.stem}"
    page = (await api.client.get(link)).text
    assert "みらいサイト" in page
    url = VALUES["link"].replace("&", "&amp;")
    assert f'<a href="{url}">{url}</a>' in page


async def test_what_a_mail_says_is_never_markup(api: Api, folder: Path) -> None:
    evil = '<script>alert(1)</script>"\'&http://x/"onclick=1'
    await put(api.sources, message(MailKind.NEW_DEVICE, device=evil))
    (file,) = await arrived(folder, 1)

    response = await api.client.get(f"/dev/mail/{file.stem}")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;" in response.text
    assert "<script" not in response.text
    assert '<a href="http://x/">' in response.text
    policy = response.headers.get_list("content-security-policy")[1]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert response.headers["cache-control"] == "no-store"


async def test_newest_mails_come_first_and_only_the_owner_can_read_the_files(
    api: Api, folder: Path
) -> None:
    await put(api.sources, message(MailKind.EMAIL_TEST))
    (first,) = await arrived(folder, 1)
    await put(api.sources, message(MailKind.PASSWORD_CHANGED))
    (second,) = set(await arrived(folder, 2)) - {first}

    listed = (await api.client.get("/dev/mail")).text

    assert re.findall(r"/dev/mail/(\w+)", listed) == [second.stem, first.stem]
    assert {file.stat().st_mode & 0o777 for file in (first, second)} == {0o600}


@pytest.mark.parametrize("name", ["0" * 24, "nothing", "..%2f..%2fsecret", "%00", "a" * 5000])
async def test_no_other_file_can_be_reached(api: Api, folder: Path, name: str) -> None:
    put_others(folder)

    response = await api.client.get(f"/dev/mail/{name}")

    assert response.status_code == 404
    assert "secret" not in response.text
    assert "No mail yet" in (await api.client.get("/dev/mail")).text


async def test_without_a_folder_there_is_no_such_page(
    settings: Settings, mongo: Mongo, clock: Clock
) -> None:
    async with Api.serving(open_sources(settings, mongo, clock)) as api:
        assert (await api.client.get("/dev/mail")).status_code == 404
        await put(api.sources, message())
        assert await api.sources.mongo["outbox"].count_documents({"state": "WAITING"}) == 1
