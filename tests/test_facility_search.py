"""Search among facilities by GraphQL: what it looks at, and that a text is a text, not a pattern."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.facilities import Address, ContractKind
from tests.api import Api
from tests.world import Person, World

SEARCH = """
query ($search: String, $first: Int!, $after: String) {
  viewer {
    facilities(search: $search, first: $first, after: $after) {
      totalCount
      nodes { name }
      pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }
}
"""
OFFICE = Address("163-8001", "東京都", "新宿区", "西新宿２丁目８番１号", None)
PLANT = Address("554-0024", "大阪府", "大阪市此花区", "島屋 4-2-13", "Ｂ棟")
SEARCHES = {
    "本社": ["本社ビル"],
    "工場": ["第1工場（旧）", "ﾃﾞﾝｷ工場 .*"],
    "デンキ": ["ﾃﾞﾝｷ工場 .*"],
    "でんき": [],
    "第１工場": ["第1工場（旧）"],
    "(旧)": ["第1工場（旧）"],
    "工場.*": ["ﾃﾞﾝｷ工場 .*"],
    "東京都 新宿区 西新宿2丁目": ["本社ビル"],
    "島屋4-2": ["第1工場（旧）"],
    "b棟": ["第1工場（旧）"],
    "163-8001": ["本社ビル"],
    "ab-77c": ["第1工場（旧）"],
    "ＡＢ－７７Ｃ": ["第1工場（旧）"],
    ".*": ["ﾃﾞﾝｷ工場 .*"],
    "^": [],
    "[工]": [],
    "本社|工場": [],
    "\\": [],
    "$": [],
    "ビル(": [],
    "": ["本社ビル", "第1工場（旧）", "ﾃﾞﾝｷ工場 .*"],
    "　 ": ["本社ビル", "第1工場（旧）", "ﾃﾞﾝｷ工場 .*"],
}


@pytest.fixture
async def erin(world: World) -> Person:
    """A member with three facilities that differ in what a search looks at."""
    erin = await world.person("denki-jtb", "erin@example.jp", facilities=3)
    changes: list[dict[str, Any]] = [
        {"name": "本社ビル", "address": OFFICE},
        {"name": "第1工場（旧）", "address": PLANT, "customer_number": "AB-77c"},
        {"name": "ﾃﾞﾝｷ工場 .*"},
    ]
    erin.facilities = [
        await world.change(facility, **change)
        for facility, change in zip(erin.facilities, changes, strict=True)
    ]
    return erin


async def found(api: Api, person: Person, text: str) -> list[str]:
    data = await api.data(SEARCH, person.token, search=text, first=9)
    page = data["viewer"]["facilities"]
    names = [node["name"] for node in page["nodes"]]
    assert page["totalCount"] == len(names)
    return names


async def test_it_looks_at_names_addresses_and_numbers_of_any_width_and_case(
    api: Api, erin: Person
) -> None:
    answers = await asyncio.gather(*(found(api, erin, text) for text in SEARCHES))
    assert dict(zip(SEARCHES, answers, strict=True)) == SEARCHES


async def test_it_finds_a_supply_point_by_its_number_and_by_digits_of_it(
    api: Api, erin: Person
) -> None:
    wanted = erin.facilities[1]
    number = wanted.supply_point
    wide = number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    for text in (number, number[-6:], wide, f"{number[:4]} {number[4:]}"):
        assert await found(api, erin, text) == [wanted.name]


async def test_it_finds_nothing_of_another_member(api: Api, world: World, erin: Person) -> None:
    assert await found(api, world.bob, erin.facility.supply_point) == []


async def test_found_ones_come_in_pages(api: Api, erin: Person) -> None:
    seen = []
    after = None
    for _ in range(2):
        data = await api.data(SEARCH, erin.token, search="工場", first=1, after=after)
        page = data["viewer"]["facilities"]
        after = page["pageInfo"].pop("endCursor")
        seen.append((page["nodes"], page["totalCount"], page["pageInfo"]))
    assert seen == [
        ([{"name": "第1工場（旧）"}], 2, {"hasNextPage": True, "hasPreviousPage": False}),
        ([{"name": "ﾃﾞﾝｷ工場 .*"}], 2, {"hasNextPage": False, "hasPreviousPage": True}),
    ]


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("a\0b", "search must not have a NUL character"),
        ("x" * 101, "search must be at most 100 characters, found 101"),
    ],
    ids=["NUL", "long"],
)
async def test_a_text_that_cannot_be_searched_is_refused(
    api: Api, world: World, search: str, message: str
) -> None:
    refusal = await api.error(SEARCH, world.alice.token, first=1, search=search)
    assert refusal == ("BAD_INPUT", message)


FILTER = """query ($filter: FacilityFilter, $search: String) {
  viewer { facilities(first: 10, filter: $filter, search: $search) { totalCount nodes { name } } }
}"""


class TestFilter:
    @pytest.fixture
    async def gina(self, world: World) -> Person:
        """A member with a place in Tokyo, one in Sapporo, and one in Tokyo that also feeds in."""
        gina = await world.person("denki-jtb", "gina@example.jp", facilities=0)
        tokyo = await world.place("denki-jtb", gina.member, name="東京")
        solar = await world.place("denki-jtb", gina.member, name="太陽光")
        buy_back = replace(solar.contracts[0], number="B", kind=ContractKind.BUY_BACK)
        solar = await world.change(solar, contracts=(*solar.contracts, buy_back))
        north = await world.place("denki-jtb", gina.member, name="札幌")
        moved = replace(north, supply_point=f"01{north.supply_point[2:]}")
        north = replace(moved, number=await world.sources.facilities.put(moved))
        gina.facilities = [tokyo, solar, north]
        return gina

    @pytest.mark.parametrize(
        ("wanted", "search", "places"),
        [
            ({"area": "北海道"}, None, ["札幌"]),
            ({"area": "東京"}, None, ["東京", "太陽光", "札幌"]),
            ({"area": "沖縄"}, None, []),
            ({"contractKind": "BUY_BACK"}, None, ["太陽光"]),
            ({"area": "東京", "contractKind": "ELECTRICITY"}, "太陽", ["太陽光"]),
            ({"area": "北海道", "contractKind": "BUY_BACK"}, None, []),
            ({}, None, ["東京", "太陽光", "札幌", "札幌"]),
        ],
    )
    async def test_all_that_is_given_must_hold(
        self,
        api: Api,
        gina: Person,
        wanted: dict[str, str],
        search: str | None,
        places: list[str],
    ) -> None:
        data = await api.data(FILTER, gina.token, filter=wanted, search=search)
        found = data["viewer"]["facilities"]
        assert [node["name"].rstrip("0123456789") for node in found["nodes"]] == places
        assert found["totalCount"] == len(places)

    async def test_an_unknown_area_is_refused_with_those_that_there_are(
        self, api: Api, gina: Person
    ) -> None:
        areas = "北海道, 東北, 東京, 中部, 北陸, 関西, 中国, 四国, 九州, 沖縄"
        assert await api.error(FILTER, gina.token, filter={"area": "東京都"}) == (
            "BAD_INPUT",
            f"filter.area must be one of {areas}, found '東京都'",
        )
