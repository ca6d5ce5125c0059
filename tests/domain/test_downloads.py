"""Addresses of files: what is signed comes out as it went in, and nothing else does."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain.downloads import (
    Document,
    DocumentKind,
    DownloadFormat,
    Grant,
    file_name,
    opened,
    signed,
)
from domain.errors import LinkEnded, NotFound

NOW = datetime(2040, 6, 15, 3, 10, tzinfo=UTC)
KEY = bytes(range(32))
GRANT = Grant(
    Document(DocumentKind.BILL, "denki-jtb/請求-1", ("a", "b/c")),
    DownloadFormat.CSV,
    "member",
    "session",
    NOW + timedelta(minutes=5),
)
TOKEN = signed(GRANT, KEY)


def test_a_grant_comes_out_as_it_went_in_until_its_end() -> None:
    assert opened(TOKEN, KEY, NOW) == GRANT
    assert opened(TOKEN, KEY, GRANT.ends_at - timedelta(milliseconds=1)) == GRANT
    with pytest.raises(LinkEnded):
        opened(TOKEN, KEY, GRANT.ends_at)


def test_no_character_of_an_address_can_be_another() -> None:
    for place, other in product(range(len(TOKEN)), "AQ-_.é%"):
        if other != TOKEN[place]:
            with pytest.raises(NotFound):
                opened(TOKEN[:place] + other + TOKEN[place + 1 :], KEY, NOW)


@pytest.mark.parametrize(
    "token", ["", ".", TOKEN[:-1], f"{TOKEN}A", f"{TOKEN}=", TOKEN.partition(".")[0], TOKEN[1:]]
)
def test_no_part_of_an_address_opens_anything(token: str) -> None:
    with pytest.raises(NotFound):
        opened(token, KEY, NOW)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(NotFound):
        opened(TOKEN, KEY[::-1], NOW)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("電気使用量_自宅1.csv", "電気使用量_自宅1.csv"),
        ("../../etc/passwd.csv", "_._.._etc_passwd.csv"),
        ('a"b<c>:d|e?f*g\\h.pdf', "a_b_c__d_e_f_g_h.pdf"),
        ("exe\u202egpj.\x00\r\n\tcsv.csv", "exegpj.csv.csv"),
        (f"{'長' * 300}.xlsx", f"{'長' * 60}.xlsx"),
    ],
)
def test_a_file_has_a_name_that_every_system_takes(wanted: str, name: str) -> None:
    assert file_name(wanted) == name
