"""A member's own e-mail addresses: another first one, and more for notices (MB-5, MB-13)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from datasources.mongo import Mongo
from domain.settings import Settings
from resolvers.sources import open_sources
from tests.api import Api, Clock, CommandLog
from tests.changing import (
    Payload,
    add_email,
    added,
    adding,
    change_email,
    changing,
    confirm_email,
    emails_of,
    entered,
    joined,
    remove_email,
)
from tests.logging_in import WHO, code_in, code_of
from tests.policies import six_portals
from tests.registering import everything, faults, messages
from tests.registering import start as start_registration
from tests.stream import live, store
from tests.test_own_login import change as change_password
from tests.world import World

PORTAL = "hapie"
ID = "hanako88"
OLD = "hanako@example.jp"
NEW = "hanako.new@example.jp"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The sixth portal is there too, and many at once may wait for each other."""
    return replace(
        settings,
        portals=six_portals(tmp_path),
        heartbeat_seconds=60.0,
        database_timeout_seconds=15.0,
    )


@pytest.fixture
async def hanako(api: Api) -> str:
    """Access token of a member who has just given the password again."""
    await joined(api, PORTAL, ID, OLD)
    return await entered(api, PORTAL, ID)


class TestAsking:
    @pytest.mark.parametrize("ask", [change_email, add_email, remove_email])
    async def test_the_password_is_needed_again(
        self, api: Api, ask: Callable[[Api, str | None, str], Awaitable[Payload]], clock: Clock
    ) -> None:
        await joined(api, PORTAL, ID, OLD)
        token = await entered(api, PORTAL, ID)
        clock.advance(minutes=10)

        assert code_in(await ask(api, token, NEW)) == "PASSWORD_NEEDED"
        assert code_in(await ask(api, None, NEW)) == "NOT_LOGGED_IN"
        assert await messages(api.sources, "EMAIL_LINK") == []

    async def test_the_fault_of_an_address_is_named_exactly(self, api: Api, hanako: str) -> None:
        """MB-5: K takes 50 half-width characters."""
        expected = {
            "": "REQUIRED",
            f" {NEW}": "STRAY_SPACE",
            "hanako.new＠example.jp": "FULL_WIDTH_AT",
            "hanako.new@example．jp": "FULL_WIDTH_DOT",
            "hanako,new@example.jp": "COMMA_FOR_DOT",
            "hanako.new.example.jp": "NO_AT",
            "hanako..new@example.jp": "MISPLACED_DOT",
            "ｈanako@example.jp": "FULL_WIDTH",
            "hana\u200bko@example.jp": "BAD_CHARACTER",
            "\u202ehanako@example.jp": "BAD_CHARACTER",
            "🍣@example.jp": "BAD_CHARACTER",
            f"{'h' * 40}@example.jp": "TOO_LONG",
            "h" * 300: "TOO_LONG",
            OLD: "REPEATED",
            OLD.upper(): "REPEATED",
        }
        for text, code in expected.items():
            for ask in (change_email, add_email):
                assert faults(await ask(api, hanako, text)) == [(code, "input.email")], text
        assert await messages(api.sources, "EMAIL_LINK") == []

    async def test_letters_of_other_portals_are_not_those_of_this_one(self, api: Api) -> None:
        """MB-5: what H prints is too much for L."""
        email = "hana+ko!#$%&'*/=?^_`{|}~@example.jp"
        for portal, codes in (("hepco", []), ("hokulink", [("BAD_CHARACTER", "input.email")])):
            await joined(api, portal, ID, OLD)
            token = await entered(api, portal, ID)
            assert faults(await change_email(api, token, email)) == codes

    async def test_who_has_no_address_yet_gives_a_first_one(self, api: Api) -> None:
        await joined(api, "hepco", ID)
        token = await entered(api, "hepco", ID)

        done = await confirm_email(api, await adding(api, token, NEW), "hepco")

        assert done == {"sessionsEnded": True, "userErrors": []}
        (told,) = await messages(api.sources, "EMAIL_CHANGED")
        assert (told["to"], told["values"]["old_email"]) == (NEW, "-")
        assert await emails_of(api, await entered(api, "hepco", ID)) == [NEW]

    async def test_an_id_that_is_the_address_is_not_the_password(self, api: Api) -> None:
        """MB-4 (J)."""
        password = "Hanako.88@example.jp"
        member = await joined(api, "denki-jtb", OLD, OLD)
        token = await entered(api, "denki-jtb", OLD)
        assert code_in(await change_password(api, token, password)) is None
        token = await entered(api, "denki-jtb", OLD, password)

        assert faults(await change_email(api, token, password)) == [
            ("SAME_AS_PASSWORD", "input.email")
        ]
        assert await api.sources.mongo.find("emailChanges", {"member": member}) == []

    async def test_the_answer_and_the_work_are_the_same_for_an_address_of_another_member(
        self, api: Api, commands: CommandLog
    ) -> None:
        """MB-13, as MB-9: whether an address exists is told to its mailbox alone."""
        await joined(api, "mirai", "taro_2040", "taro@example.jp")
        await joined(api, "mirai", "hanako_2040", OLD)
        token = await entered(api, "mirai", "hanako_2040")
        done = []
        for email in ("taro@example.jp", NEW):
            commands.names.clear()
            done.append((await change_email(api, token, email), [*commands.names]))

        assert done[0] == done[1]
        (told,) = await messages(api.sources, "EMAIL_TAKEN")
        assert (told["to"], told["member"], told["values"]) == ("taro@example.jp", None, {})
        (link,) = await messages(api.sources, "EMAIL_LINK")
        assert link["to"] == NEW

    async def test_a_member_gets_so_many_links_and_no_address_too_many(
        self, api: Api, hanako: str
    ) -> None:
        assert (await start_registration(api, PORTAL, NEW))["userErrors"] == []
        codes = [code_in(await change_email(api, hanako, NEW)) for _ in range(5)]
        assert codes == [None] * 4 + ["TOO_MANY_MAILS"]

        codes = [
            code_in(await change_email(api, hanako, f"{number}@example.jp")) for number in range(6)
        ]
        assert codes == [None] * 5 + ["TOO_MANY_REQUESTS"]
        assert len(await messages(api.sources, "EMAIL_LINK")) == 9


