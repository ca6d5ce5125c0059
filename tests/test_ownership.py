"""What belongs to a member is seen by nobody else: every type, every field, every way to an object.

The lists here come from the schema, so that a new type or field cannot be forgotten.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, is_introspection_type

from domain.errors import NotFound
from resolvers import consents
from resolvers.context import RequestContext
from schema import access
from schema.access import ACCESS, Access
from schema.nodes import node_id
from schema.root import KenshinSchema
from tests.api import NOW, Api, Socket
from tests.billed import invoice_of
from tests.consenting import partner_app, wish
from tests.printed import certificate
from tests.world import World

TYPES = {
    name: kind
    for name, kind in KenshinSchema()._schema.type_map.items()
    if isinstance(kind, GraphQLObjectType) and not is_introspection_type(kind)
}
OWNED = {
    name: kind for name, kind in TYPES.items() if ACCESS.get(name) in {Access.OWNED, Access.PROVEN}
}
NODES = {
    name
    for name, kind in TYPES.items()
    if "Node" in {interface.name for interface in kind.interfaces}
}


async def bill_id(world: World) -> str:
    return node_id("Bill", (await world.bill(world.alice.facility, date(2040, 5, 1))).id)


async def invoice_id(world: World) -> str:
    bill = await world.bill(world.alice.facility, date(2040, 5, 1))
    invoice = invoice_of([bill], bill.available_on)
    await world.sources.invoices.put([invoice], NOW)
    return node_id("Invoice", invoice.id)


async def certificate_id(world: World) -> str:
    her = world.alice
    issued = certificate(owner=her.member, facility=her.facility.number, ends_on=date(2040, 7, 15))
    if await world.sources.certificates.by_id(issued.id) is None:
        await world.sources.mongo.transaction(
            lambda transaction: world.sources.certificates.add(issued, None, transaction)
        )
    return node_id("PaymentCertificate", issued.id)


async def consent_id(world: World) -> str:
    app, her = partner_app(NOW), world.alice
    await world.sources.apps.put(app)
    given = await consents.give(world.sources, her.member, app, wish(NOW, [her.facility.number]))
    return node_id("Consent", given.id)


async def facility_id(world: World) -> str:
    return world.alice.facility_id


async def member_id(world: World) -> str:
    return world.alice.member_id


SAMPLES: dict[str, Callable[[World], Awaitable[str]]] = {
    "Member": member_id,
    "Facility": facility_id,
    "Bill": bill_id,
    "Invoice": invoice_id,
    "PaymentCertificate": certificate_id,
    "Consent": consent_id,
}
"An id of Alice's for every type that has ids."

ABSENT = {
    "Member": node_id("Member", "0" * 24),
    "Facility": node_id("Facility", 999_999),
    "Bill": node_id("Bill", "denki-jtb/0-204005"),
    "Invoice": node_id("Invoice", "denki-jtb/G-204005"),
    "PaymentCertificate": node_id("PaymentCertificate", "denki-jtb/0-204005"),
    "Consent": node_id("Consent", "0" * 28),
}

BY_NODE = "query ($id: ID!) { found: node(id: $id) { id } }"
BY_NODES = "query ($id: ID!) { found: nodes(ids: [$id]) { id } }"
BY_FACILITY = "query ($id: ID!) { found: facility(id: $id) { id } }"
SUBSCRIPTIONS = {
    "readings": "subscription ($ids: [ID!]!) { readings(facilityIds: $ids) { cursor } }",
    "billPublished": "subscription ($ids: [ID!]!) { billPublished(facilityIds: $ids) { cursor } }",
}
"What tells of many facilities, told of the wrong ones."

OF_ONE = {"usageToday": "subscription ($id: ID!) { usageToday(facilityId: $id) { kwh } }"}
"What tells of one facility."
ASKERS = {"bob": "NOT_FOUND", "carol": "NOT_FOUND", "nobody": "UNAUTHENTICATED"}
"Who asks for what is Alice's: a member of her portal, one of another, one who is not logged in."


def token_of(world: World, asker: str) -> str | None:
    return None if asker == "nobody" else getattr(world, asker).token


def refusal(answer: dict[str, Any]) -> tuple[Any, str, str]:
    """All data of an answer, with code and message of its only error."""
    (error,) = answer["errors"]
    return answer["data"]["found"], error["extensions"]["code"], error["message"]


class TestRules:
    def test_every_object_type_has_a_rule_and_no_rule_is_stale(self) -> None:
        assert set(ACCESS) == set(TYPES)

    def test_every_type_with_ids_is_owned(self) -> None:
        assert {name for name in NODES if name not in OWNED} == set()

    @pytest.mark.parametrize("name", ["Query", "Member", "Address", "PageInfo"])
    def test_a_type_without_a_rule_stops_the_process(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(access.ACCESS, name)
        with pytest.raises(LookupError, match=f"^schema/access.py has no rule for type {name}$"):
            KenshinSchema()

    def test_every_owned_type_has_fields_to_try(self) -> None:
        assert {name: len(kind.fields) > 0 for name, kind in OWNED.items()} == {
            "Member": True,
            "Facility": True,
            "Bill": True,
            "Invoice": True,
            "PaymentCertificate": True,
            "Consent": True,
            "Session": True,
            "MemberSession": True,
            "Device": True,
            "ExternalLogIn": True,
        }


def answers(field: GraphQLField, source: object, context: RequestContext) -> bool:
    """Whether a field goes on to its resolver."""
    info: Any = SimpleNamespace(context=context)
    assert field.resolve is not None
    try:
        field.resolve(source, info)
    except NotFound:
        return False
    return True


class TestFields:
    async def test_no_field_of_an_owned_object_answers_to_another_member_or_nobody(
        self, api: Api, world: World
    ) -> None:
        source = SimpleNamespace(owner=world.alice.member)
        for asker in ASKERS:
            token = token_of(world, asker)
            context = RequestContext(api.sources, token and f"Bearer {token}", "request")
            await context.viewer_session()
            open_fields = [
                f"{name}.{field_name}"
                for name, kind in OWNED.items()
                for field_name, field in kind.fields.items()
                if answers(field, source, context)
            ]
            assert open_fields == [], asker

    async def test_the_same_fields_answer_to_the_owner(self, api: Api, world: World) -> None:
        context = RequestContext(api.sources, f"Bearer {world.alice.token}", "request")
        await context.viewer_session()
        source = SimpleNamespace(owner=world.alice.member, id="id")
        ids = [kind.fields["id"] for name, kind in OWNED.items() if name in NODES]
        assert [answers(field, source, context) for field in ids] == [True] * len(NODES)


class TestWays:
    def test_every_type_with_ids_has_a_sample_to_try(self) -> None:
        assert set(SAMPLES) == NODES
        assert set(ABSENT) == NODES

    async def test_the_owner_finds_every_sample(self, api: Api, world: World) -> None:
        for name, sample in SAMPLES.items():
            wanted = await sample(world)
            data = await api.data(BY_NODE, world.alice.token, id=wanted)
            assert data == {"found": {"id": wanted}}, name

    @pytest.mark.parametrize(("asker", "code"), ASKERS.items())
    async def test_nobody_else_finds_one_by_node_or_nodes(
        self, api: Api, world: World, asker: str, code: str
    ) -> None:
        token = token_of(world, asker)
        for name, sample in SAMPLES.items():
            wanted = await sample(world)
            assert refusal(await api.ask(BY_NODE, token, id=wanted))[:2] == (None, code), name
            assert refusal(await api.ask(BY_NODES, token, id=wanted))[:2] == ([None], code), name

    @pytest.mark.parametrize(("asker", "code"), ASKERS.items())
    async def test_nobody_else_finds_a_facility_by_its_own_field(
        self, api: Api, world: World, asker: str, code: str
    ) -> None:
        answer = await api.ask(BY_FACILITY, token_of(world, asker), id=world.alice.facility_id)
        assert refusal(answer)[:2] == (None, code)

    @pytest.mark.parametrize("asker", ASKERS)
    async def test_the_answer_does_not_tell_whether_an_object_exists(
        self, api: Api, world: World, asker: str
    ) -> None:
        token = token_of(world, asker)
        for name, sample in SAMPLES.items():
            there = await api.ask(BY_NODE, token, id=await sample(world))
            absent = await api.ask(BY_NODE, token, id=ABSENT[name])
            assert there == absent, name

    def test_every_subscription_is_tried(self) -> None:
        assert {*SUBSCRIPTIONS, *OF_ONE} == set(TYPES["Subscription"].fields)

    @pytest.mark.parametrize(("asker", "code"), ASKERS.items())
    async def test_nobody_else_hears_of_a_facility(
        self, api: Api, world: World, asker: str, code: str
    ) -> None:
        await world.use(world.alice.facility, date(2040, 6, 15), days=1)
        await bill_id(world)
        mine = [] if asker == "nobody" else [getattr(world, asker).facility_id]
        wanted: list[tuple[str, dict[str, Any]]] = [
            (query, {"ids": ids})
            for query in SUBSCRIPTIONS.values()
            for ids in ([world.alice.facility_id], [*mine, world.alice.facility_id])
        ]
        wanted += [(query, {"id": world.alice.facility_id}) for query in OF_ONE.values()]
        async with api.socket(token_of(world, asker)) as socket:
            for query, variables in wanted:
                await socket.subscribe("1", query, **variables)
                assert await refusal_code(socket) == code, query

    async def test_what_is_another_s_is_in_no_list_of_a_member(
        self, api: Api, world: World
    ) -> None:
        await bill_id(world)
        query = """{ viewer {
          id
          facilities(first: 100) { totalCount nodes { id } }
          bills(first: 100) { totalCount nodes { id } }
        } }"""
        for person in (world.bob, world.carol):
            assert (await api.data(query, person.token))["viewer"] == {
                "id": person.member_id,
                "facilities": {"totalCount": 1, "nodes": [{"id": person.facility_id}]},
                "bills": {"totalCount": 0, "nodes": []},
            }


async def refusal_code(socket: Socket) -> str:
    """Code of the error that a subscription ends with before it has told anything."""
    message = await socket.receive()
    if message["type"] == "error":
        (error,) = message["payload"]
    else:
        assert message["payload"]["data"] is None
        (error,) = message["payload"]["errors"]
        assert (await socket.receive())["type"] == "complete"
    code: str = error["extensions"]["code"]
    return code
