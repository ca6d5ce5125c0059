"""Looking up postal codes (MB-12): anybody may, and nothing goes over the network."""

import socket
from typing import Any

import pytest

from datasources import postal_codes
from tests.api import Api

LOOK_UP = """query ($code: String!) { postalCode(code: $code) {
  code prefecture { kanji kana } city { kanji kana } town { kanji kana } office block
} }"""


def named(kanji: str, kana: str) -> dict[str, str]:
    return {"kanji": kanji, "kana": kana}


async def look_up(api: Api, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.data(LOOK_UP, code=code))["postalCode"]
    return found


async def test_a_code_tells_its_places_in_kanji_and_kana(api: Api) -> None:
    shinjuku = {
        "code": "160-0022",
        "prefecture": named("東京都", "トウキョウト"),
        "city": named("新宿区", "シンジュクク"),
        "town": named("新宿", "シンジュク"),
        "office": None,
        "block": None,
    }
    for text in ("160-0022", "1600022", "〒１６０－００２２"):
        assert await look_up(api, text) == [shinjuku]

    assert await look_up(api, "999-9999") == []
    several = await look_up(api, "498-0000")
    assert [place["prefecture"]["kanji"] for place in several] == ["愛知県", "三重県"]
    assert {place["town"]["kanji"] for place in several} == {""}
    (office,) = await look_up(api, "100-8066")
    assert (office["city"]["kanji"], office["town"]["kanji"]) == ("千代田区", "大手町")
    assert office["office"].endswith("日本経済新聞社")
    assert office["block"] == "1丁目3-7"


async def test_what_is_no_code_is_bad_input(api: Api) -> None:
    for text in ("", "53700", "537000a", "\u202e5370001", "5" * 300):
        assert await api.error(LOOK_UP, code=text) == (
            "BAD_INPUT",
            "code must be seven digits like 537-0001",
        )


def test_nothing_goes_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "socket")

    assert len(postal_codes.read_postal_areas("5370001")) == 1
