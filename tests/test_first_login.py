"""The duties of the first log-in hold everything back, by whatever way, until they are done."""

import asyncio
import inspect
from collections.abc import Iterable
from datetime import date
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
)
from graphql.type import is_required_input_field as is_required

from datasources.first_logins import FirstPassword
from domain.errors import DutyFirst
from domain.first_login import MUTATIONS as MUTATIONS_OF_DUTIES
from domain.policy import Duty
from domain.settings import Settings
from resolvers.context import RequestContext
from schema.access import ON_DUTY
from schema.nodes import node_id
from schema.scopes import OWN_MUTATIONS
from tests import recovering
from tests.api import Api, Clock
from tests.first_logins import COMPLETE_PROFILE, begin, complete_profile, confirm_phone, duties
from tests.logging_in import log_in, refresh
from tests.registering import codes, customer
from tests.test_ownership import OF_ONE, OWNED, SUBSCRIPTIONS, TYPES, refusal_code
from tests.world import PASSWORD, World, password_hash

ALICE = {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": PASSWORD}
OPEN = (Duty.NEW_PASSWORD, Duty.KEYWORDS)
MUTATIONS = {
    name: field
    for name, field in TYPES["Mutation"].fields.items()
    if not name.startswith("staff")  # to which every member is nobody
}
DOING = {MUTATIONS_OF_DUTIES[duty] for duty in Duty}
GOES_ON = {"changePassword", "logOut"}
"What who has these duties can do as a member."
NOBODY = ["NOT_LOGGED_IN"]


async def give_duties(api: Api, world: World, *given: Duty) -> str:
    """Let Alice have duties, and log in with them; gives her token."""
    first = FirstPassword(
        world.alice.member, password_hash(), api.sources.clock().replace(year=2050), given
    )
    replace = partial(api.sources.first_logins.replace_password, first)
    await api.sources.mongo.transaction(replace)
    token: str = (await begin(api, **ALICE))["accessToken"]
    return token


@pytest.fixture
async def token(api: Api, world: World) -> str:
    return await give_duties(api, world, *OPEN)


def refuses(field: GraphQLField, source: object, context: RequestContext) -> bool:
    """Whether a field is held back."""
    info: Any = SimpleNamespace(context=context)
    assert field.resolve is not None
    try:
        found = field.resolve(source, info)
    except DutyFirst:
        return True
    except AttributeError:
        return False  # of the source, which is no real one: the field got further than the check
    if inspect.iscoroutine(found):
        found.close()
    return False


async def test_no_owned_field_is_shown_but_those_that_tell_of_the_duties(
    api: Api, world: World, token: str
) -> None:
    context = RequestContext(api.sources, f"Bearer {token}", "request")
    await context.viewer_session()
    source = SimpleNamespace(owner=world.alice.member)

    shown = {
        (name, field_name)
        for name, kind in OWNED.items()
        for field_name, field in kind.fields.items()
        if not refuses(field, source, context)
    }

    assert shown == ON_DUTY
    assert {name for name, _ in shown} == {"Session", "Member"}


async def test_no_way_leads_past_them_until_the_last_is_done(
    api: Api, world: World, token: str
) -> None:
    bill = await world.bill(world.alice.facility, date(2040, 5, 1))
    of_facility = "query ($id: ID!) { facility(id: $id) { __typename } }"
    by_node = "query ($id: ID!) { node(id: $id) { __typename } }"
    ids = [world.alice.facility_id, node_id("Bill", bill.id)]
    async with api.socket(token) as socket:
        for _ in range(2):
            assert await api.code(of_facility, token, id=ids[0]) == "FORBIDDEN"
            for each in ids:
                assert await api.code(by_node, token, id=each) == "FORBIDDEN"
            for query in SUBSCRIPTIONS.values():
                await socket.subscribe("1", query, ids=ids[:1])
                assert await refusal_code(socket) == "FORBIDDEN"
            await socket.subscribe("1", OF_ONE["usageToday"], id=ids[0])
            assert await refusal_code(socket) == "FORBIDDEN"
            await fulfil(api, world, OPEN[0])
        await fulfil(api, world, OPEN[1])

        assert await api.data(by_node, token, id=ids[1]) == {"node": {"__typename": "Bill"}}
        await socket.subscribe("2", SUBSCRIPTIONS["readings"], ids=ids[:1])
        assert (await socket.event())["cursor"]


async def fulfil(api: Api, world: World, duty: Duty) -> None:
    work = partial(api.sources.first_logins.fulfil, world.alice.member, duty)
    await api.sources.mongo.transaction(work)


MOST = Settings().max_root_fields


def literal(kind: Any) -> str:
    """Some value of an input type, with all that is required and nothing else."""
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type)
    if isinstance(kind, GraphQLList):
        return "[]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        fields = kind.fields.items()
        given = (f"{name}: {literal(each.type)}" for name, each in fields if is_required(each))
        return f"{{{', '.join(given)}}}"
    return {"String": '"x"', "ID": '"x"'}.get(kind.name, "1")


def call(name: str) -> str:
    given = (f"{each}: {literal(of.type)}" for each, of in MUTATIONS[name].args.items())
    arguments = ", ".join(given)
    return f"{name}{arguments and f'({arguments})'} {{ userErrors {{ code }} }}"


