"""The consent pages as a member goes through them, and as other sites may not."""

import re
from typing import Any

import pytest

from domain.members import MemberProfile, MemberState
from domain.policy import Duty
from tests.api import Api, Clock
from tests.logging_in import confirm
from tests.partnering import Browser, Partner, register
from tests.test_second_factor import KEYWORDS, set_keywords
from tests.world import World, password_hash

ALICE = "alice@example.jp"
SESSIONS = "{ viewer { sessions { id } consents(first: 5) { totalCount } } }"


@pytest.fixture
async def partner(api: Api, world: World) -> Partner:
    return Partner(api, await register(api.sources))


async def test_a_member_who_makes_mistakes_is_told_and_allows_in_the_end(
    api: Api, world: World, partner: Partner, clock: Clock
) -> None:
    place = await world.place("denki-jtb", world.alice.member, name='<b>"別荘"&')
    bobs = world.bob.facility.number
    async with Browser.at(
        api, partner.asked(), **{"accept-language": "en-GB, ja;q=0.5"}
    ) as browser:
        assert "Log in" in browser.page.text
        await browser.log_in(ALICE, portal="")
        assert browser.errors == ["Choose a portal"]
        page = await browser.log_in(ALICE, password="wrong")
        assert page.status_code == 400
        assert browser.errors == ["Login ID or password is wrong"]
        assert f'value="{ALICE}"' in page.text
        assert 'wrong"' not in page.text

        await browser.log_in(ALICE)
        assert "&lt;b&gt;&#34;別荘&#34;&amp;" in browser.page.text
        assert "<b>" not in browser.page.text
        assert browser.checked("facility") == []
        assert browser.checked("scope") == ["usage:read", "usage:live"]
        assert (browser.value("from"), browser.value("until")) == ("2039-06-15", "2041-06-15")
        wrong: list[tuple[list[int], dict[str, str], list[str]]] = [
            ([], {}, ["Choose at least one place"]),
            ([bobs], {}, ["Choose the places again"]),
            ([place.number], {"from": "2038-06-14"}, ["Enter a later day"]),
            ([place.number], {"from": "2040-06-16"}, ["Enter a day up to today"]),
            ([place.number], {"until": "2043-06-16"}, ["Enter an earlier day"]),
            ([place.number], {"until": "9999-12-31"}, ["Enter today or a later day"]),
            ([], {"until": "x", "from": ""}, ["Enter a later day", "Enter today or a later day"]),
        ]
        for chosen, changes, errors in wrong:
            days = {"from": "2040-01-01", "until": "2041-01-01"} | changes
            page = await browser.approve(chosen, **days)
            assert (page.status_code, browser.errors) == (400, errors)
        over = [("facility", str(place.number)), ("scope", "bills:read")]
        await browser.send("approve", over, **{"from": "2040-01-01", "until": "2041-01-01"})
        assert browser.errors == ["Choose again what it may see"]

        await browser.open()
        days = {"from": "2038-06-14", "until": "2043-06-15"}
        await browser.approve([], everywhere="on", **days)
        assert browser.errors == ["Enter a later day"]
        mine = {str(place.number), str(world.alice.facility.number)}
        assert set(browser.checked("facility")) == mine

        await browser.open()
        await browser.approve([place.number], **{"from": "2038-06-15", "until": "2043-06-15"})
        code = browser.back()["code"]
    tokens = (await partner.exchange(code)).json()
    (opened,) = await api.sources.sessions.by_access_tokens([(tokens["access_token"], clock.now)])
    assert opened is not None
    assert opened.app is not None
    assert opened.app.facilities == {place.number}
    assert opened.app.data_from.isoformat() == "2038-06-15"
    assert opened.app.until.isoformat() == "2043-06-15T03:10:00+00:00"


async def test_a_log_in_is_for_one_decision_and_its_cookie_for_these_pages(
    api: Api, world: World, partner: Partner, clock: Clock
) -> None:
    async with Browser.at(api, partner.asked()) as browser:
        first = browser.cookies["kenshin-visit"]
        (cookie,) = browser.page.headers.get_list("set-cookie")
        assert set(cookie.split("; ")[1:]) == {"HttpOnly", "Path=/oauth", "SameSite=lax"}
        await browser.log_in(ALICE)
        token = browser.cookies["kenshin-visit"]
        assert token != first
        assert "発行" not in browser.page.text
        assert "許可する" in browser.page.text
        assert (await api.data(SESSIONS, token))["viewer"]["consents"]["totalCount"] == 0
        assert ALICE in browser.page.text

        await browser.send("leave")
        assert "ログインしてください" in browser.page.text
        assert not await partner.active(token)
        await browser.log_in(ALICE)
        token = browser.cookies["kenshin-visit"]
        await browser.send("refuse")
        assert browser.back()["error"] == "access_denied"
        assert not await partner.active(token)
        await browser.open()
        await browser.log_in(ALICE)
        token = browser.cookies["kenshin-visit"]
        shown, mine = browser.page, [world.alice.facility.number]
        await browser.approve(mine)
        first = browser.back()["code"]
        browser.page = shown
        browser.cookies.clear()
        browser.cookies.set("kenshin-visit", token, path="/oauth")
        await browser.approve(mine)
        assert (await partner.exchange(first)).status_code == 400
        assert (await partner.exchange(browser.back()["code"])).status_code == 200
        clock.advance(seconds=10)
        assert not await partner.active(token)
    proxied = {"x-forwarded-proto": "https", "host": "api.example.jp"}
    async with Browser.at(api, partner.asked(), **proxied) as browser:
        (cookie,) = browser.page.headers.get_list("set-cookie")
        assert cookie.startswith("__Secure-kenshin-visit=")
        assert cookie.endswith("; Secure")


