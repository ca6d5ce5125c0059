"""Leaving a portal, by GraphQL: withdrawal by policy, and access after moving out (MB-15, MB-16)."""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from datasources.mongo import Mongo
from domain.leaving import LeaveReason
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from resolvers.leaving import end_due_memberships, end_membership
from resolvers.sources import open_sources
from tests.api import Api, Clock
from tests.logging_in import WHO, WRONG, code_in, code_of, confirm, log_in, refresh
from tests.policies import SHIPPED, six_portals
from tests.registering import NAME, PHONE, complete, customer, link_token, messages
from tests.registering import PASSWORD as NEW_PASSWORD
from tests.stream import live, store
from tests.world import Person, World, password_hash

WITHDRAW = "mutation { withdraw { leavesAt supplyContract userErrors { code field } } }"
NOTHING = {"leavesAt": None, "supplyContract": None}
ALICE = {"portal": "denki-jtb", "loginId": "alice@example.jp"}
KATE = {"portal": "hapie", "loginId": "kate01"}
ADDRESS = "kate@example.jp"
A_MONTH_LATER = "2040-07-15T00:00:00+09:00"
AT_ONCE = ["denki-jtb", "hepco", "hokulink", "mirai"]

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The invented portal too, no heartbeat, and sessions that last for years if nothing ends them."""
    return replace(
        settings,
        portals=six_portals(tmp_path),
        heartbeat_seconds=60.0,
        session_minutes=3 * 365 * 24 * 60,
        refresh_days=3 * 365,
        session_absolute_days=3 * 365,
    )


@pytest.fixture
async def kate(api: Api, world: World) -> Person:
    """A member of the portal that takes up to a month, with an address."""
    return await joined(api, world, "hapie", "kate01", ADDRESS)


async def joined(
    api: Api, world: World, portal: str, login_id: str, email: str | None = None
) -> Person:
    """A member with one facility whose contract is registered."""
    person = await world.person(portal, login_id, facilities=0)
    await put(api, portal, login_id, email)
    registered = await customer(world, portal)
    contracts, mongo = api.sources.contracts, api.sources.mongo

    async def claim(transaction: Any) -> None:
        assert await contracts.claim(registered.contract.id, person.member, transaction)

    await mongo.transaction(claim)
    await api.sources.facilities.give(portal, registered.number, person.member)
    person.facilities.append(replace(registered.facility, owner=person.member))
    return person


async def put(api: Api, portal: str, login_id: str, email: str | None = None) -> str:
    return await api.sources.members.put(
        portal,
        login_id,
        password_hash(),
        MemberState.ACTIVE,
        MemberProfile("検針 花子", None, email, None),
        one_member_each=SHIPPED[portal].email.one_member_each,
    )


async def withdraw(api: Api, token: str | None) -> dict[str, Any]:
    payload: dict[str, Any] = (await api.data(WITHDRAW, token))["withdraw"]
    return payload


async def confirmed_withdrawal(api: Api, token: str) -> dict[str, Any]:
    assert (await confirm(api, token))["userErrors"] == []
    return await withdraw(api, token)


async def document_of(api: Api, member: str) -> dict[str, Any]:
    (found,) = await api.sources.mongo.find("members", {"_id": member})
    return found


class TestAtOnce:
    @pytest.mark.parametrize("portal", AT_ONCE)
    async def test_the_member_has_left_when_the_answer_comes(
        self, api: Api, world: World, portal: str
    ) -> None:
        """MB-15 (M)."""
        person = await joined(api, world, portal, "leaver01@example.jp")

        payload = await confirmed_withdrawal(api, person.token)

        now = "2040-06-15T12:10:00+09:00"
        assert payload == {"leavesAt": now, "supplyContract": "GOES_ON", "userErrors": []}
        assert await api.code(WHO, person.token) == "UNAUTHENTICATED"
        who = {"portal": portal, "loginId": "leaver01@example.jp"}
        assert await log_in(api, **who) == await log_in(api, **who | {"loginId": "nobody"})
        gone = await document_of(api, person.member)
        assert (gone["state"], gone["leaveReason"]) == ("WITHDRAWN", "WITHDRAWAL")
        assert gone["leftAt"] == api.sources.clock()

    async def test_live_readings_end_and_so_do_the_other_sessions(
        self, api: Api, world: World
    ) -> None:
        other = (await log_in(api))["session"]
        async with live(api, world.alice) as socket:
            await confirmed_withdrawal(api, other["accessToken"])
            await store(world, world.alice.facility, 1)

            assert await socket.error_code() == "UNAUTHENTICATED"
        assert await api.code(WHO, world.alice.token) == "UNAUTHENTICATED"
        assert code_in(await refresh(api, other["refreshToken"])) == "WRONG_TOKEN"

    async def test_what_follows_in_the_same_request_is_nobody_s(
        self, api: Api, world: World
    ) -> None:
        await confirm(api, world.alice.token)
        query = (
            "mutation { withdraw { userErrors { code } } again: withdraw { userErrors { code } } }"
        )

        data = await api.data(query, world.alice.token)

        assert data == {
            "withdraw": {"userErrors": []},
            "again": {"userErrors": [{"code": "NOT_LOGGED_IN"}]},
        }

    async def test_one_mail_says_so_where_there_is_an_address(self, api: Api, world: World) -> None:
        await put(api, "denki-jtb", "alice@example.jp", "alice@example.jp")

        await confirmed_withdrawal(api, world.alice.token)
        await confirmed_withdrawal(api, world.bob.token)

        (told,) = await messages(api.sources, "WITHDRAWN")
        assert (told["to"], told["member"]) == ("alice@example.jp", world.alice.member)
        assert told["values"] == {"ends_at": "2040-06-15T03:10:00+00:00"}

    async def test_the_contract_of_supply_is_as_it_was_but_nobody_s(
        self, api: Api, world: World
    ) -> None:
        person = await joined(api, world, "mirai", "W1234567")
        number = person.facility.customer_number
        before = await api.sources.contracts.find("mirai", number)

        await confirmed_withdrawal(api, person.token)

        after = await api.sources.contracts.find("mirai", number)
        assert before is not None
        assert after == replace(before, member=None)
        facility = (await api.sources.facilities.by_numbers([person.facility.number]))[
            person.facility.number
        ]
        assert facility == replace(person.facility, owner="")

    async def test_papers_of_who_left_are_not_given_to_another_customer(
        self, api: Api, world: World
    ) -> None:
        """BI-1, though the facility names the contract of who left still."""
        person = await joined(api, world, "mirai", "W1234567")
        await world.bill(person.facility, date(2040, 5, 1))
        await confirmed_withdrawal(api, person.token)
        await world.change(person.facility, owner="", customer_number="C-next")
        following = await world.person("mirai", "W7654321", facilities=0)

        await api.sources.facilities.give("mirai", "C-next", following.member)

        query = "{ viewer { facilities(first: 9) { totalCount } bills(first: 9) { totalCount } } }"
        assert (await api.data(query, following.token))["viewer"] == {
            "facilities": {"totalCount": 1},
            "bills": {"totalCount": 0},
        }

    async def test_who_left_can_have_login_id_address_and_contract_again(
        self, api: Api, world: World
    ) -> None:
        person = await joined(api, world, "mirai", "W1234567", "w@example.jp")
        await world.bill(person.facility, date(2040, 5, 1))
        await confirmed_withdrawal(api, person.token)
        assert not await api.sources.members.has_email("mirai", "w@example.jp")

        again = await put(api, "mirai", "W1234567", "w@example.jp")
        await api.sources.facilities.give("mirai", person.facility.customer_number, again)

        assert again != person.member
        session = (await log_in(api, portal="mirai", loginId="W1234567"))["session"]
        query = "{ viewer { facilities(first: 9) { totalCount } bills(first: 9) { totalCount } } }"
        assert (await api.data(query, session["accessToken"]))["viewer"] == {
            "facilities": {"totalCount": 1},
            "bills": {"totalCount": 1},
        }

    async def test_who_left_registers_again_as_the_page_tells_it(
        self, api: Api, world: World
    ) -> None:
        """MB-1, MB-15."""
        hanako = await customer(world, "mirai")
        await world.bill(hanako.facility, date(2040, 5, 1))
        fields = {"customerNumber": hanako.number, "name": NAME, "phone": PHONE}
        form = {"course": "INSTANT", "loginId": "Hanako_2040", "password": NEW_PASSWORD}
        who = {"portal": "mirai", "loginId": "Hanako_2040", "password": NEW_PASSWORD}
        seen = []

        for _ in range(3):
            token = await link_token(api, "mirai", "hanako@example.jp")
            done = await complete(api, "mirai", token, fields, **form)
            assert done["userErrors"] == []
            mine = (await log_in(api, **who))["session"]["accessToken"]
            query = "{ viewer { id bills(first: 9) { totalCount } } }"
            seen.append((await api.data(query, mine))["viewer"])
            await confirm(api, mine, NEW_PASSWORD)
            assert (await withdraw(api, mine))["userErrors"] == []

        assert [viewer["bills"] for viewer in seen] == [{"totalCount": 1}] * 3
        assert len({viewer["id"] for viewer in seen}) == 3

    async def test_many_can_leave_a_portal(self, api: Api, world: World) -> None:
        people = [world.alice, world.bob]

        await asyncio.gather(*(confirmed_withdrawal(api, person.token) for person in people))

        states = [(await document_of(api, person.member))["state"] for person in people]
        assert states == ["WITHDRAWN", "WITHDRAWN"]

    async def test_of_two_withdrawals_at_once_one_is_written(self, api: Api, world: World) -> None:
        await put(api, "denki-jtb", "alice@example.jp", "alice@example.jp")
        await confirm(api, world.alice.token)

        payloads = await asyncio.gather(*(withdraw(api, world.alice.token) for _ in range(3)))

        assert {code_in(payload) for payload in payloads} <= {None, "NOT_LOGGED_IN"}
        assert len(await messages(api.sources, "WITHDRAWN")) == 1

    async def test_a_log_in_that_is_under_way_opens_nothing(self, api: Api, world: World) -> None:
        known = await api.sources.members.credentials(world.alice.member)
        assert known is not None
        await confirmed_withdrawal(api, world.alice.token)

        async def note(transaction: Any) -> bool:
            return await api.sources.members.note_log_in(known, api.sources.clock(), transaction)

        assert await api.sources.mongo.transaction(note) is False

    async def test_a_change_of_the_login_id_under_way_gives_the_old_one_to_nobody(
        self, api: Api, world: World
    ) -> None:
        await confirmed_withdrawal(api, world.carol.token)

        assert await api.sources.members.set_login_id(world.carol.member, "carol") is None
        assert await api.sources.members.by_login("hepco", "carol") is None


class TestWithinAMonth:
    async def test_the_member_goes_on_until_a_date_that_the_answer_says(
        self, api: Api, kate: Person, clock: Clock
    ) -> None:
        """MB-15 (K)."""
        payload = await confirmed_withdrawal(api, kate.token)

        assert payload == {
            "leavesAt": A_MONTH_LATER,
            "supplyContract": "GOES_ON",
            "userErrors": [],
        }
        clock.advance(days=29, hours=11, minutes=49, seconds=59)
        query = "{ viewer { state leavesAt } }"
        leaving = {"state": "ACTIVE", "leavesAt": A_MONTH_LATER}
        assert (await api.data(query, kate.token))["viewer"] == leaving
        session = (await log_in(api, **KATE))["session"]
        assert session["expiresAt"] == A_MONTH_LATER

        clock.advance(seconds=1)

        for token in (kate.token, session["accessToken"]):
            assert await api.code(query, token) == "UNAUTHENTICATED"
        assert code_in(await refresh(api, session["refreshToken"])) == "WRONG_TOKEN"
        assert await log_in(api, **KATE) == await log_in(api, portal="hapie", loginId="nobody")

    async def test_live_readings_end_at_that_instant(
        self, api: Api, world: World, kate: Person, clock: Clock
    ) -> None:
        await confirmed_withdrawal(api, kate.token)
        async with live(api, kate) as socket:
            clock.advance(days=29, hours=11, minutes=50)
            await store(world, kate.facility, 1)

            assert await socket.error_code() == "UNAUTHENTICATED"

    async def test_asked_again_the_answer_and_the_date_are_the_same(
        self, api: Api, kate: Person, clock: Clock
    ) -> None:
        first = await confirmed_withdrawal(api, kate.token)
        clock.advance(days=3)

        assert await confirmed_withdrawal(api, kate.token) == first
        (told,) = await messages(api.sources, "WITHDRAWN")
        assert (told["to"], told["values"]) == (ADDRESS, {"ends_at": A_MONTH_LATER})

    async def test_when_the_time_has_come_the_membership_is_ended_and_recorded(
        self, api: Api, kate: Person, clock: Clock
    ) -> None:
        await confirmed_withdrawal(api, kate.token)
        clock.advance(days=29, hours=11, minutes=49, seconds=59)
        assert await end_due_memberships(api.sources) == 0
        clock.advance(days=2)

        assert await end_due_memberships(api.sources) == 1

        assert await end_due_memberships(api.sources) == 0
        gone = await document_of(api, kate.member)
        assert (gone["state"], gone["leaveReason"]) == ("WITHDRAWN", "WITHDRAWAL")
        assert gone["leftAt"].isoformat() == "2040-07-14T15:00:00+00:00"
        assert await api.sources.contracts.of_member(kate.member) == []
        assert await put(api, "hapie", "kate01") != kate.member

    async def test_a_server_ends_by_itself_what_is_due(
        self, api: Api, settings: Settings, mongo: Mongo, kate: Person, clock: Clock
    ) -> None:
        await confirmed_withdrawal(api, kate.token)
        clock.advance(days=31)

        async with Api.serving(open_sources(settings, mongo, clock)), asyncio.timeout(20):
            while True:
                if (await document_of(api, kate.member))["state"] == "WITHDRAWN":
                    break
                await asyncio.sleep(0.01)

    async def test_who_is_locked_out_by_an_import_meanwhile_is_no_more_due(
        self, api: Api, kate: Person, clock: Clock
    ) -> None:
        await confirmed_withdrawal(api, kate.token)
        nothing = MemberProfile("退会済み", None, None, None)
        await api.sources.members.put(
            "hapie", "kate01", password_hash(), MemberState.WITHDRAWN, nothing
        )
        clock.advance(days=31)

        assert await api.sources.members.due_to_leave(clock(), 10) == []

    async def test_a_log_in_that_was_under_way_opens_no_longer_session(
        self, api: Api, kate: Person
    ) -> None:
        known = await api.sources.members.credentials(kate.member)
        assert known is not None
        await confirmed_withdrawal(api, kate.token)

        async def note(transaction: Any) -> bool:
            return await api.sources.members.note_log_in(known, api.sources.clock(), transaction)

        assert await api.sources.mongo.transaction(note) is False

    async def test_the_operator_can_end_it_before(self, api: Api, kate: Person) -> None:
        await confirmed_withdrawal(api, kate.token)
        found = await api.sources.members.by_ids([kate.member])
        now = api.sources.clock()

        for ended in (True, False):
            member = found[kate.member]
            reason = LeaveReason.FALSE_DATA
            assert await end_membership(api.sources, member, reason, now) is ended

        assert (await document_of(api, kate.member))["leaveReason"] == "FALSE_DATA"
        assert await api.code(WHO, kate.token) == "UNAUTHENTICATED"


class TestWho:
    @pytest.mark.parametrize("portal", sorted(SHIPPED))
    async def test_the_password_is_needed_again(self, api: Api, world: World, portal: str) -> None:
        person = await world.person(portal, "leaver01@example.jp")
        await confirm(api, person.token, WRONG)

        payload = await withdraw(api, person.token)

        assert payload == NOTHING | {"userErrors": [{"code": "PASSWORD_NEEDED", "field": None}]}
        assert (await document_of(api, person.member))["state"] == "ACTIVE"

    async def test_nobody_has_nothing_to_leave(self, api: Api) -> None:
        payload = await withdraw(api, None)
        assert payload == NOTHING | {"userErrors": [{"code": "NOT_LOGGED_IN", "field": None}]}


class TestAfterMovingOut:
    """Access for 24 months after the last of the contracts ended (MB-15, H)."""

    async def test_log_in_is_refused_from_the_end_of_the_24_months_on(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        await moved_out(world, world.alice, date(2038, 6, 16))
        clock.advance(hours=11, minutes=49, seconds=59)
        session = (await log_in(api))["session"]
        assert session["expiresAt"] == "2040-06-16T00:00:00+09:00"

        clock.advance(seconds=1)

        assert await log_in(api) == await log_in(api, loginId="nobody")
        assert await api.code(WHO, session["accessToken"]) == "UNAUTHENTICATED"
        assert (await document_of(api, world.alice.member))["state"] == "ACTIVE"

    async def test_the_right_password_is_then_counted_like_a_wrong_one(
        self, api: Api, world: World
    ) -> None:
        await moved_out(world, world.alice, date(2038, 6, 15))

        codes = [await code_of(api) for _ in range(11)]

        assert codes == ["WRONG_LOGIN"] * 10 + ["LOCKED"]

    async def test_one_open_contract_of_several_keeps_access(self, api: Api, world: World) -> None:
        await world.place("denki-jtb", world.alice.member)
        await moved_out(world, world.alice, date(2037, 2, 1))

        assert await code_of(api) is None

    async def test_a_refresh_finds_that_contracts_have_ended_since(
        self, api: Api, world: World
    ) -> None:
        session = (await log_in(api))["session"]
        await moved_out(world, world.alice, date(2038, 6, 15))

        payload = await refresh(api, session["refreshToken"])

        assert payload == {
            "session": None,
            "userErrors": [{"code": "WRONG_TOKEN", "field": ["input", "refreshToken"]}],
        }
        assert await api.code(WHO, world.alice.token) == "UNAUTHENTICATED"

    async def test_a_refreshed_session_does_not_outlast_the_24_months(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        session = (await log_in(api))["session"]
        await moved_out(world, world.alice, date(2038, 6, 16))

        session = (await refresh(api, session["refreshToken"]))["session"]

        assert (await api.data(WHO, session["accessToken"]))["viewer"] is not None
        clock.advance(hours=11, minutes=50)
        assert await api.code(WHO, session["accessToken"]) == "UNAUTHENTICATED"
        assert code_in(await refresh(api, session["refreshToken"])) == "WRONG_TOKEN"

    async def test_a_new_contract_opens_the_account_again(self, api: Api, world: World) -> None:
        """FA-5."""
        await moved_out(world, world.alice, date(2038, 6, 15))
        assert await code_of(api) == "WRONG_LOGIN"

        await world.place("denki-jtb", world.alice.member)

        assert await code_of(api) is None

    async def test_a_portal_may_end_access_with_the_contract(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        person = await world.person("aozora", "ao-000001")
        await moved_out(world, person, date(2040, 6, 16))
        who = {"portal": "aozora", "loginId": "ao-000001"}
        assert await code_of(api, **who) is None

        clock.advance(hours=11, minutes=50)

        assert await code_of(api, **who) == "WRONG_LOGIN"


async def moved_out(world: World, person: Person, end_on: date) -> None:
    """Let the contract of somebody's first facility end."""
    ended = replace(person.facility.contracts[0], end_on=end_on)
    await world.change(person.facility, contracts=(ended,))
