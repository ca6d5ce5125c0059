"""How many wrong log-ins one client address may send, so that it cannot lock everybody."""

from dataclasses import replace

import pytest

from domain.settings import Settings
from resolvers import passwords
from tests.api import Api, Clock
from tests.logging_in import LOG_IN, code_of, fail, input_of, log_in
from tests.world import PASSWORD, World, password_hash

pytestmark = pytest.mark.usefixtures("world")

MOST = 6


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, wrong_log_ins_per_address=MOST)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords compared without the costs of argon2id."""
    monkeypatch.setattr(
        passwords,
        "_verify",
        lambda stored, given: stored == password_hash() and given == PASSWORD,
    )


async def test_after_so_many_wrong_log_ins_any_is_refused_with_the_time_to_come_again(
    api: Api,
) -> None:
    for place in range(MOST):
        assert await fail(api, 1, loginId=f"{place}@example.jp") == ["WRONG_LOGIN"]

    assert (await log_in(api))["userErrors"] == [
        {
            "code": "TOO_MANY_ATTEMPTS",
            "message": "too many wrong log-ins from where you are: wait a while",
            "field": None,
            "retryAt": "2040-06-15T12:20:00+09:00",
        }
    ]


async def test_they_come_back_one_by_one(api: Api, clock: Clock) -> None:
    await fail(api, MOST)
    clock.advance(minutes=10)

    assert await fail(api, 2) == ["WRONG_LOGIN", "TOO_MANY_ATTEMPTS"]


async def test_right_log_ins_cost_nothing(api: Api) -> None:
    assert [await code_of(api) for _ in range(2 * MOST)] == [None] * 2 * MOST


async def test_what_an_address_may_not_send_counts_against_no_account(
    api: Api, clock: Clock
) -> None:
    assert (await fail(api, 20))[MOST:] == ["TOO_MANY_ATTEMPTS"] * (20 - MOST)
    clock.advance(hours=1)

    assert await code_of(api) is None


async def test_over_a_socket_they_count_alike(api: Api, world: World) -> None:
    await fail(api, MOST)

    async with api.socket(world.bob.token) as socket:
        await socket.subscribe("1", LOG_IN, input=input_of())
        answer = await socket.receive()

    errors = answer["payload"]["data"]["logIn"]["userErrors"]
    assert errors[0]["code"] == "TOO_MANY_ATTEMPTS"


async def test_behind_a_trusted_proxy_clients_are_told_apart(api: Api) -> None:
    given = {"query": LOG_IN, "variables": {"input": input_of(password="wrong horse 1")}}
    for _ in range(MOST):
        await api.post(given, **{"x-forwarded-for": "203.0.113.7"})
    refused = await api.post(given, **{"x-forwarded-for": "203.0.113.7"})
    other = await api.post(given, **{"x-forwarded-for": "203.0.113.8"})

    def code(answer: dict[str, dict[str, dict[str, list[dict[str, str]]]]]) -> str:
        return answer["data"]["logIn"]["userErrors"][0]["code"]

    assert (code(refused.json()), code(other.json())) == ("TOO_MANY_ATTEMPTS", "WRONG_LOGIN")
