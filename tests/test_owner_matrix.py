"""The owner matrix: every member-owned field and every mutation, by everybody who must not get it.

Fields and mutations are those of the schema (`tests.owner_matrix`). They are about one member, Alice;
who asks is nobody, another member of her portal or of another, staff, and she herself in every state.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLField

from datasources.collections import COLLECTIONS
from datasources.mongo import Transaction
from domain.errors import Unauthenticated
from domain.external_log_in import OutsideAccount
from domain.leaving import LeaveReason
from domain.policy import Duty
from domain.settings import Settings
from resolvers import consents
from resolvers.context import RequestContext
from resolvers.leaving import end_membership
from resolvers.sources import Sources
from schema import queries
from schema.access import ACCESS, Access
from schema.nodes import node_id
from tests.api import Api
from tests.billed import invoice_of
from tests.consenting import partner_app, wish
from tests.logging_in import fail
from tests.owner_matrix import (
    MUTATIONS,
    NODES,
    OF_STAFF,
    ONLY_IN_PAYLOADS,
    OWNED,
    TYPES,
    Needs,
    OwnedField,
    document,
    in_staff_types,
    mutation,
    mutations,
    owned_fields,
    subscription,
)
from tests.printed import certificate
from tests.staffing import hired_token
from tests.test_ownership import refusal_code
from tests.world import World

FIELDS = owned_fields()
QUERY = document(FIELDS)
OWN_IDS = "{ viewer { sessions { id } devices { id } externalLogIns { id } } }"
ON_DUTY = {"Member_id", "Member_duties"}
"What is shown while the first log-in is not complete."
WITH_DUTY = ["changePassword", "logOut"]
"What somebody can do then whose duties begin with a new password."


@dataclass
class Alice:
    """A member who has something of every kind, and the ids of it by type."""

    world: World
    ids: dict[str, str]

    @property
    def member(self) -> str:
        return self.world.alice.member

    @property
    def sources(self) -> Sources:
        return self.world.sources

    async def token(self, **state: Any) -> str:
        """Of another session of hers."""
        open_session = self.sources.sessions.open
        opened = await open_session(self.member, "denki-jtb", self.sources.clock(), **state)
        return opened.access_token

    async def documents(self) -> list[str]:
        """All that the database has of her."""
        found = []
        for kind in COLLECTIONS:
            found += [(kind.name, each) for each in await self.sources.mongo.find(kind.name, {})]
        return sorted(repr(each) for each in found if self.member in repr(each))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Without the limits that a question for everything at once is over."""
    return replace(
        settings,
        max_document_bytes=0,
        max_document_tokens=0,
        max_selections=10_000,
        max_repeats=0,
        max_aliases=0,
        max_root_fields=0,
        max_cost=0,
        cost_per_minute_address=0,
    )


@pytest.fixture
async def alice(api: Api, world: World) -> Alice:
    sources, now, her = world.sources, world.sources.clock(), world.alice
    await world.use(her.facility, date(2040, 6, 14), days=2)
    await world.period(her.facility, date(2040, 5, 12), date(2040, 6, 12))
    bill = await world.bill(her.facility, date(2040, 5, 1))
    invoice = invoice_of([bill], bill.available_on)
    await sources.invoices.put([invoice], now)
    account = OutsideAccount("https://id.example", "alice")

    issued = certificate(owner=her.member, facility=her.facility.number, ends_on=date(2040, 7, 15))

    async def add(transaction: Transaction) -> None:
        await sources.certificates.add(issued, None, transaction)
        await sources.devices.add(her.member, "Firefox, Windows", now, transaction)
        await sources.external_log_ins.add(her.member, "example", account, now, transaction)

    await sources.mongo.transaction(add)
    await sources.apps.add(partner_app(now))
    given = await consents.give(
        sources, her.member, partner_app(now), wish(now, [her.facility.number])
    )
    own = (await api.data(OWN_IDS, her.token))["viewer"]
    ids = {
        "Member": her.member_id,
        "Facility": her.facility_id,
        "Bill": node_id("Bill", bill.id),
        "Invoice": node_id("Invoice", invoice.id),
        "PaymentCertificate": node_id("PaymentCertificate", issued.id),
        "Consent": node_id("Consent", given.id),
        "MemberSession": own["sessions"][0]["id"],
        "Device": own["devices"][0]["id"],
        "ExternalLogIn": own["externalLogIns"][0]["id"],
    }
    return Alice(world, ids)