async def test_forms_of_other_sites_and_frames_do_nothing(
    api: Api, world: World, partner: Partner
) -> None:
    number = world.alice.facility.number
    async with (
        Browser.at(api, partner.asked()) as browser,
        Browser.at(api, partner.asked()) as evil,
    ):
        await browser.log_in(ALICE)
        own = re.findall('name="csrf" value="([^"]+)"', browser.page.text)
        forged = re.findall('name="csrf" value="([^"]+)"', evil.page.text)
        assert set(own).isdisjoint(forged)
        sent = [("approve", csrf) for csrf in ("", forged[0], own[0][:-1])]
        sent += [(step, forged[0]) for step in ("refuse", "leave", "log-in", "answer")]
        for step, csrf in sent:
            page = await browser.send(step, [("facility", str(number))], csrf=csrf)
            assert (page.status_code, "location" in page.headers) == (403, False), step
        await browser.open()
        assert ALICE in browser.page.text
        policy = browser.page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert browser.page.headers["x-frame-options"] == "DENY"
        assert browser.page.headers["referrer-policy"] == "same-origin"
        assert browser.page.headers["cache-control"] == "no-store"
        assert "<script" not in browser.page.text
    viewer = (await api.data(SESSIONS, world.alice.token))["viewer"]
    assert viewer["consents"]["totalCount"] == 0


async def test_a_second_factor_is_asked_for_once_in_a_browser(
    api: Api, world: World, partner: Partner
) -> None:
    erin = await world.person("hokulink", "erin")
    await confirm(api, erin.token)
    assert (await set_keywords(api, erin.token))["userErrors"] == []
    async with Browser.at(api, partner.asked(portal="hokulink", ui_locales="en")) as browser:
        assert '<option value="hokulink" selected>' in browser.page.text
        await browser.log_in("erin", portal="hokulink")
        await browser.send("answer", keyword="wrong")
        assert browser.errors == ["The keyword is wrong: log in again"]
        await browser.log_in("erin", portal="hokulink")
        position = re.findall(r"keyword number (\d)", browser.page.text)
        await browser.send("answer", keyword=KEYWORDS[int(position[0]) - 1])
        assert browser.checked("facility") == [str(erin.facility.number)]
        await browser.send("leave")
        await browser.log_in("erin", portal="hokulink")
        assert "Allow" in browser.page.text


async def test_the_app_hears_wherever_it_waits_and_forms_lead_nowhere_else(api: Api) -> None:
    addresses = {
        "https://app.example/callback?of=kenshin": "https:",
        "http://127.0.0.1:8765/callback": "http://127.0.0.1:8765",
        "http://[::1]:8765/callback": "http:",
        "com.example.app:/callback": "com.example.app:",
    }
    app = await register(api.sources, redirect_uris=tuple(addresses))
    for address, source in addresses.items():
        async with Browser.at(api, Partner(api, app).asked(redirect_uri=address)) as browser:
            policy = browser.page.headers["content-security-policy"]
            assert f"form-action 'self' {source};" in policy
            await browser.send("refuse")
            joined = "&" if "?" in address else "?"
            location = browser.page.headers["location"]
            assert location.startswith(f"{address}{joined}error=access_denied&state=s-1&iss=http")


@pytest.mark.parametrize(
    ("state", "duties", "says"),
    [
        (MemberState.POSTCARD_IN_TRANSIT, (), "The code of your postcard"),
        (MemberState.ACTIVE, (Duty.PROFILE,), "Your first log-in is not complete"),
    ],
)
async def test_who_may_not_see_usage_yet_can_let_nobody_see_it(
    api: Api, world: World, partner: Partner, state: MemberState, duties: Any, says: str
) -> None:
    profile = MemberProfile("花子", None, None, None)
    member = await api.sources.members.put("hepco", "hanako", password_hash(), state, profile)
    await api.sources.mongo["members"].update_one(
        {"_id": member}, {"$set": {"duties": [duty.value for duty in duties]}}
    )
    place = await world.place("hepco", member)
    async with Browser.at(api, partner.asked(ui_locales="fr en")) as browser:
        page = await browser.log_in("hanako", portal="hepco")
        assert page.status_code == 403
        assert says in page.text
        days = {"from": "2040-01-01", "until": "2041-01-01"}
        fields = [("facility", str(place.number)), ("scope", "usage:read")]
        page = await browser.send("approve", fields, **days)
        assert page.status_code == 403
        await browser.send("refuse")
        assert browser.back()["error"] == "access_denied"


async def test_pages_are_in_the_language_that_is_wanted(api: Api, partner: Partner) -> None:
    for accepted, wanted, language in (
        ("", None, "ja"),
        ("de, en-US;q=0.8, ja;q=0.9", None, "ja"),
        ("fr, en;q=0.1, ja;q=0", None, "en"),
        ("ja", "de en", "en"),
        ("en;q=x", "ja-JP", "ja"),
        ("fr ; q=0.9 , en ; q=1", None, "en"),
        # Read once: in the square of its length it would keep all others waiting for seconds.
        ("en" + " " * 60_000 + "x", None, "ja"),
    ):
        headers = {"accept-language": accepted}
        async with Browser.at(api, partner.asked(ui_locales=wanted), **headers) as browser:
            assert f'<html lang="{language}">' in browser.page.text
            other = "ja" if language == "en" else "en"
            (link,) = re.findall(r'<a href="([^"]*)" lang', browser.page.text)
            switched = await api.client.get(link.replace("&amp;", "&"))
            assert f'<html lang="{other}">' in switched.text
