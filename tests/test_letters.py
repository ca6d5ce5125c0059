"""Letters: postcards with Japanese text that a printer can print, each counted once (NO-4)."""

import asyncio
import csv
import io
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
import pytest

from datasources import letters
from domain.outbox import (
    Channel,
    Language,
    MailKind,
    Message,
    PostalAddress,
    kinds_of,
    postal_address,
)
from resolvers.letters import Printed, print_letters
from resolvers.sources import Sources
from tests.api import NOW, Api, Clock
from tests.messages import message, put, stored

MM = 72 / 25.4


@pytest.fixture
def sources(api: Api) -> Sources:
    return api.sources


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "letters"


async def printed(sources: Sources, out: Path) -> Printed:
    return await print_letters(sources, out, lambda _: None)


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    document = pdfium.PdfDocument(file)
    try:
        yield document
    finally:
        document.close()


def text_of(page: Any) -> str:
    """The text of a page without spaces and line ends, as a reader would find it."""
    return "".join(unicodedata.normalize("NFKC", page.get_textpage().get_text_range()).split())


def rows(file: Path) -> list[dict[str, str]]:
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))


def to(*, lines: tuple[str, ...] = ("札幌市中央区北一条西2丁目",), name: str = "検針 花子") -> str:
    return postal_address(PostalAddress("060-0001", lines, name))


async def test_every_letter_is_a_postcard_and_a_row_that_says_which(
    sources: Sources, out: Path, clock: Clock
) -> None:
    await put(sources, message(MailKind.ACCOUNT_POSTCARD, portal="hepco"))
    clock.advance(seconds=1)
    await put(
        sources, message(MailKind.POSTCARD_CODE, language=Language.EN, to=to(name="Hana Kenshin"))
    )

    done = await printed(sources, out)

    assert (done.letters, done.given_up) == (2, 0)
    assert done.files
    pdf, table = done.files
    with opened(pdf) as document:
        assert len(document) == 2
        assert [page.get_size() for page in document] == [
            pytest.approx((100 * MM, 148 * MM), abs=0.1)
        ] * 2
        first, second = (text_of(page) for page in document)
    account, code = rows(table)
    assert [account["page"], code["page"]] == ["1", "2"]
    for piece in (
        "060-0001",
        "北海道札幌市中央区北一条西2丁目",
        "時計台マンション305",
        "検針花子様",
    ):
        assert piece in first
    assert "ID:W1234567" in first
    assert "パスワード:initial-7x" in first
    assert account["letter"] in first
    assert "Code:4821-9930" in second
    assert "HanaKenshin" in second
    assert code["letter"] in second
    assert (account["name"], code["name"]) == ("検針 花子 様", "Hana Kenshin")
    assert account["address"] == "北海道札幌市中央区北一条西2丁目 時計台マンション 305"
    assert account["written_at"] == NOW.isoformat()


async def test_every_kind_of_letter_of_every_portal_has_room_on_its_card(
    sources: Sources, out: Path
) -> None:
    every = [
        message(kind, portal=portal, language=language)
        for kind in kinds_of(Channel.LETTER)
        for portal in sources.portals
        for language in Language
    ]
    await put(sources, *every)

    done = await printed(sources, out)

    assert (done.letters, done.given_up) == (len(every), 0)


async def test_the_font_is_in_the_file(sources: Sources, out: Path) -> None:
    await put(sources, message(MailKind.POSTCARD_CODE))

    done = await printed(sources, out)

    assert done.files
    with opened(done.files[0]) as document:
        fonts = [
            pdfium_raw.FPDFTextObj_GetFont(item.raw)
            for item in document[0].get_objects([pdfium_raw.FPDF_PAGEOBJ_TEXT])
        ]
        assert len(fonts) > 10
        assert {pdfium_raw.FPDFFont_GetIsEmbedded(font) for font in fonts} == {1}


async def test_letters_are_printed_once(sources: Sources, out: Path) -> None:
    await put(sources, message(MailKind.POSTCARD_CODE), message(MailKind.POSTCARD_CODE))

    assert (await printed(sources, out)).letters == 2
    assert await printed(sources, out) == Printed(0, 0, None)

    assert {document["state"] for document in await stored(sources.mongo)} == {"SENT"}
    assert all("values" not in document for document in await stored(sources.mongo))
    assert modes(out) == [0o600, 0o600]


