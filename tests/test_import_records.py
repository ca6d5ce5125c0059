"""Members, facilities, reading periods and bills in: seen through the API, once however often."""

import codecs
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from datasources.embedded import Addresses
from domain.facilities import AREAS
from domain.readings import Direction
from domain.slots import TOKYO, day_of_date
from domain.tariff.ladders import MISSING_PRICE
from resolvers.imports import Import, RecordKind
from resolvers.sources import Sources
from schema.nodes import node_id
from tests.api import Api
from tests.command_line import CommandLine
from tests.world import World

Records = list[Mapping[str, Any]]
SUPPLY_POINT = "0312345678901234567890"
MEMBER: dict[str, Any] = {
    "portal": "denki-jtb",
    "loginId": "hanako@example.jp",
    "password": "a long enough password",
    "name": "電気 花子",
    "kana": "デンキ ハナコ",
    "email": "hanako@example.jp",
}
CONTRACT: dict[str, Any] = {
    "portal": "denki-jtb",
    "customerNumber": "C-77",
    "name": "電気 花子",
    "phone": "03-1234-5678",
    "address": {
        "postalCode": "100-0001",
        "prefecture": "東京都",
        "city": "千代田区千代田",
        "line1": "1番1号",
    },
    "paymentMethod": "CARD",
    "lastFour": "0042",
    "voltage": 200,
}
FACILITY: dict[str, Any] = {
    "portal": "denki-jtb",
    "loginId": "Hanako@Example.jp",
    "supplyPointNumber": "03-1234-5678-9012-3456-7890",
    "customerNumber": "C-77",
    "name": "本社ビル",
    "address": {
        "postalCode": "100-0001",
        "prefecture": "東京都",
        "city": "千代田区千代田",
        "line1": "1番1号",
    },
    "contracts": [
        {
            "number": "E-77",
            "kind": "ELECTRICITY",
            "plan": "業務用電力",
            "capacity": "12.5",
            "capacityUnit": "kW",
            "startOn": "2039-04-01",
            "paymentMethod": "PAYMENT_SLIP",
        }
    ],
}
PERIOD: dict[str, Any] = {
    "supplyPointNumber": SUPPLY_POINT,
    "startOn": "2040-04-12",
    "endOn": "2040-05-12",
    "previousRegisterKwh": 1000.5,
    "presentRegisterKwh": 1250.75,
    "usageKwh": 250.25,
}
BILL: dict[str, Any] = {
    "portal": "denki-jtb",
    "supplyPointNumber": SUPPLY_POINT,
    "number": "2040-05/77",
    "startOn": "2040-04-12",
    "endOn": "2040-05-12",
    "usageKwh": 250.25,
    "amountYen": 7_650,
    "lines": [
        {"kind": "BASIC_CHARGE", "label": "基本料金", "amountYen": 1_000},
        {
            "kind": "ENERGY_CHARGE",
            "label": "電力量料金",
            "quantity": "250.25",
            "unit": "kWh",
            "unitPrice": "27.01",
            "amountYen": 6_760,
        },
        {"kind": "DISCOUNT", "label": "口座振替割引", "amountYen": -110},
    ],
    "issuedOn": "2040-05-16",
    "dueOn": "2040-06-11",
    "paymentState": "UNPAID",
}
PRICES: dict[str, Any] = {"area": "東京", "date": "2040-05-01", "yenPerKwh": [12.34, -0.01] * 24}
FILES: Mapping[RecordKind, Mapping[str, Any]] = {
    RecordKind.MEMBERS: MEMBER,
    RecordKind.CONTRACTS: CONTRACT,
    RecordKind.FACILITIES: FACILITY,
    RecordKind.READING_PERIODS: PERIOD,
    RecordKind.BILLS: BILL,
}
ALL = """{ viewer { profile { name kana email phone } facilities(first: 5) { totalCount nodes {
    id name supplyPointNumber customerNumber
    address { postalCode prefecture city line1 line2 }
    contracts { number kind plan capacity capacityUnit startOn endOn paymentMethod }
    readingPeriods(first: 5) { totalCount nodes {
        startOn endOn readOn previousRegisterKwh presentRegisterKwh usageKwh } }
    bills(first: 5) { totalCount nodes {
        number periodStartOn periodEndOn usageKwh amountYen issuedOn dueOn paymentState paidOn
        lines { kind label quantity unit unitPriceYen amountYen } } } } } } }"""