async def outcomes(api: Api, alice: Alice, token: str | None) -> dict[str, str]:
    """Code of the error of each field that is refused; a field that is answered has no entry."""
    variables = {name: alice.ids[name] for name in NODES}
    answer = await api.ask(QUERY, token, **variables)
    if "data" not in answer:
        return every(answer["errors"][0]["extensions"]["code"])
    codes = {error["path"][0]: error["extensions"]["code"] for error in answer.get("errors", [])}
    for field in FIELDS:
        if field.alias not in codes:
            assert shown(field, answer["data"][field.alias]), f"Alice has no {field.alias} to see"
    return codes


def shown(field: OwnedField, found: dict[str, Any] | None) -> bool:
    """Whether a field was answered; what a list leads to counts only if there is one."""
    if found is None:
        return False
    return bool(found[field.way]) if field.way else field.name in found


def every(code: str) -> dict[str, str]:
    return {field.alias: code for field in FIELDS}


class TestTables:
    def test_every_type_is_ruled_in_a_way_that_the_matrix_knows(self) -> None:
        known = {"ROOT", "OWNED", "PROVEN", "PROVEN_PART", "APP", "STAFF", "PART", "PUBLIC"}
        assert {each.name for each in Access} == known
        assert {name for name in TYPES if name not in ACCESS} == set()

    def test_every_field_of_every_owned_type_is_asked_for(self) -> None:
        wanted = {
            f"{name}_{field}"
            for name, kind in OWNED.items()
            if name not in ONLY_IN_PAYLOADS
            for field in kind.fields
        }
        assert {field.alias for field in FIELDS} == wanted
        assert len(FIELDS) == len(wanted) > 50

    def test_every_mutation_has_a_row(self) -> None:
        there = set(TYPES["Mutation"].fields)
        assert there - set(MUTATIONS) == set(), "say in tests/owner_matrix.py what each needs"
        assert set(MUTATIONS) - there == set(), "take out of tests/owner_matrix.py what is gone"


