"""Ten wrong passwords in a row lock an account until six in the morning (MB-9)."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pymongo.errors import AutoReconnect

from datasources.attempts import Account
from datasources.mongo import Mongo
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from resolvers import attempts, passwords
from resolvers.sources import open_sources
from tests.api import Api, Clock, eventually
from tests.logging_in import LOG_IN, WHO, WRONG, code_of, fail, input_of, log_in
from tests.world import PASSWORD, World, password_hash

TOKYO = ZoneInfo("Asia/Tokyo")
NOON_LOCK = "2040-06-16T06:00:00+09:00"
IDS = ["alice@example.jp", "nobody@example.jp"]
"One that exists and one that does not."

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Accounts alone are counted here; of addresses there is another file."""
    return replace(settings, wrong_log_ins_per_address=0)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Passwords compared without the costs of argon2id; counts what was judged by which hash."""
    judged: Counter[str] = Counter()

    def verify(stored: str, password: str) -> bool:
        judged[stored] += 1
        return stored == password_hash() and password == PASSWORD

    monkeypatch.setattr(passwords, "_verify", verify)
    return judged


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


async def test_the_eleventh_attempt_is_refused_right_or_wrong(
    api: Api, quick_passwords: Counter[str]
) -> None:
    assert await fail(api, 10) == ["WRONG_LOGIN"] * 10
    assert quick_passwords[password_hash()] == 10

    wrong, right = await log_in(api, password=WRONG), await log_in(api)

    assert wrong == right
    assert right["session"] is None
    assert right["userErrors"] == [
        {
            "code": "LOCKED",
            "message": "too many wrong passwords in a row: nobody can log in with this ID for a while",
            "field": None,
            "retryAt": NOON_LOCK,
        }
    ]
    assert quick_passwords[password_hash()] == 10


async def test_who_is_refused_waits_as_long_as_who_is_judged(
    api: Api, quick_passwords: Counter[str]
) -> None:
    await fail(api, 10)
    before = quick_passwords.total()

    await log_in(api)

    assert quick_passwords.total() == before + 1


@pytest.mark.parametrize(
    ("locked", "still", "free"),
    [
        ("2040-06-15T05:59:59.999", "2040-06-15T05:59:59.999", "2040-06-15T06:00:00"),
        ("2040-06-15T06:00:00", "2040-06-16T05:59:59.999", "2040-06-16T06:00:00"),
        ("2040-06-15T23:59:59.999", "2040-06-16T00:00:00", "2040-06-16T06:00:00"),
        ("2040-06-16T00:00:00", "2040-06-16T05:59:59.999", "2040-06-16T06:00:00"),
    ],
)
async def test_a_lock_lasts_until_six_in_tokyo_to_the_millisecond(
    api: Api, clock: Clock, locked: str, still: str, free: str
) -> None:
    clock.now = tokyo(locked)
    await fail(api, 10)

    clock.now = tokyo(still)
    assert await code_of(api) == "LOCKED"
    clock.now = tokyo(free)

    assert await code_of(api) is None


async def test_the_count_starts_anew_after_a_lock(api: Api, clock: Clock) -> None:
    await fail(api, 12)
    clock.now = tokyo("2040-06-16T06:00:00")

    assert await fail(api, 11) == ["WRONG_LOGIN"] * 10 + ["LOCKED"]
    assert (await log_in(api))["userErrors"][0]["retryAt"] == "2040-06-17T06:00:00+09:00"


async def test_a_night_alone_does_not_start_the_count_anew(api: Api, clock: Clock) -> None:
    await fail(api, 9)
    clock.advance(days=1)

    assert await fail(api, 2) == ["WRONG_LOGIN", "LOCKED"]


async def test_a_right_password_in_between_starts_the_count_anew(api: Api) -> None:
    assert await fail(api, 9) == ["WRONG_LOGIN"] * 9
    assert await code_of(api) is None
    assert await fail(api, 9) == ["WRONG_LOGIN"] * 9
    assert await code_of(api) is None
    assert await fail(api, 11) == ["WRONG_LOGIN"] * 10 + ["LOCKED"]


async def test_of_twenty_wrong_ones_at_once_ten_are_judged_and_the_rest_refused(
    api: Api, quick_passwords: Counter[str]
) -> None:
    codes = await asyncio.gather(*(code_of(api, password=WRONG) for _ in range(20)))

    assert Counter(codes) == {"WRONG_LOGIN": 10, "LOCKED": 10}
    assert quick_passwords[password_hash()] == 10


async def test_twenty_right_ones_at_once_are_all_let_in(api: Api) -> None:
    codes = await asyncio.gather(*(code_of(api) for _ in range(20)))

    assert codes == [None] * 20


async def test_a_right_one_among_nine_wrong_ones_at_once_is_let_in(api: Api) -> None:
    given = [PASSWORD if place == 5 else WRONG for place in range(10)]

    codes = await asyncio.gather(*(code_of(api, password=one) for one in given))

    assert codes == [None if one == PASSWORD else "WRONG_LOGIN" for one in given]


async def test_of_wrong_ones_at_once_in_two_processes_ten_are_judged(
    api: Api, settings: Settings, database: str, clock: Clock, quick_passwords: Counter[str]
) -> None:
    elsewhere = open_sources(settings, Mongo(settings.mongodb_url, database=database), clock)

    async with Api.serving(elsewhere) as other:
        codes = await asyncio.gather(
            *(code_of(one, password=WRONG) for _ in range(10) for one in (api, other))
        )

    assert Counter(codes) == {"WRONG_LOGIN": 10, "LOCKED": 10}
    assert quick_passwords[password_hash()] == 10


async def test_counting_survives_a_restart(
    api: Api, settings: Settings, database: str, clock: Clock
) -> None:
    await fail(api, 6)
    elsewhere = open_sources(settings, Mongo(settings.mongodb_url, database=database), clock)

    async with Api.serving(elsewhere) as restarted:
        assert await fail(restarted, 5) == ["WRONG_LOGIN"] * 4 + ["LOCKED"]

    assert await code_of(api) == "LOCKED"


async def test_twenty_log_ins_in_one_request_are_twenty_attempts(
    api: Api, quick_passwords: Counter[str]
) -> None:
    fields = "".join(
        f"a{place}: logIn(input: $input) {{ userErrors {{ code }} }}\n" for place in range(20)
    )
    query = f"mutation ($input: LogInInput!) {{ {fields} }}"

    data = await api.data(query, input=input_of(password=WRONG))

    codes = [payload["userErrors"][0]["code"] for payload in data.values()]
    assert codes == ["WRONG_LOGIN"] * 10 + ["LOCKED"] * 10
    assert quick_passwords[password_hash()] == 10


async def test_an_id_that_does_not_exist_is_answered_byte_for_byte_as_one_that_does(
    api: Api, quick_passwords: Counter[str]
) -> None:
    answers: dict[str, list[bytes]] = {}
    judged: dict[str, int] = {}
    for login_id in IDS:
        before = quick_passwords.total()
        given = {
            "query": LOG_IN,
            "variables": {"input": input_of(loginId=login_id, password=WRONG)},
        }
        answers[login_id] = [(await api.post(given)).content for _ in range(12)]
        judged[login_id] = quick_passwords.total() - before

    assert answers[IDS[0]] == answers[IDS[1]]
    assert judged == dict.fromkeys(IDS, 12)


async def test_an_id_in_another_case_or_with_spaces_is_the_same_account(api: Api) -> None:
    spellings = ["alice@example.jp", "ALICE@example.jp", " alice@example.jp "]
    for _, login_id in product(range(3), spellings):
        assert await fail(api, 1, loginId=login_id) == ["WRONG_LOGIN"]

    assert await fail(api, 2) == ["WRONG_LOGIN", "LOCKED"]


async def test_the_same_id_in_another_portal_is_another_account(api: Api) -> None:
    await fail(api, 10, loginId="carol")

    assert await code_of(api, loginId="carol") == "LOCKED"
    assert await code_of(api, portal="hepco", loginId="carol") is None


async def test_a_withdrawn_member_is_counted_like_an_id_that_does_not_exist(api: Api) -> None:
    nothing = MemberProfile("退会済み", None, None, None)
    await api.sources.members.put(
        "denki-jtb", "alice@example.jp", password_hash(), MemberState.WITHDRAWN, nothing
    )

    assert [await code_of(api) for _ in range(11)] == ["WRONG_LOGIN"] * 10 + ["LOCKED"]


async def test_sessions_that_are_open_outlast_a_lock(api: Api, world: World) -> None:
    await fail(api, 10)

    assert await api.data(WHO, world.alice.token) == {"viewer": {"loginId": "alice@example.jp"}}


async def test_an_attempt_whose_request_is_given_up_counts_as_wrong(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: Any) -> bool:
        raise AutoReconnect

    with monkeypatch.context() as patched:
        patched.setattr(passwords.Passwords, "matches", lost)
        for _ in range(3):
            assert (await api.ask(LOG_IN, input=input_of()))["errors"]
    await api.sources.afterwards.close()

    assert await fail(api, 8) == ["WRONG_LOGIN"] * 7 + ["LOCKED"]


async def test_a_log_in_that_is_broken_off_over_a_socket_counts_as_wrong(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging = asyncio.Event()

    async def never(*_: Any) -> bool:
        judging.set()
        await asyncio.Event().wait()
        return True

    async with api.socket(world.bob.token) as socket:
        with monkeypatch.context() as patched:
            patched.setattr(passwords.Passwords, "matches", never)
            await socket.subscribe("1", LOG_IN, input=input_of())
            await judging.wait()
            await socket.send(id="1", type="complete")
            async with asyncio.timeout(20):
                while (await api.sources.mongo.find("logInAttempts", {}))[0]["pending"]:  # noqa: ASYNC110 - MongoDB has no event
                    await asyncio.sleep(0.01)

    assert await fail(api, 10) == ["WRONG_LOGIN"] * 9 + ["LOCKED"]


async def test_attempts_of_a_process_that_died_count_as_wrong(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "_PATIENCE_SECONDS", 0.0)
    account, until = Account("denki-jtb", "alice@example.jp"), tokyo("2040-06-16T06:00:00")
    for _ in range(10):
        await api.sources.attempts.take(account, clock.now, 10, until)

    assert await code_of(api) == "LOCKED"
    clock.now = until

    assert await code_of(api) is None


async def test_the_member_is_told_of_a_lock_once(api: Api, world: World) -> None:
    profile = MemberProfile("山田花子", None, "hanako@example.jp", None)
    await api.sources.members.put(
        "denki-jtb", "alice@example.jp", password_hash(), MemberState.ACTIVE, profile
    )
    await asyncio.gather(*(code_of(api, password=WRONG) for _ in range(12)))
    await api.sources.afterwards.close()

    (told,) = await api.sources.mongo.find("outbox", {})

    assert (told["kind"], told["to"]) == ("ACCOUNT_LOCKED", "hanako@example.jp")
    assert told["member"] == world.alice.member
    assert datetime.fromisoformat(told["values"]["until_at"]) == tokyo("2040-06-16T06:00:00")


async def test_nobody_is_told_of_the_lock_of_an_id_without_an_address(api: Api) -> None:
    for login_id in IDS:
        await fail(api, 10, loginId=login_id)
    await eventually(lambda: not api.sources.afterwards._tasks)

    assert await api.sources.mongo.find("outbox", {}) == []