SHOWN_PERIOD: dict[str, Any] = {
    "startOn": "2040-04-12",
    "endOn": "2040-05-12",
    "readOn": "2040-05-12",
    "previousRegisterKwh": 1000.5,
    "presentRegisterKwh": 1250.75,
    "usageKwh": 250.25,
}
UNMEASURED = {"quantity": None, "unit": None, "unitPriceYen": None}
SHOWN_BILL: dict[str, Any] = {
    "number": "2040-05/77",
    "periodStartOn": "2040-04-12",
    "periodEndOn": "2040-05-12",
    "usageKwh": 250.25,
    "amountYen": 7_650,
    "issuedOn": "2040-05-16",
    "dueOn": "2040-06-11",
    "paymentState": "UNPAID",
    "paidOn": None,
    "lines": [
        BILL["lines"][0] | UNMEASURED,
        {
            "kind": "ENERGY_CHARGE",
            "label": "電力量料金",
            "quantity": 250.25,
            "unit": "kWh",
            "unitPriceYen": 27.01,
            "amountYen": 6_760,
        },
        BILL["lines"][2] | UNMEASURED,
    ],
}


def write(path: Path, records: Records) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


async def run(sources: Sources, kind: RecordKind, path: Path) -> list[str]:
    plan = Import(path, kind, None, Direction.IMPORT, TOKYO, None)
    return (await plan.run(sources, lambda _: None)).splitlines()


async def run_all(sources: Sources, path: Path) -> list[list[str]]:
    return [
        await run(sources, kind, write(path / kind.value, [record]))
        for kind, record in FILES.items()
    ]


async def token_of(api: Api) -> str:
    data = await api.data(
        "mutation($input: LogInInput!) { logIn(input: $input) { session { accessToken } } }",
        input={name: MEMBER[name] for name in ("portal", "loginId", "password")},
    )
    token: str = data["logIn"]["session"]["accessToken"]
    return token


async def test_an_imported_member_logs_in_and_sees_what_was_imported(
    api: Api, tmp_path: Path
) -> None:
    reports = await run_all(api.sources, tmp_path)

    assert reports == [["1 stored, 0 rejected"]] * 5
    viewer = (await api.data(ALL, await token_of(api)))["viewer"]
    assert viewer["profile"] == {
        "name": "電気 花子",
        "kana": "デンキ ハナコ",
        "email": "hanako@example.jp",
        "phone": None,
    }
    (facility,) = viewer["facilities"]["nodes"]
    periods, bills = facility.pop("readingPeriods"), facility.pop("bills")
    assert facility == {
        "id": facility["id"],
        "name": "本社ビル",
        "supplyPointNumber": SUPPLY_POINT,
        "customerNumber": "C-77",
        "address": FACILITY["address"] | {"line2": None},
        "contracts": [FACILITY["contracts"][0] | {"capacity": 12.5, "endOn": None}],
    }
    assert periods["nodes"] == [SHOWN_PERIOD]
    assert bills["nodes"] == [SHOWN_BILL]


async def test_importing_again_changes_nothing_and_doubles_nothing(
    api: Api, tmp_path: Path
) -> None:
    await run_all(api.sources, tmp_path)
    before = await api.data(ALL, await token_of(api))

    reports = await run_all(api.sources, tmp_path)

    assert reports == [["1 stored, 0 rejected"]] * 5
    assert await api.data(ALL, await token_of(api)) == before
    counts = [
        await api.sources.mongo[collection].count_documents({})
        for collection in ("members", "supplyContracts", "facilities", "readingPeriods", "bills")
    ]
    assert counts == [1, 1, 1, 1, 1]


async def test_an_open_session_lives_through_an_import_of_its_member(
    api: Api, tmp_path: Path
) -> None:
    await run_all(api.sources, tmp_path)
    token = await token_of(api)

    await run(
        api.sources,
        RecordKind.MEMBERS,
        write(tmp_path / "again", [MEMBER | {"name": "電気 華子"}]),
    )

    data = await api.data("{ viewer { profile { name } } }", token)
    assert data == {"viewer": {"profile": {"name": "電気 華子"}}}