class TestAnotherFirstAddress:
    async def test_both_addresses_are_told_and_every_session_ends(
        self, api: Api, settings: Settings, world: World, clock: Clock
    ) -> None:
        """MB-13 (M)."""
        person = await world.person("mirai", "hanako_2040")
        await joined(api, "mirai", "hanako_2040", OLD)
        asking = await entered(api, "mirai", "hanako_2040")
        link = await changing(api, asking, NEW)
        mongo = Mongo(settings.mongodb_url, database=api.sources.mongo.name)
        async with (
            Api.serving(open_sources(settings, mongo, clock)) as other,
            live(other, person) as socket,
        ):
            done = await confirm_email(api, link, "mirai", asking)
            assert done == {"sessionsEnded": True, "userErrors": []}
            await store(world, person.facility, 1)
            assert await socket.error_code() == "UNAUTHENTICATED"

        for token in (asking, person.token):
            assert await api.code(WHO, token) == "UNAUTHENTICATED"
        told = await messages(api.sources, "EMAIL_CHANGED")
        assert sorted(mail["to"] for mail in told) == sorted([OLD, NEW])
        assert all(
            mail["values"]
            == {"old_email": OLD, "new_email": NEW, "at": "2040-06-15T03:10:00+00:00"}
            for mail in told
        )
        assert await emails_of(api, await entered(api, "mirai", "hanako_2040")) == [NEW]

    async def test_the_session_that_opens_the_link_is_another_member_s(
        self, api: Api, hanako: str
    ) -> None:
        await joined(api, PORTAL, "taro88", "taro@example.jp")
        taro = await entered(api, PORTAL, "taro88")
        link = await changing(api, hanako, NEW)

        assert code_in(await confirm_email(api, link, PORTAL, taro)) is None

        assert await api.code(WHO, hanako) == "UNAUTHENTICATED"
        assert await emails_of(api, taro) == ["taro@example.jp"]

    @pytest.mark.parametrize(
        ("portal", "ids"),
        [
            ("denki-jtb", ("a@example.jp", "b@example.jp")),
            ("mirai", ("a_member88", "b_member88")),
        ],
    )
    async def test_of_two_who_take_an_address_in_the_same_instant_one_gets_it(
        self, api: Api, portal: str, ids: tuple[str, str]
    ) -> None:
        """MB-5, MB-3: it is one member's, also where it is the login ID."""
        links = []
        for number, login_id in enumerate(ids):
            await joined(api, portal, login_id, f"{'ab'[number]}@example.jp")
            links.append(await changing(api, await entered(api, portal, login_id), NEW))

        done = await asyncio.gather(*(confirm_email(api, link, portal) for link in links))

        assert sorted(faults(payload) for payload in done) == [[], [("EMAIL_TAKEN", "")]]
        assert len(await messages(api.sources, "EMAIL_CHANGED")) == 2
        found = await api.sources.members.by_email(portal, NEW, 9)
        assert len(found) == 1
        is_id = [await code_of(api, portal=portal, loginId=each) for each in (*ids, NEW)]
        assert is_id.count(None) == 2

    async def test_nothing_is_half_done_for_an_address_that_was_taken_meanwhile(
        self, api: Api
    ) -> None:
        await joined(api, "denki-jtb", OLD, OLD)
        token = await entered(api, "denki-jtb", OLD)
        link = await changing(api, token, NEW)
        await joined(api, "denki-jtb", NEW, NEW)
        before = await everything(api.sources)

        for _ in range(2):
            assert faults(await confirm_email(api, link, "denki-jtb")) == [("EMAIL_TAKEN", "")]

        assert await everything(api.sources) == before
        assert (await api.data(WHO, token))["viewer"] == {"loginId": OLD}

    async def test_where_several_may_have_an_address_one_more_may_take_it(
        self, api: Api, hanako: str
    ) -> None:
        await joined(api, PORTAL, "taro88", NEW)

        assert code_in(await confirm_email(api, await changing(api, hanako, NEW), PORTAL)) is None