async def answers(api: Api, names: Iterable[str], token: str | None = None) -> dict[str, list[str]]:
    """Codes of the user errors of mutations, by their names, where there is a payload."""
    calls = list(map(call, names))
    found: dict[str, Any] = {}
    for first in range(0, len(calls), MOST):
        text = " ".join(calls[first : first + MOST])
        answer = await api.ask(f"mutation {{ {text} }}", token)
        assert answer["data"] is not None, answer["errors"]
        found |= answer["data"]
    return {name: codes(payload) for name, payload in found.items() if payload}


async def test_what_only_members_may_do_is_refused_unless_it_does_the_duty_that_comes_next(
    api: Api, token: str
) -> None:
    of_members = [name for name in MUTATIONS if name not in OWN_MUTATIONS]
    wanting = [name for name, found in (await answers(api, of_members)).items() if found == NOBODY]
    assert {"withdraw", "changeLoginId", "endSession", *DOING} < set(wanting)

    refused = await answers(api, [name for name in wanting if name not in GOES_ON], token)

    assert len(refused) == len(wanting) - len(GOES_ON)
    assert {name: found for name, found in refused.items() if found != ["DUTY_FIRST"]} == {}
    assert await answers(api, ["changePassword"], token) == {"changePassword": ["WRONG_PASSWORD"]}
    assert await answers(api, ["logOut"], token) == {"logOut": []}
    assert await api.code("{ viewer { id } }", token) == "UNAUTHENTICATED"


async def test_they_hold_for_every_session_refreshed_or_new_and_are_done_for_all(
    api: Api, world: World, clock: Clock
) -> None:
    await give_duties(api, world, Duty.PROFILE)
    first = (await log_in(api))["session"]
    clock.advance(minutes=10)
    again = (await refresh(api, first["refreshToken"]))["session"]
    others = [again["accessToken"], (await begin(api, **ALICE))["accessToken"]]
    assert [await duties(api, each) for each in others] == [["PROFILE"]] * 2

    # Two tabs finish it at once: it is done, and done once.
    done = await asyncio.gather(*(complete_profile(api, each) for each in others))

    assert sorted(map(codes, done)) == [[], ["NO_DUTY"]]
    assert [await duties(api, each) for each in others] == [[], []]
    assert (await begin(api, **ALICE))["duties"] == []


async def test_a_password_that_was_set_by_a_link_is_the_new_one_that_is_asked_for(api: Api) -> None:
    """MB-4, MB-11."""
    member = await recovering.join(api)
    asked = {"$set": {"duties": [duty.value for duty in OPEN]}}
    await api.sources.mongo["members"].update_one({"_id": member}, asked)
    link = await recovering.link_token(api)

    assert codes(await recovering.reset(api, link)) == []

    given = {"portal": recovering.PORTAL, "loginId": recovering.LOGIN_ID}
    assert (await begin(api, **given, password=recovering.NEW))["duties"] == ["KEYWORDS"]


async def test_no_session_escapes_a_new_first_password_that_is_sent_at_the_same_moment(
    api: Api, world: World
) -> None:
    """What opens a session has the member's duties as its condition."""
    known = await api.sources.members.by_login("denki-jtb", "alice@example.jp")
    assert known is not None
    await give_duties(api, world, Duty.CONTRACT_PHONE)
    changed = await api.sources.members.by_login("denki-jtb", "alice@example.jp")
    assert changed is not None

    async def note(credentials: Any, transaction: Any) -> bool:
        now = api.sources.clock()
        return await api.sources.members.note_log_in(credentials, now, transaction)

    assert known.password_hash == changed.password_hash
    assert not await api.sources.mongo.transaction(partial(note, known))
    assert await api.sources.mongo.transaction(partial(note, changed))


async def test_no_number_opens_an_account_whose_contracts_have_none(api: Api, world: World) -> None:
    """MB-7."""
    token = await give_duties(api, world, Duty.CONTRACT_PHONE)
    somebody = await customer(world, "denki-jtb", phone=None)
    claim = partial(api.sources.contracts.claim, somebody.contract.id, world.alice.member)
    assert await api.sources.mongo.transaction(claim)

    assert codes(await confirm_phone(api, token, "03-1234-5678")) == ["WRONG_PHONE"]
    assert await duties(api, token) == ["CONTRACT_PHONE"]


async def test_all_that_is_wrong_with_a_profile_is_told_at_once(api: Api, world: World) -> None:
    token = await give_duties(api, world, Duty.PROFILE)
    twice = [{"key": "shoeSize", "value": value} for value in ("25", "26")]

    refused = (await api.data(COMPLETE_PROFILE, token, fields=twice))["completeProfile"]

    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("REPEATED", ["input", "fields", "1"]),
        ("UNKNOWN_FIELD", ["input", "fields"]),
    ]
    many = (await api.data(COMPLETE_PROFILE, token, fields=twice * 51))["completeProfile"]
    assert codes(many) == ["TOO_MANY"]
    assert await duties(api, token) == ["PROFILE"]


async def test_nobody_has_duties(api: Api, world: World) -> None:
    anonymous = "mutation { completeProfile(input: {fields: []}) { userErrors { code } } }"
    assert codes((await api.data(anonymous))["completeProfile"]) == ["NOT_LOGGED_IN"]
    assert codes(await complete_profile(api, world.alice.token)) == ["NO_DUTY"]
    assert codes(await confirm_phone(api, world.alice.token, "03-1234-5678")) == ["NO_DUTY"]
    assert await duties(api, world.alice.token) == []