async def test_a_member_who_was_withdrawn_by_an_import_has_no_session_left(
    api: Api, tmp_path: Path
) -> None:
    await run(api.sources, RecordKind.MEMBERS, write(tmp_path / "members.ndjson", [MEMBER]))
    token = await token_of(api)

    gone = write(tmp_path / "gone.ndjson", [MEMBER | {"state": "WITHDRAWN"}])
    await run(api.sources, RecordKind.MEMBERS, gone)

    assert await api.code("{ viewer { loginId } }", token) == "UNAUTHENTICATED"


async def test_the_command_imports_records_of_the_kind_that_it_is_told(
    api: Api, servers: Addresses, tmp_path: Path
) -> None:
    file = write(tmp_path / "members", [MEMBER, MEMBER | {"portal": "nowhere"}])

    answer = CommandLine.on(servers, api.sources.mongo.name).run(
        "import", "--kind", "members", file
    )

    assert (answer.code, answer.out) == (
        0,
        "1 stored, 1 rejected\n  line 2: there is no portal 'nowhere'\n",
    )
    assert await token_of(api)


OTHER_POINT = "0399999999999999999999"
REJECTED: list[tuple[RecordKind, Records, list[str]]] = [
    (
        RecordKind.MEMBERS,
        [
            MEMBER | {"portal": "nowhere"},
            MEMBER | {"state": "ASLEEP"},
            {name: value for name, value in MEMBER.items() if name != "password"},
        ],
        [
            "line 1: there is no portal 'nowhere'",
            "line 2: state must be ACTIVE or WITHDRAWN, found 'ASLEEP'",
            "line 3: either password or passwordHash must be given, found none",
        ],
    ),
    (
        RecordKind.FACILITIES,
        [
            FACILITY | {"loginId": "stranger@example.jp"},
            FACILITY | {"portal": "nowhere"},
            FACILITY | {"contracts": {}},
            FACILITY | {"portal": "nowhere", "loginId": None},
        ],
        [
            "line 1: no member of this portal has this loginId",
            "line 2: no member of this portal has this loginId",
            "line 3: contracts must be a list, found {}",
            "line 4: there is no portal 'nowhere'",
        ],
    ),
    (
        RecordKind.CONTRACTS,
        [
            CONTRACT | {"portal": "nowhere"},
            CONTRACT | {"paymentMethod": "PAYMENT_SLIP"},
            CONTRACT | {"lastFour": "4111111111111111"},
            CONTRACT | {"voltage": 0},
        ],
        [
            "line 1: there is no portal 'nowhere'",
            "line 2: lastFour must not be given with paymentMethod PAYMENT_SLIP",
            'line 3: lastFour must be a string of four digits like "0123"',
            "line 4: voltage must be an integer from 1 to 500000, found 0",
        ],
    ),
    (
        RecordKind.READING_PERIODS,
        [
            PERIOD | {"supplyPointNumber": OTHER_POINT},
            PERIOD | {"endOn": "2040-04-12"},
            PERIOD | {"startOn": "2040-05-11", "endOn": "2040-06-12"},
        ],
        [
            f"line 1: no facility has supply point number {OTHER_POINT}",
            "line 2: endOn must be after startOn 2040-04-12, found 2040-04-12",
            "line 3: the period overlaps ELECTRICITY from 2040-04-12 to 2040-05-12",
        ],
    ),
    (
        RecordKind.MARKET_PRICES,
        [
            PRICES | {"area": "03"},
            PRICES | {"yenPerKwh": [10] * 47},
            PRICES | {"yenPerKwh": [10.125] * 48},
            PRICES | {"yenPerKwh": [-10_001] * 48},
            PRICES | {"date": "2040-02-30"},
        ],
        [
            f"line 1: area must be one of {', '.join(AREAS.values())}, found '03'",
            "line 2: yenPerKwh must have 48 prices, found 47",
            "line 3: yenPerKwh[0] must have up to 2 decimals, found 10.125",
            "line 4: yenPerKwh[0] must be between -10000 and 10000, found -10001",
            "line 5: date must be a date such as 2026-11-22, found '2040-02-30'",
        ],
    ),
    (
        RecordKind.BILLS,
        [
            BILL | {"portal": "hepco"},
            BILL | {"supplyPointNumber": OTHER_POINT},
            BILL | {"amountYen": 7_651},
            BILL | {"portal": "nowhere"},
        ],
        [
            "line 1: the facility belongs to portal 'denki-jtb'",
            f"line 2: no facility has supply point number {OTHER_POINT}",
            "line 3: lines must add up to amountYen 7651, found 7650",
            "line 4: the facility belongs to portal 'denki-jtb'",
        ],
    ),
]


