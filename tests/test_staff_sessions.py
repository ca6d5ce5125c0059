"""Sessions of staff, by GraphQL: their end, their passwords, and that no member's is one."""

import asyncio
from typing import Any

from domain.staff import StaffRole
from resolvers import staff_accounts
from schema.nodes import node_id
from tests.api import Api, Clock
from tests.logging_in import WHO
from tests.staffing import (
    STAFF_PASSWORD,
    WHO_OF_STAFF,
    act,
    hired,
    hired_token,
    staff_log_in,
    token_of,
)
from tests.world import World


async def test_a_session_lasts_while_it_is_used_and_a_working_day_at_most(
    api: Api, clock: Clock
) -> None:
    account = await hired(api.sources, "clerk", StaffRole.CLERK, "mirai", "hepco")
    assert (await api.data(WHO_OF_STAFF))["staff"] is None

    session = (await staff_log_in(api, "CLERK"))["session"]

    assert session["staff"] == {
        "id": node_id("Staff", account.id),
        "loginId": "clerk",
        "name": "受付 太郎",
        "role": "CLERK",
        "portals": ["hepco", "mirai"],
    }
    assert session["expiresAt"] == "2040-06-15T12:30:00+09:00"
    token, idle = session["accessToken"], await token_of(api, "clerk")
    for _ in range(25):
        clock.advance(minutes=19)
        assert (await api.data(WHO_OF_STAFF, token))["staff"] == {"loginId": "clerk"}
    assert await api.code(WHO_OF_STAFF, idle) == "UNAUTHENTICATED"
    clock.advance(minutes=5)
    assert await api.code(WHO_OF_STAFF, token) == "UNAUTHENTICATED"


async def test_no_session_of_staff_is_a_member_s_and_no_member_s_is_one_of_staff(
    api: Api, world: World
) -> None:
    token = await hired_token(api, "clerk")

    assert await api.code(WHO_OF_STAFF, world.alice.token) == "UNAUTHENTICATED"
    assert await api.code(WHO, token) == "UNAUTHENTICATED"
    assert await act(api, world.alice.token, "staffUnlockMember", memberId=world.bob.member_id) == [
        "NOT_LOGGED_IN"
    ]
    query = "mutation { logOut { userErrors { code } } }"
    (error,) = (await api.data(query, token))["logOut"]["userErrors"]
    assert error["code"] == "NOT_LOGGED_IN"
    async with api.raw_socket() as connection:
        payload = f'{{"authorization": "Bearer {token}"}}'
        await connection.send(f'{{"type": "connection_init", "payload": {payload}}}')
        await asyncio.wait_for(connection.wait_closed(), 5)
        assert connection.close_code == 4403


async def test_a_request_that_logs_in_as_staff_is_no_member_s_any_more(
    api: Api, world: World
) -> None:
    await hired(api.sources, "clerk")
    query = f"""mutation {{
      confirmPassword(input: {{password: "x"}}) {{ userErrors {{ code }} }}
      staffLogIn(input: {{loginId: "clerk", password: "{STAFF_PASSWORD}"}}) {{
        session {{ staff {{ members(portal: "hepco", by: {{loginId: "carol"}}) {{ id }} }} }}
      }}
      withdraw {{ userErrors {{ code }} }}
      staffLogOut {{ userErrors {{ code }} }}
      staffUnlockMember(input: {{memberId: "{world.bob.member_id}"}}) {{ userErrors {{ code }} }}
    }}"""

    data = await api.data(query, world.alice.token)

    assert data["confirmPassword"]["userErrors"] == [{"code": "WRONG_PASSWORD"}]
    (carol,) = data["staffLogIn"]["session"]["staff"]["members"]
    assert carol == {"id": world.carol.member_id}
    assert data["withdraw"]["userErrors"] == [{"code": "NOT_LOGGED_IN"}]
    assert data["staffLogOut"]["userErrors"] == []
    assert data["staffUnlockMember"]["userErrors"] == [{"code": "NOT_LOGGED_IN"}]


async def test_log_ins_are_counted_and_tell_nothing_of_who_there_is(api: Api, clock: Clock) -> None:
    account = await hired(api.sources, "clerk")
    gone = await hired(api.sources, "gone")
    known = await api.sources.staff.by_id(gone.id)
    assert known is not None
    assert await staff_accounts.end(api.sources, known)
    answers: dict[str, list[Any]] = {}

    for login_id in ("clerk", "gone", "nobody"):
        wrong = [await staff_log_in(api, login_id, "wrong-password-1") for _ in range(10)]
        answers[login_id] = [*wrong, await staff_log_in(api, login_id)]

    assert answers["clerk"] == answers["gone"] == answers["nobody"]
    found = [each["userErrors"][0]["code"] for each in answers["clerk"]]
    assert found == ["WRONG_LOGIN"] * 10 + ["LOCKED"]
    clock.advance(hours=18)
    token = await token_of(api, "clerk")
    known = await api.sources.staff.by_id(account.id)
    assert known is not None
    assert await staff_accounts.end(api.sources, known)
    assert await api.code(WHO_OF_STAFF, token) == "UNAUTHENTICATED"


async def test_a_password_is_changed_by_who_has_it_and_ends_the_other_sessions(api: Api) -> None:
    token, other = await hired_token(api, "clerk"), await token_of(api, "clerk")
    new = "Otter-in-the-pond-9"

    async def change(current: str, wanted: str) -> list[str]:
        given = {"currentPassword": current, "newPassword": wanted}
        return await act(api, token, "staffChangePassword", **given)

    assert await change("wrong-password-1", new) == ["WRONG_PASSWORD"]
    assert await change(STAFF_PASSWORD, "short") == ["TOO_SHORT"]
    assert await change(STAFF_PASSWORD, STAFF_PASSWORD) == ["SAME_PASSWORD"]
    assert await change(STAFF_PASSWORD, new) == []
    assert (await api.data(WHO_OF_STAFF, token))["staff"] == {"loginId": "clerk"}
    assert await api.code(WHO_OF_STAFF, other) == "UNAUTHENTICATED"
    assert (await staff_log_in(api, "clerk"))["session"] is None
    assert (await staff_log_in(api, "clerk", new))["userErrors"] == []
