"""Members as staff see them, by GraphQL."""

from domain.facilities import PaymentMethod
from domain.staff import StaffRole
from tests.api import Api, Clock
from tests.logging_in import WHO, fail, log_in
from tests.registering import (
    NAME,
    PHONE,
    confirm_code,
)
from tests.staffing import (
    DEAD,
    EMAIL,
    MIRAI,
    act,
    dead_message,
    file_of,
    found,
    hired_token,
    registered,
    token_of,
)
from tests.world import World


async def test_a_member_is_found_by_what_can_be_told_on_the_phone(api: Api, world: World) -> None:
    hanako = await registered(api, world)
    token = await hired_token(api, "clerk", StaffRole.CLERK)

    shown = await file_of(api, token, loginId="hanako_2040")

    same = {"id": shown["id"], "customerNumber": hanako.number.lower(), "email": EMAIL.upper()}
    for key, value in same.items():
        assert [each["id"] for each in await found(api, token, "mirai", **{key: value})] == [
            shown["id"]
        ], key
    alice = await found(
        api, token, "denki-jtb", customerNumber=world.alice.facility.customer_number
    )
    assert [each["id"] for each in alice] == [world.alice.member_id]
    elsewhere = [
        await found(api, token, "hepco", id=shown["id"]),
        await found(api, token, "hepco", loginId="Hanako_2040"),
        await found(api, token, "mirai", id="no id"),
        await found(api, token, "mirai", email=""),
    ]
    assert elsewhere == [[], [], [], []]


async def test_the_file_of_a_member_says_how_things_stand(
    api: Api, world: World, clock: Clock
) -> None:
    hanako = await registered(api, world, payment_method=PaymentMethod.PAYMENT_SLIP)
    session = (await log_in(api, **MIRAI))["session"]
    for _ in range(3):
        await confirm_code(api, session["accessToken"], "2222-2222")
    await fail(api, 10, **{name: MIRAI[name] for name in ("portal", "loginId")})
    await api.sources.afterwards.close()
    token = await hired_token(api, "clerk")

    shown = await file_of(api, token, loginId="Hanako_2040")

    assert shown["state"] == "POSTCARD_IN_TRANSIT"
    assert (shown["emails"], shown["customerNumbers"]) == ([EMAIL], [hanako.number])
    assert (shown["profile"], shown["sessionCount"]) == ({"name": NAME, "phone": PHONE}, 1)
    now = "2040-06-15T12:10:00+09:00"
    assert shown["history"] == {
        "joinedAt": now,
        "loggedInAt": now,
        "leavesAt": None,
        "leftAt": None,
        "leaveReason": None,
    }
    ends_at = "2040-06-16T12:10:00+09:00"
    assert shown["registrations"] == [{"endsAt": ends_at, "usedUp": True}]
    locked = "2040-06-16T06:00:00+09:00"
    assert shown["tries"] == [
        {"kind": "LOG_IN", "wrong": 10, "lockedUntil": locked},
        {"kind": "POSTCARD_CODE", "wrong": 3, "lockedUntil": None},
    ]
    assert shown["postcard"]["issuedAt"] == now
    kinds = {(each["kind"], each["channel"], each["state"]) for each in shown["messages"]}
    assert kinds == {
        ("REGISTERED", "MAIL", "WAITING"),
        ("POSTCARD_CODE", "LETTER", "WAITING"),
        ("ACCOUNT_LOCKED", "MAIL", "WAITING"),
    }
    assert shown["acts"] == []
    clock.advance(hours=18)
    later = await file_of(api, await token_of(api, "clerk"), loginId="Hanako_2040")
    assert [each["kind"] for each in later["tries"]] == ["POSTCARD_CODE"]


async def test_staff_see_the_portals_that_are_theirs_and_no_others(api: Api, world: World) -> None:
    token = await hired_token(api, "clerk", StaffRole.MANAGER, "hepco")
    query = """query ($portal: String!) {
      staff { members(portal: $portal, by: {loginId: "alice@example.jp"}) { id } }
    }"""
    lost = [await dead_message(api, portal) for portal in ("mirai", "hepco")]

    assert await found(api, token, "hepco", loginId="carol") != []
    assert await api.code(query, token, portal="denki-jtb") == "FORBIDDEN"
    assert await api.code(query, await hired_token(api, "all"), portal="nowhere") == "BAD_INPUT"
    shown = (await api.data(DEAD, token))["staff"]["deadMessages"]
    assert [each["id"] for each in shown] == [lost[1]]
    assert await act(api, token, "staffResendMessage", id=lost[0]) == ["NO_SUCH_MESSAGE"]
    alice = {"memberId": world.alice.member_id}
    for name, more in {
        "staffUnlockMember": {},
        "staffReissuePostcard": {},
        "staffRemoveRegistration": {"reason": "forgotten answer"},
        "staffEndMembership": {"reason": "FALSE_DATA"},
    }.items():
        assert await act(api, token, name, **alice, **more) == ["NO_SUCH_MEMBER"]
    assert (await api.data(WHO, world.alice.token))["viewer"] is not None


async def test_exactly_one_key_is_looked_for(api: Api) -> None:
    token = await hired_token(api, "clerk")
    query = 'query ($by: MemberBy!) { staff { members(portal: "mirai", by: $by) { id } } }'

    assert await api.code(query, token, by={}) == "BAD_INPUT"
    assert await api.code(query, token, by={"loginId": "a", "email": "b"}) == "BAD_INPUT"
