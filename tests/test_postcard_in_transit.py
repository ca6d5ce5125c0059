"""A member whose postcard is on its way sees nothing of usage and bills, by whatever way (MB-8)."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest
from graphql import get_named_type

from schema.access import ACCESS, Access
from tests.api import Api
from tests.test_ownership import OWNED, SAMPLES, SUBSCRIPTIONS, TYPES, refusal_code
from tests.world import Person, World

CODE = "POSTCARD_IN_TRANSIT"
SPAN = 'from: "2040-06-01T00:00:00+09:00", to: "2040-06-02T00:00:00+09:00"'
ARGUMENTS = {"usage": f"({SPAN})", "usageProfile": f"({SPAN})"}
METERED = {"kwh", "wh", "yen", "usage", "bill", "reading", "register"}


@pytest.fixture
async def alice(api: Api, world: World) -> Person:
    """Alice with usage, a bill and a reading period, and a session that waits for a postcard."""
    facility = world.alice.facility
    await world.use(facility, date(2040, 6, 1), days=2)
    await world.bill(facility, date(2040, 5, 1))
    await world.period(facility, date(2040, 4, 12), date(2040, 5, 12))
    opened = await api.sources.sessions.open(
        world.alice.member, "denki-jtb", api.sources.clock(), in_transit=True
    )
    return Person(world.alice.member, opened.access_token, world.alice.facilities)


def proven_fields(name: str) -> list[str]:
    """Fields of an object that need proof, each with arguments and something to select."""
    return (
        [
            f"{field}{ARGUMENTS.get(field, '')} {{ __typename }}"
            for field, kind in TYPES[name].fields.items()
            if ACCESS.get(get_named_type(kind.type).name) in {Access.PROVEN, Access.PROVEN_PART}
        ]
        if name in TYPES
        else []
    )


async def refused(api: Api, query: str, person: Person, **variables: Any) -> None:
    answer = await api.ask(query, person.token, **variables)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {CODE}, query
    assert list(leaves(answer["data"])) == [None], query


def leaves(data: Any) -> Iterator[Any]:
    """What an answer has in the end."""
    if isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from leaves(each)
    else:
        yield data


def test_whatever_tells_of_usage_and_bills_needs_proof() -> None:
    telling = {
        name
        for name, kind in TYPES.items()
        if name not in {"Query", "Mutation", "Subscription"}
        for field in kind.fields
        if field.lower().endswith(("kwh", "yen"))
    }
    assert {
        name for name in telling if ACCESS[name] not in {Access.PROVEN, Access.PROVEN_PART}
    } == set()
    assert proven_fields("Facility") != []
    assert proven_fields("Member") != []


async def test_no_such_field_of_a_member_or_a_facility_answers(api: Api, alice: Person) -> None:
    for field in proven_fields("Member"):
        await refused(api, f"{{ viewer {{ {field} }} }}", alice)
    for field in proven_fields("Facility"):
        query = f"query ($id: ID!) {{ facility(id: $id) {{ {field} }} }}"
        await refused(api, query, alice, id=alice.facility_id)
    through = (
        f"{{ viewer {{ facilities(first: 1) {{ nodes {{ {proven_fields('Facility')[0]} }} }} }} }}"
    )
    await refused(api, through, alice)


async def test_every_owned_type_with_such_a_field_is_tried() -> None:
    tried = {"Member", "Facility", "Bill", "Invoice", "PaymentCertificate"}
    assert {name for name in OWNED if proven_fields(name)} == tried


@pytest.mark.parametrize("kind", ["Bill", "Invoice", "PaymentCertificate"])
async def test_what_was_billed_is_not_found_by_its_id(
    api: Api, world: World, alice: Person, kind: str
) -> None:
    wanted = await SAMPLES[kind](world)
    answer = await api.data(
        "query ($id: ID!) { node(id: $id) { id } }", world.alice.token, id=wanted
    )
    assert answer == {"node": {"id": wanted}}
    await refused(api, "query ($id: ID!) { node(id: $id) { __typename } }", alice, id=wanted)
    await refused(
        api,
        f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ amountYen }} }} }}",
        alice,
        id=wanted,
    )


async def test_no_plan_is_compared(api: Api, alice: Person) -> None:
    span = 'from: "2040-06-01", to: "2040-06-02"'
    query = f"query ($id: ID!) {{ simulatePlans(facilityId: $id, {span}) {{ kwh }} }}"
    await refused(api, query, alice, id=alice.facility_id)


async def test_no_subscription_begins(api: Api, alice: Person) -> None:
    async with api.socket(alice.token) as socket:
        for query in SUBSCRIPTIONS.values():
            await socket.subscribe("1", query, ids=[alice.facility_id])
            assert await refusal_code(socket) == CODE
        today = "subscription ($id: ID!) { usageToday(facilityId: $id) { kwh } }"
        await socket.subscribe("1", today, id=alice.facility_id)
        assert await refusal_code(socket) == CODE


async def test_what_is_no_usage_and_no_bill_is_seen(api: Api, alice: Person) -> None:
    query = """{ viewer { loginId profile { name } facilities(first: 1) { nodes {
      name address { city } contracts { plan } } } } }"""
    viewer = (await api.data(query, alice.token))["viewer"]
    assert viewer["facilities"]["nodes"][0]["contracts"] == [{"plan": "従量電灯"}]


async def test_an_open_socket_hears_of_usage_once_the_code_is_entered(
    api: Api, alice: Person
) -> None:
    sources = api.sources
    async with api.socket(alice.token) as socket:
        await socket.subscribe("1", SUBSCRIPTIONS["readings"], ids=[alice.facility_id])
        assert await refusal_code(socket) == CODE

        await sources.mongo.transaction(partial(sources.sessions.prove, alice.member))

        await socket.subscribe("2", SUBSCRIPTIONS["readings"], ids=[alice.facility_id])
        assert (await socket.event())["cursor"]