@pytest.mark.parametrize(("kind", "records", "reasons"), REJECTED)
async def test_records_that_do_not_fit_are_rejected_by_line_and_change_nothing(
    kind: RecordKind, records: Records, reasons: list[str], api: Api, tmp_path: Path
) -> None:
    await run_all(api.sources, tmp_path)
    before = await api.data(ALL, await token_of(api))

    report = await run(api.sources, kind, write(tmp_path / "wrong", records))

    assert report == [f"0 stored, {len(reasons)} rejected", *(f"  {text}" for text in reasons)]
    assert await api.data(ALL, await token_of(api)) == before


async def test_market_prices_are_kept_by_area_and_day(sources: Sources, tmp_path: Path) -> None:
    days: Records = [PRICES, PRICES | {"area": "関西"}, PRICES | {"yenPerKwh": ["0.5"] * 48}]

    report = await run(sources, RecordKind.MARKET_PRICES, write(tmp_path / "prices", days))

    assert report == ["3 stored, 0 rejected"]
    day = day_of_date(date(2040, 5, 1))
    found = await sources.market_prices.read(["東京", "関西"], day, day + 2)
    assert {area: prices.shape for area, prices in found.items()} == {
        "東京": (2, 48),
        "関西": (2, 48),
    }
    assert found["東京"][0].tolist() == [50] * 48
    assert found["関西"][0].tolist() == [1234, -1] * 24
    assert (found["関西"][1] == MISSING_PRICE).all()


async def test_good_records_among_rejected_ones_are_stored(
    api: Api, world: World, tmp_path: Path
) -> None:
    await run_all(api.sources, tmp_path)
    file = tmp_path / "bills"
    file.write_bytes(b"\n{\n" + json.dumps(BILL | {"number": "2"}).encode() + b"\n[]\n")

    report = await run(api.sources, RecordKind.BILLS, file)

    assert report == [
        "1 stored, 2 rejected",
        "  line 2: not a JSON object: unexpected end of data at column 1",
        "  line 4: not a JSON object: found []",
    ]
    assert await api.sources.bills.by_ids(["denki-jtb/2"])


async def test_a_byte_order_mark_before_the_first_record_is_passed_over(
    api: Api, tmp_path: Path
) -> None:
    file = tmp_path / "members"
    file.write_bytes(codecs.BOM_UTF8 + json.dumps(MEMBER).encode() + b"\r\n")

    assert await run(api.sources, RecordKind.MEMBERS, file) == ["1 stored, 0 rejected"]


async def test_a_facility_without_a_member_is_nobody_s_until_its_contract_is_proven(
    api: Api, world: World, tmp_path: Path
) -> None:
    """MB-7: and an import that comes later leaves it to whose contract it is."""
    sources = api.sources
    nobodys = {name: value for name, value in FACILITY.items() if name != "loginId"}
    await run(sources, RecordKind.CONTRACTS, write(tmp_path / "contracts", [CONTRACT]))
    await run(sources, RecordKind.FACILITIES, write(tmp_path / "facilities", [nobodys]))
    await run(sources, RecordKind.READING_PERIODS, write(tmp_path / "periods", [PERIOD]))
    number = (await sources.facilities.numbers_of([SUPPLY_POINT]))[SUPPLY_POINT]
    query = (
        "query ($id: ID!) { facility(id: $id) { name readingPeriods(first: 5) { totalCount } } }"
    )
    place = node_id("Facility", number)
    assert await api.code(query, world.alice.token, id=place) == "NOT_FOUND"
    assert await api.code(query, id=place) == "UNAUTHENTICATED"

    async def claim(transaction: Any) -> None:
        assert await sources.contracts.claim("denki-jtb/c77", world.alice.member, transaction)

    await sources.facilities.give("denki-jtb", "C77", world.alice.member, claim)
    shown = {"facility": {"name": "本社ビル", "readingPeriods": {"totalCount": 1}}}
    assert await api.data(query, world.alice.token, id=place) == shown

    await run(sources, RecordKind.CONTRACTS, write(tmp_path / "contracts", [CONTRACT]))
    await run(sources, RecordKind.FACILITIES, write(tmp_path / "facilities", [nobodys]))
    await run(sources, RecordKind.READING_PERIODS, write(tmp_path / "periods", [PERIOD]))
    assert await api.data(query, world.alice.token, id=place) == shown
