"""Links that make an address a member's: once, soon, and only as the member was then (MB-13)."""

import asyncio
from dataclasses import replace

import pytest

from datasources.mongo import Mongo
from domain.leaving import LeaveReason
from domain.members import Credentials
from domain.settings import Settings
from resolvers import email_links
from resolvers.context import RequestContext
from resolvers.leaving import end_membership
from resolvers.sources import open_sources
from tests.api import Api, Clock
from tests.changing import adding, changing, confirm_email, entered, joined
from tests.logging_in import code_in
from tests.registering import everything, faults, messages
from tests.test_own_login import change as change_password

PORTAL = "hapie"
ID = "hanako88"
OLD = "hanako@example.jp"
NEW = "hanako.new@example.jp"
WRONG_LINK = [
    {
        "code": "WRONG_LINK",
        "message": "the link is wrong, was used or has ended: begin with the address again",
        "field": ["input", "token"],
    }
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Many at once may wait for each other."""
    return replace(settings, database_timeout_seconds=15.0)


@pytest.fixture
async def hanako(api: Api) -> str:
    """Access token of a member who has just given the password again."""
    await joined(api, PORTAL, ID, OLD)
    return await entered(api, PORTAL, ID)


async def test_a_link_works_once_even_if_it_comes_many_times_at_once(
    api: Api, settings: Settings, clock: Clock, hanako: str
) -> None:
    link = await changing(api, hanako, NEW)
    mongo = Mongo(settings.mongodb_url, database=api.sources.mongo.name)
    async with Api.serving(open_sources(settings, mongo, clock)) as other:
        done = await asyncio.gather(
            *(confirm_email(each, link, PORTAL) for each in (api, other) * 2)
        )

    assert [each["userErrors"] for each in done if each["userErrors"]] == [WRONG_LINK] * 3
    assert [payload["sessionsEnded"] for payload in done].count(True) == 1
    assert (await confirm_email(api, link, PORTAL))["userErrors"] == WRONG_LINK
    assert len(await messages(api.sources, "EMAIL_CHANGED")) == 2


async def test_a_link_ends_to_the_millisecond(api: Api, hanako: str, clock: Clock) -> None:
    link = await changing(api, hanako, NEW)
    (mail,) = await messages(api.sources, "EMAIL_LINK")
    assert mail["values"]["ends_at"] == "2040-06-16T03:10:00+00:00"
    clock.advance(hours=24)
    assert (await confirm_email(api, link, PORTAL))["userErrors"] == WRONG_LINK

    clock.advance(seconds=-0.001)

    assert (await confirm_email(api, link, PORTAL))["userErrors"] == []


async def test_a_newer_link_kills_the_older_one_and_none_that_adds(api: Api, hanako: str) -> None:
    older = await changing(api, hanako, NEW)
    more = await adding(api, hanako, "more@example.jp")
    newer = await changing(api, hanako, "newer@example.jp")

    assert (await confirm_email(api, older, PORTAL))["userErrors"] == WRONG_LINK
    assert (await confirm_email(api, more, PORTAL))["userErrors"] == []
    assert (await confirm_email(api, newer, PORTAL))["userErrors"] == []


async def test_a_wrong_token_or_one_of_another_portal_is_wrong(api: Api, hanako: str) -> None:
    link = await changing(api, hanako, NEW)
    before = await everything(api.sources)

    for text in ("", link[:-1], link.swapcase(), f"{link}\0", "\u202e" + link, link * 1000):
        assert (await confirm_email(api, text, PORTAL))["userErrors"] == WRONG_LINK
    assert (await confirm_email(api, link, "hepco"))["userErrors"] == WRONG_LINK
    assert faults(await confirm_email(api, link, "nowhere")) == [("UNKNOWN_PORTAL", "input.portal")]

    assert await everything(api.sources) == before
    (kept,) = await api.sources.mongo.find("emailChanges", {})
    assert link not in repr(kept)


async def test_another_password_kills_the_link(api: Api, hanako: str) -> None:
    """A thief who was driven out leaves no link behind."""
    link = await changing(api, hanako, NEW)
    assert code_in(await change_password(api, hanako, "Tulip88field")) is None

    assert (await confirm_email(api, link, PORTAL))["userErrors"] == WRONG_LINK


async def test_the_link_of_who_leaves_is_wrong_even_in_the_same_instant(
    api: Api, hanako: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await changing(api, hanako, NEW)

    async def leaves_meanwhile(context: RequestContext, known: Credentials) -> bool:
        at = context.now
        await end_membership(context.sources, known.member, LeaveReason.FALSE_DATA, at)
        return True

    with monkeypatch.context() as patched:
        patched.setattr(email_links, "may_use_portal", leaves_meanwhile)
        assert (await confirm_email(api, link, PORTAL))["userErrors"] == WRONG_LINK

    assert (await confirm_email(api, link, PORTAL))["userErrors"] == WRONG_LINK
    assert not await api.sources.members.has_email(PORTAL, NEW)
    assert await messages(api.sources, "EMAIL_CHANGED") == []