async def give_away(api: Api, alice: Alice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the root find every object of Alice's for whoever asks: only its fields' guards are left."""
    info: Any = SimpleNamespace(
        context=RequestContext(api.sources, f"Bearer {alice.world.alice.token}", "request")
    )
    objects = {alice.ids[name]: await queries.node_of(info, alice.ids[name]) for name in NODES}

    async def given_away(info: Any, text: str) -> Any:
        await info.context.viewer_session()
        return objects[text]

    monkeypatch.setattr(queries, "node_of", given_away)


class TestFields:
    async def test_its_owner_sees_every_field(self, api: Api, alice: Alice) -> None:
        assert await outcomes(api, alice, alice.world.alice.token) == {}

    async def test_nobody_else_sees_any_field(self, api: Api, alice: Alice) -> None:
        world = alice.world
        for person in (world.bob, world.carol):
            assert await outcomes(api, alice, person.token) == every("NOT_FOUND")
        staff = await hired_token(api, "uketsuke")
        for token in (None, staff, "no token"):
            assert await outcomes(api, alice, token) == every("UNAUTHENTICATED")

    async def test_nobody_else_would_see_a_field_if_a_root_gave_the_object_away(
        self, api: Api, alice: Alice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each field has its guard, behind that of the way to it."""
        await give_away(api, alice, monkeypatch)

        assert await outcomes(api, alice, alice.world.alice.token) == {}
        for token in (None, alice.world.bob.token):
            assert await outcomes(api, alice, token) == every("NOT_FOUND")

    async def test_a_member_sees_by_state_what_the_state_allows(
        self, api: Api, alice: Alice
    ) -> None:
        """MB-8, MB-9, MB-15: postcard on its way, duties to do, locked, withdrawn."""
        in_transit = await outcomes(api, alice, await alice.token(in_transit=True))
        assert in_transit == {
            field.alias: "POSTCARD_IN_TRANSIT" for field in FIELDS if field.needs_proof
        }
        on_duty = await outcomes(api, alice, await alice.token(duties=(Duty.NEW_PASSWORD,)))
        assert on_duty == {
            alias: code for alias, code in every("FORBIDDEN").items() if alias not in ON_DUTY
        }
        await fail(api, 10)
        assert await outcomes(api, alice, alice.world.alice.token) == {}

        (member,) = (await api.sources.members.by_ids([alice.member])).values()
        at = api.sources.clock()
        assert await end_membership(api.sources, member, LeaveReason.WITHDRAWAL, at)
        assert await outcomes(api, alice, alice.world.alice.token) == every("UNAUTHENTICATED")

    async def test_what_only_staff_see_is_seen_by_no_member(self, api: Api, alice: Alice) -> None:
        assert OF_STAFF
        assert await api.data("{ staff { loginId } }") == {"staff": None}
        member = alice.world.alice.token
        assert await api.code("{ staff { loginId } }", member) == "UNAUTHENTICATED"
        for token in (None, member):
            context = RequestContext(api.sources, token and f"Bearer {token}", "request")
            await context.viewer_session()
            info: Any = SimpleNamespace(context=context)
            source = SimpleNamespace(owner=alice.member)
            shown = [name for name, field in in_staff_types() if answers(field, source, info)]
            assert shown == []


def answers(field: GraphQLField, source: object, info: Any) -> bool:
    """Whether a field goes on to its resolver."""
    assert field.resolve is not None
    try:
        field.resolve(source, info)
    except Unauthenticated:
        return False
    return True


class TestSubscriptions:
    async def test_each_is_refused_to_all_but_its_owner_who_may_see_usage(
        self, api: Api, alice: Alice
    ) -> None:
        """MB-8."""
        askers = {
            None: "UNAUTHENTICATED",
            alice.world.bob.token: "NOT_FOUND",
            alice.world.carol.token: "NOT_FOUND",
            await alice.token(in_transit=True): "POSTCARD_IN_TRANSIT",
            await alice.token(duties=(Duty.NEW_PASSWORD,)): "FORBIDDEN",
        }
        for token, code in askers.items():
            async with api.socket(token) as socket:
                for name in TYPES["Subscription"].fields:
                    await socket.subscribe(name, subscription(name, alice.ids))
                    assert await refusal_code(socket) == code, name


async def call(
    api: Api, token: str | None, names: Sequence[str], alice: Alice
) -> dict[str, list[str]]:
    """Codes of the user errors of mutations that are sent together."""
    text = " ".join(mutation(name, alice.ids) for name in names)
    data = await api.data(f"mutation {{ {text} }}", token)
    return {name: [error["code"] for error in data[name]["userErrors"]] for name in names}


def refused(names: Sequence[str], code: str) -> dict[str, list[str]]:
    return {name: [code] for name in names}


OF_MEMBERS = mutations(Needs.SESSION, Needs.CONFIRMED)
OF_STAFF_ONLY = mutations(Needs.STAFF)
TURNED_AWAY = {"NOT_LOGGED_IN", "PASSWORD_NEEDED", "DUTY_FIRST"}


class TestMutations:
    async def test_who_is_not_logged_in_changes_nothing(self, api: Api, alice: Alice) -> None:
        staff = await hired_token(api, "uketsuke")
        before = await alice.documents()
        closed = [*OF_MEMBERS, *OF_STAFF_ONLY]
        for token in (None, "no token"):
            assert await call(api, token, closed, alice) == refused(closed, "NOT_LOGGED_IN")
        assert await call(api, staff, OF_MEMBERS, alice) == refused(OF_MEMBERS, "NOT_LOGGED_IN")
        for name in mutations(Needs.NOTHING):
            codes = (await call(api, None, [name], alice))[name]
            assert codes != ["NOT_LOGGED_IN"], name
        assert await alice.documents() == before

    async def test_who_is_no_app_that_acts_for_itself_changes_nothing_of_apps(
        self, api: Api, alice: Alice
    ) -> None:
        staff = await hired_token(api, "uketsuke")
        before = await alice.documents()
        for name in mutations(Needs.APP):
            text = f"mutation {{ {mutation(name, alice.ids)} }}"
            for token in (None, staff, alice.world.alice.token, "app_wrong"):
                assert await api.code(text, token) == "UNAUTHENTICATED", name
        assert await alice.documents() == before

    async def test_another_member_changes_nothing_of_hers(self, api: Api, alice: Alice) -> None:
        """Each mutation in a session of its own that is confirmed, with her ids for input."""
        before = await alice.documents()
        sessions, now = api.sources.sessions, api.sources.clock()
        other = await alice.world.person("denki-jtb", "dora@example.jp", facilities=0)
        for name in sorted(OF_MEMBERS, key="withdraw".__eq__):
            opened = await sessions.open(other.member, "denki-jtb", now)
            await sessions.confirm(opened.session.id, now)
            codes = (await call(api, opened.access_token, [name], alice))[name]
            assert not TURNED_AWAY & set(codes), name
        assert await alice.documents() == before

        bob = alice.world.bob.token
        assert await call(api, bob, OF_STAFF_ONLY, alice) == refused(OF_STAFF_ONLY, "NOT_LOGGED_IN")
        assert await alice.documents() == before

    async def test_what_needs_the_password_again_is_refused_without(
        self, api: Api, alice: Alice
    ) -> None:
        before = await alice.documents()
        names = mutations(Needs.CONFIRMED)
        token = alice.world.alice.token
        assert await call(api, token, names, alice) == refused(names, "PASSWORD_NEEDED")
        await fail(api, 10)
        locked = await call(api, token, ["confirmPassword", "changePassword", *names], alice)
        assert locked == {
            "confirmPassword": ["LOCKED"],
            "changePassword": ["LOCKED"],
            **refused(names, "PASSWORD_NEEDED"),
        }
        assert await alice.documents() == before

    async def test_a_session_with_duties_does_these_and_nothing_else(
        self, api: Api, alice: Alice
    ) -> None:
        """MB-4."""
        token = await alice.token(duties=(Duty.NEW_PASSWORD,))
        before = await alice.documents()
        names = [name for name in OF_MEMBERS if name not in WITH_DUTY]
        assert await call(api, token, names, alice) == refused(names, "DUTY_FIRST")
        assert await alice.documents() == before
        for name in WITH_DUTY:
            token = await alice.token(duties=(Duty.NEW_PASSWORD,))
            assert await call(api, token, [name], alice) == {name: []}

    async def test_a_postcard_on_its_way_stops_no_mutation(self, api: Api, alice: Alice) -> None:
        """MB-8: only usage and bills are hidden."""
        for name in mutations(Needs.SESSION):
            token = await alice.token(in_transit=True)
            codes = (await call(api, token, [name], alice))[name]
            assert not TURNED_AWAY & set(codes), name

    async def test_who_has_withdrawn_changes_nothing(self, api: Api, alice: Alice) -> None:
        """MB-15."""
        (member,) = (await api.sources.members.by_ids([alice.member])).values()
        at = api.sources.clock()
        assert await end_membership(api.sources, member, LeaveReason.WITHDRAWAL, at)
        before = await alice.documents()
        token = alice.world.alice.token
        assert await call(api, token, OF_MEMBERS, alice) == refused(OF_MEMBERS, "NOT_LOGGED_IN")
        assert await alice.documents() == before