class TestMoreAddresses:
    async def test_an_address_is_added_told_of_and_taken_away_again(
        self, api: Api, hanako: str
    ) -> None:
        """MB-5 (K): up to two."""
        link = await adding(api, hanako, NEW)
        assert await emails_of(api, hanako) == [OLD]

        assert await confirm_email(api, link, PORTAL, hanako) == {
            "sessionsEnded": False,
            "userErrors": [],
        }
        assert await emails_of(api, hanako) == [OLD, NEW]
        assert faults(await add_email(api, hanako, "third@example.jp")) == [
            ("TOO_MANY", "input.email")
        ]
        for email, code in ((OLD, "FIRST_EMAIL"), ("no@example.jp", "NO_SUCH_EMAIL")):
            assert faults(await remove_email(api, hanako, email)) == [(code, "input.email")]
        gone = await remove_email(api, hanako, NEW.upper())
        assert gone == {"member": {"emails": [OLD]}, "userErrors": []}

        told = [
            (mail["to"], mail["values"]["emails"])
            for mail in await messages(api.sources, "EMAILS_CHANGED")
        ]
        both = f"{OLD}, {NEW}"
        assert sorted(told) == sorted([(OLD, both), (NEW, both), (OLD, OLD), (NEW, OLD)])

    async def test_one_of_them_can_become_the_first(self, api: Api) -> None:
        """MB-5 (H): up to three."""
        await joined(api, "hepco", ID, OLD)
        token = await entered(api, "hepco", ID)
        for email in (NEW, "work@example.jp"):
            await added(api, token, "hepco", email)

        done = await confirm_email(api, await changing(api, token, NEW), "hepco")

        assert done["sessionsEnded"] is True
        token = await entered(api, "hepco", ID)
        assert await emails_of(api, token) == [NEW, "work@example.jp"]

    async def test_of_two_links_for_the_last_place_one_works_once(
        self, api: Api, hanako: str
    ) -> None:
        links = [await adding(api, hanako, email) for email in ("a@example.jp", "b@example.jp")]

        done = await asyncio.gather(*(confirm_email(api, link, PORTAL) for link in links * 2))

        found = [faults(payload) for payload in done]
        assert found.count([]) == 1
        refused = [[("TOO_MANY", "input.token")], [("WRONG_LINK", "input.token")]]
        assert all(each in refused for each in found if each)
        assert len(await emails_of(api, hanako)) == 2
        assert len(await messages(api.sources, "EMAILS_CHANGED")) == 2

    async def test_a_portal_where_one_address_suffices_takes_no_more(self, api: Api) -> None:
        await joined(api, "hokulink", ID, OLD)
        token = await entered(api, "hokulink", ID)

        assert faults(await add_email(api, token, NEW)) == [("TOO_MANY", "input.email")]

    async def test_where_an_address_is_one_member_s_that_holds_for_all_of_them(
        self, api: Api
    ) -> None:
        """MB-5, in a portal that is no more than a file."""
        portal = "aozora"
        tokens = []
        for login_id in ("1234", "5678"):
            await joined(api, portal, login_id, f"{login_id}@example.jp")
            tokens.append(await entered(api, portal, login_id))
        links = [await adding(api, token, NEW) for token in tokens]

        done = await asyncio.gather(*(confirm_email(api, link, portal) for link in links))
        assert sorted(faults(payload) for payload in done) == [[], [("EMAIL_TAKEN", "")]]
        winner = [faults(payload) for payload in done].index([])
        for email in (NEW, f"{('1234', '5678')[winner]}@example.jp"):
            assert await change_email(api, tokens[1 - winner], email) == {"userErrors": []}
        assert len(await messages(api.sources, "EMAIL_TAKEN")) == 2

        # An import of the same member changes nothing of that.
        await joined(api, portal, ("1234", "5678")[winner], "third@example.jp")
        assert await emails_of(api, tokens[winner]) == ["third@example.jp", NEW]
        assert (await start_registration(api, portal, NEW))["userErrors"] == []
        link = await adding(api, tokens[1 - winner], "more@example.jp")
        await api.sources.mongo["emailChanges"].update_many({}, {"$set": {"email": NEW}})
        assert faults(await confirm_email(api, link, portal)) == [("EMAIL_TAKEN", "")]
