"""The owner matrix by app: every field, subscription and mutation, by apps with and without consent."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from domain.consents import ConsentEnd, Scope
from resolvers import consents
from schema.nodes import node_id
from schema.scopes import NEVER_TYPES, OWN_MUTATIONS, SCOPES, Rule, opening
from tests.api import Api, Clock
from tests.consenting import connected, partner_app
from tests.owner_matrix import (
    MUTATIONS,
    OWNED,
    TYPES,
    Needs,
    OwnedField,
    mutation,
    subscription,
)
from tests.test_owner_matrix import FIELDS, Alice, alice, every, give_away, outcomes, settings
from tests.test_ownership import refusal_code

__all__ = ["alice", "settings"]  # fixtures

LISTS = """{ viewer {
  facilities(first: 9) { totalCount nodes { id } }
  bills(first: 9) { totalCount nodes { id } }
} }"""
SIMULATE = """query ($id: ID!) {
  simulatePlans(facilityId: $id, from: "2040-06-14", to: "2040-06-15") { __typename }
}"""
"Of a plan that is not known: BAD_INPUT, where it may be asked for."
REFUSED_AS_A_WHOLE = {"Invoice", "PaymentCertificate", "Consent"}
"Nodes that are not even looked for: what is refused tells nothing of them."


def is_open(field: OwnedField, scopes: Iterable[Scope]) -> bool:
    """Whether the table opens a field to an app with these scopes, and the way to it."""
    rules = [opening(field.kind, field.name)]
    if field.way is not None:
        rules.append(opening(field.root, field.way))
    return all(
        bool(rule & frozenset(scopes)) if isinstance(rule, frozenset) else rule is Rule.ANY
        for rule in rules
    )


def closed_to(scopes: Iterable[Scope]) -> dict[str, str]:
    given = list(scopes)
    return {field.alias: "CONSENT_REQUIRED" for field in FIELDS if not is_open(field, given)}


def of_facilities(code: str) -> dict[str, str]:
    return {field.alias: code for field in FIELDS if field.kind in {"Facility", "Bill"}}


class TestTables:
    def test_every_field_of_what_is_owned_and_every_root_field_has_a_row(self) -> None:
        wanted = {
            (name, field)
            for name in {*OWNED, "Query", "Subscription"} - NEVER_TYPES
            for field in TYPES[name].fields
        }
        assert wanted - set(SCOPES) == set(), "say in schema/scopes.py what opens them to apps"
        assert set(SCOPES) - wanted == set(), "take out of schema/scopes.py what is gone"
        assert set(OWNED) >= NEVER_TYPES

    def test_only_what_apps_do_for_themselves_is_a_mutation_of_theirs(self) -> None:
        assert {name for name, need in MUTATIONS.items() if need is Needs.APP} == OWN_MUTATIONS

    def test_no_row_opens_what_members_log_in_with(self) -> None:
        secrets = {
            "loginId",
            "sessions",
            "devices",
            "externalLogIns",
            "recoveryQuestion",
            "consents",
        }
        assert {opening("Member", name) for name in secrets} == {Rule.NEVER}
        assert {opening("Session", name) for name in TYPES["Session"].fields} == {Rule.NEVER}


class TestFields:
    async def test_a_scope_opens_what_its_rows_say_and_nothing_else(
        self, api: Api, alice: Alice
    ) -> None:
        facility = alice.world.alice.facility.number
        for scope in Scope:
            _, opened = await connected(api.sources, alice.member, [facility], scope)
            assert await outcomes(api, alice, opened.access_token) == closed_to([scope]), scope
            priced = await api.error(SIMULATE, opened.access_token, id=alice.ids["Facility"])
            opens = "BAD_INPUT" if scope is Scope.USAGE_READ else "CONSENT_REQUIRED"
            assert priced[0] == opens, scope

    async def test_a_facility_that_the_consent_does_not_name_is_not_found(
        self, api: Api, alice: Alice
    ) -> None:
        other = await alice.world.place("denki-jtb", alice.member)
        _, opened = await connected(api.sources, alice.member, [other.number])
        token = opened.access_token
        assert await outcomes(api, alice, token) == closed_to(Scope) | of_facilities("NOT_FOUND")

        found = (await api.data(LISTS, token))["viewer"]
        assert found["facilities"] == {
            "totalCount": 1,
            "nodes": [{"id": node_id("Facility", other.number)}],
        }
        assert found["bills"] == {"totalCount": 0, "nodes": []}

    async def test_every_field_has_its_guard_behind_that_of_the_way_to_it(
        self, api: Api, alice: Alice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await give_away(api, alice, monkeypatch)
        her, sources = alice.world.alice, api.sources
        _, live = await connected(sources, her.member, [her.facility.number], Scope.USAGE_LIVE)
        assert await outcomes(api, alice, live.access_token) == closed_to([Scope.USAGE_LIVE])
        other = await alice.world.place("denki-jtb", alice.member)
        _, wrong = await connected(sources, her.member, [other.number], app="app-other")
        expected = closed_to(Scope) | of_facilities("NOT_FOUND")
        assert await outcomes(api, alice, wrong.access_token) == expected

    async def test_another_members_app_and_one_without_a_member_see_nothing(
        self, api: Api, alice: Alice
    ) -> None:
        bob = alice.world.bob
        _, opened = await connected(api.sources, bob.member, [bob.facility.number])
        refused = {
            field.alias: "CONSENT_REQUIRED" if field.root in REFUSED_AS_A_WHOLE else "NOT_FOUND"
            for field in FIELDS
        }
        assert await outcomes(api, alice, opened.access_token) == refused
        app = partner_app(api.sources.clock())
        _, own = await api.sources.app_tokens.open(app.id, api.sources.clock())
        expected = {
            alias: "CONSENT_REQUIRED" if code == "CONSENT_REQUIRED" else "UNAUTHENTICATED"
            for alias, code in refused.items()
        }
        found = await outcomes(api, alice, own)
        assert set(found.values()) <= set(expected.values())
        assert set(found) == set(expected)

    async def test_a_consent_that_ended_in_any_way_shows_nothing(
        self, api: Api, alice: Alice, clock: Clock
    ) -> None:
        her, sources = alice.world.alice, api.sources
        numbers = [her.facility.number]
        consent, opened = await connected(sources, her.member, numbers)
        await sources.sessions.end_consents({"_id": consent.id}, ConsentEnd.WITHDRAWN)
        assert await outcomes(api, alice, opened.access_token) == every("UNAUTHENTICATED")

        _, replaced = await connected(sources, her.member, numbers)
        _, opened = await connected(sources, her.member, numbers, app="app-other")
        _, present = await connected(sources, her.member, numbers)
        assert await outcomes(api, alice, replaced.access_token) == every("UNAUTHENTICATED")
        assert await outcomes(api, alice, opened.access_token) == closed_to(Scope)
        assert await consents.end_app(sources, "app-other")
        assert await outcomes(api, alice, opened.access_token) == every("UNAUTHENTICATED")

        clock.now += timedelta(days=30)
        assert await outcomes(api, alice, present.access_token) == every("UNAUTHENTICATED")


class TestSubscriptions:
    async def test_each_needs_its_scope_and_a_facility_of_the_consent(
        self, api: Api, alice: Alice
    ) -> None:
        her = alice.world.alice
        other = await alice.world.place("denki-jtb", alice.member)
        for scope in Scope:
            _, opened = await connected(api.sources, her.member, [her.facility.number], scope)
            _, wrong = await connected(
                api.sources, her.member, [other.number], scope, app="app-other"
            )
            async with (
                api.socket(opened.access_token) as socket,
                api.socket(wrong.access_token) as elsewhere,
            ):
                for name in TYPES["Subscription"].fields:
                    text = subscription(name, alice.ids)
                    await elsewhere.subscribe(name, text)
                    assert await refusal_code(elsewhere) == "NOT_FOUND", name
                    rule = opening("Subscription", name)
                    if isinstance(rule, frozenset) and scope in rule:
                        continue
                    await socket.subscribe(name, text)
                    assert await refusal_code(socket) == "CONSENT_REQUIRED", name


class TestMutations:
    async def test_no_app_does_what_a_member_does(self, api: Api, alice: Alice) -> None:
        her = alice.world.alice
        _, opened = await connected(api.sources, her.member, [her.facility.number])
        _, own = await api.sources.app_tokens.open("app-example", api.sources.clock())
        before = await alice.documents()
        for name in sorted(set(MUTATIONS) - OWN_MUTATIONS):
            text = f"mutation {{ {mutation(name, alice.ids)} }}"
            assert await api.code(text, opened.access_token) == "CONSENT_REQUIRED", name
        assert await api.code("mutation { logOut { userErrors { code } } }", own) == (
            "CONSENT_REQUIRED"
        )
        for name in OWN_MUTATIONS:
            text = f"mutation {{ {mutation(name, alice.ids)} }}"
            assert await api.code(text, opened.access_token) == "UNAUTHENTICATED", name
        assert await alice.documents() == before