async def test_runs_at_the_same_time_print_no_letter_twice(sources: Sources, out: Path) -> None:
    await put(sources, *(message(MailKind.POSTCARD_CODE) for _ in range(20)))

    done = await asyncio.gather(*(printed(sources, out) for _ in range(2)))

    ids = [row["letter"] for run in done if run.files for row in rows(run.files[1])]
    assert len(ids) == len(set(ids)) == sum(run.letters for run in done) == 20


async def test_letters_of_a_run_that_was_ended_are_printed_again_with_the_same_ids(
    sources: Sources, out: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(sources, message(MailKind.POSTCARD_CODE))
    with monkeypatch.context() as patched:
        patched.setattr(letters, "write_private", full_disk)
        with pytest.raises(OSError, match="full"):
            await printed(sources, out)

    assert (await printed(sources, out)).letters == 0
    clock.advance(minutes=10)
    done = await printed(sources, out)

    assert done.files
    (document,) = await stored(sources.mongo)
    assert [row["letter"] for row in rows(done.files[1])] == [document["_id"]]
    assert document["state"] == "SENT"


def modes(folder: Path) -> list[int]:
    """Who may read the files of a folder."""
    return [file.stat().st_mode & 0o777 for file in folder.iterdir()]


def full_disk(_file: Path, _content: bytes) -> Path:
    raise OSError("full")


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (message(MailKind.POSTCARD_CODE, to=to(name="花子👪")), "NO_SUCH_GLYPH"),
        (
            message(MailKind.POSTCARD_CODE, to=to(lines=("札幌市" * 40, "中央区" * 40))),
            "ADDRESS_TOO_LONG",
        ),
        (message(MailKind.POSTCARD_CODE, code="1" * 2000), "TEXT_TOO_LONG"),
        (message(MailKind.POSTCARD_CODE, portal="closed"), "UNKNOWN_PORTAL"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
async def test_a_letter_that_cannot_be_printed_is_given_up_and_the_others_are_printed(
    sources: Sources, out: Path, clock: Clock, spoilt: Message, reason: str
) -> None:
    await put(sources, spoilt)
    clock.advance(seconds=1)
    await put(sources, message(MailKind.POSTCARD_CODE))

    done = await printed(sources, out)

    assert (done.letters, done.given_up) == (1, 1)
    assert [dead.reason for dead in await sources.outbox.dead(9)] == [reason]
    assert done.files
    with opened(done.files[0]) as document:
        assert len(document) == 1
    assert [row["page"] for row in rows(done.files[1])] == ["1"]


@pytest.mark.parametrize(
    "name", ["髙橋 﨑子", "𠮷野 一郎", "葛\U000e0100城 辻\U000e0101", "ヷヸ　ｶﾅ", "か\u3099ん"]
)
async def test_names_with_rare_characters_are_printed(
    sources: Sources, out: Path, name: str
) -> None:
    await put(sources, message(MailKind.POSTCARD_CODE, to=to(name=name)))

    done = await printed(sources, out)

    assert (done.letters, done.given_up) == (1, 0)


async def test_a_spreadsheet_shows_what_looks_like_a_formula(sources: Sources, out: Path) -> None:
    await put(sources, message(MailKind.POSTCARD_CODE, to=to(name="=1+1", lines=("+札幌市", "x"))))

    done = await printed(sources, out)

    assert done.files
    (row,) = rows(done.files[1])
    assert (row["name"], row["address"]) == ("'=1+1 様", "'+札幌市 x")


async def test_what_waits_longer_is_printed_first_and_mails_are_left_alone(
    sources: Sources, out: Path, clock: Clock
) -> None:
    await put(sources, message(MailKind.PASSWORD_CHANGED))
    for code in ("1111", "2222", "3333"):
        await put(sources, message(MailKind.POSTCARD_CODE, code=code))
        clock.advance(seconds=1)

    done = await printed(sources, out)

    assert done.files
    with opened(done.files[0]) as document:
        pages = [text_of(page) for page in document]
    assert ["1111" in pages[0], "2222" in pages[1], "3333" in pages[2]] == [True] * 3
    states = {document["channel"]: document["state"] for document in await stored(sources.mongo)}
    assert states == {"MAIL": "WAITING", "LETTER": "SENT"}
