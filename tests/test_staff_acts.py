"""What staff do for members and to them, by GraphQL."""

import asyncio
from pathlib import Path

from domain.facilities import PaymentMethod
from domain.staff import StaffRole
from schema.nodes import node_id
from tests.api import Api, Clock
from tests.first_logins import account_of, begin, confirm_phone, import_accounts, postcard
from tests.logging_in import WHO, code_of, fail, log_in
from tests.registering import (
    PHONE,
    codes,
    confirm_code,
    customer,
    messages,
)
from tests.staffing import (
    DEAD,
    EMAIL,
    FILE,
    MIRAI,
    act,
    dead_message,
    file_of,
    hired_token,
    id_of,
    register,
    registered,
)
from tests.world import World


async def test_a_locked_member_is_unlocked_and_logs_in_at_once(api: Api, world: World) -> None:
    await fail(api, 10)
    assert await code_of(api) == "LOCKED"
    token = await hired_token(api, "clerk", StaffRole.CLERK)

    unlocked = await act(
        api, token, "staffUnlockMember", memberId=world.alice.member_id, note="called us"
    )

    assert unlocked == []
    assert await code_of(api) is None
    shown = await file_of(api, token, "denki-jtb", loginId="alice@example.jp")
    assert shown["tries"] == []
    assert shown["acts"] == [
        {"act": "UNLOCKED", "staffLoginId": "clerk", "reason": None, "note": "called us"}
    ]


async def test_a_lost_postcard_is_issued_again_and_the_code_of_the_first_is_dead(
    api: Api, world: World
) -> None:
    """MB-8."""
    await registered(api, world, payment_method=PaymentMethod.PAYMENT_SLIP)
    token = await hired_token(api, "clerk", StaffRole.CLERK)
    member = await id_of(api, token)
    mine = (await log_in(api, **MIRAI))["session"]["accessToken"]
    (lost,) = await messages(api.sources, "POSTCARD_CODE")

    assert await act(api, token, "staffReissuePostcard", memberId=member) == []

    letters = await messages(api.sources, "POSTCARD_CODE")
    (second,) = [letter for letter in letters if letter["_id"] != lost["_id"]]
    assert codes(await confirm_code(api, mine, lost["values"]["code"])) == ["WRONG_CODE"]
    assert codes(await confirm_code(api, mine, second["values"]["code"])) == []
    again = await act(api, token, "staffReissuePostcard", memberId=member)
    assert again == ["NO_POSTCARD"]
    assert len(await messages(api.sources, "POSTCARD_CODE")) == 2


async def test_a_postcard_with_an_account_is_issued_again_and_wrong_phone_numbers_forgotten(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    """MB-7, MB-8 (H)."""
    home = await customer(world, "hepco")
    await import_accounts(api.sources, tmp_path, account_of(home))
    first = await postcard(api.sources)
    token = await hired_token(api, "clerk", StaffRole.CLERK, "hepco")
    member = (await file_of(api, token, "hepco", customerNumber=home.number))["id"]
    clock.advance(minutes=1)

    assert await act(api, token, "staffReissuePostcard", memberId=member) == []

    second = await postcard(api.sources)
    assert second["loginId"] == first["loginId"]
    assert await code_of(api, **first) == "WRONG_LOGIN"
    mine = (await begin(api, **second))["accessToken"]
    wrong = [codes(await confirm_phone(api, mine, "03-9999-9999")) for _ in range(11)]
    assert wrong == [["WRONG_PHONE"]] * 10 + [["PHONE_LOCKED"]]
    shown = await file_of(api, token, "hepco", id=member)
    assert [(each["kind"], each["wrong"]) for each in shown["tries"]] == [("CONTRACT_PHONE", 10)]
    assert (shown["postcard"]["issuedAt"], shown["postcard"]["endsAt"] > "2040") == (None, True)
    assert shown["history"]["joinedAt"] == "2040-06-15T12:10:00+09:00"
    assert await act(api, token, "staffUnlockMember", memberId=member) == []
    assert codes(await confirm_phone(api, mine, PHONE)) == []


async def test_a_registration_is_removed_and_the_member_registers_again(
    api: Api, world: World
) -> None:
    """MB-11 (M): for who has forgotten the answer too."""
    hanako = await registered(api, world)
    mine = (await log_in(api, **MIRAI))["session"]["accessToken"]
    await fail(api, 10, **{name: MIRAI[name] for name in ("portal", "loginId")})
    token = await hired_token(api, "manager")
    member = await id_of(api, token)

    removed = await act(
        api, token, "staffRemoveRegistration", memberId=member, reason="答えを忘れた"
    )

    assert removed == []
    assert await api.code(WHO, mine) == "UNAUTHENTICATED"
    (told,) = await messages(api.sources, "REGISTRATION_REMOVED", EMAIL)
    assert told["values"] == {"at": "2040-06-15T03:10:00+00:00"}
    await register(api, hanako)
    assert await code_of(api, **MIRAI) is None
    both = await api.data(FILE, token, portal="mirai", by={"loginId": "Hanako_2040"})
    left, present = sorted(
        both["staff"]["members"], key=lambda each: str(each["state"]), reverse=True
    )
    assert (left["id"], left["state"]) == (member, "WITHDRAWN")
    assert left["history"]["leaveReason"] == "REGISTRATION_REMOVED"
    assert left["acts"][0]["reason"] == "答えを忘れた"
    assert (present["state"], present["acts"]) == ("ACTIVE", [])
    for name, more in {
        "staffRemoveRegistration": {"reason": "again"},
        "staffUnlockMember": {},
        "staffEndMembership": {"reason": "FALSE_DATA"},
    }.items():
        assert await act(api, token, name, memberId=member, **more) == ["NO_SUCH_MEMBER"]


async def test_a_membership_is_ended_for_a_reason_that_is_recorded(api: Api, world: World) -> None:
    """MB-16."""
    token = await hired_token(api, "manager")
    given = {"memberId": world.carol.member_id, "reason": "PERSON_DIED", "note": "遺族より連絡"}

    assert await act(api, token, "staffEndMembership", **given) == []

    assert await api.code(WHO, world.carol.token) == "UNAUTHENTICATED"
    assert await code_of(api, portal="hepco", loginId="carol") == "WRONG_LOGIN"
    shown = await file_of(api, token, "hepco", id=world.carol.member_id)
    assert (shown["state"], shown["sessionCount"]) == ("WITHDRAWN", 0)
    assert shown["history"]["leaveReason"] == "PERSON_DIED"
    assert shown["history"]["leftAt"] == "2040-06-15T12:10:00+09:00"
    assert shown["acts"][0]["act"] == "MEMBERSHIP_ENDED"
    assert shown["acts"][0]["note"] == "遺族より連絡"


async def test_of_two_who_end_a_membership_at_once_one_has_done_it(api: Api, world: World) -> None:
    token = await hired_token(api, "manager")
    given = {"memberId": world.carol.member_id, "reason": "FALSE_DATA"}

    results = await asyncio.gather(
        *(act(api, token, "staffEndMembership", **given) for _ in range(3))
    )

    assert sorted(results) == [[], ["NO_SUCH_MEMBER"], ["NO_SUCH_MEMBER"]]
    shown = await file_of(api, token, "hepco", id=world.carol.member_id)
    assert len(shown["acts"]) == 1


async def test_a_message_that_was_given_up_is_seen_and_sent_again(api: Api) -> None:
    """NO-4."""
    lost = await dead_message(api, "mirai")
    token = await hired_token(api, "clerk", StaffRole.CLERK)

    (shown,) = (await api.data(DEAD, token))["staff"]["deadMessages"]

    assert shown == {
        "id": lost,
        "kind": "PASSWORD_CHANGED",
        "portal": "mirai",
        "memberId": node_id("Member", "a" * 24),
        "channel": "MAIL",
        "reason": "SMTPRecipientRefused 550",
        "attempts": 1,
    }
    assert await act(api, token, "staffResendMessage", id=lost) == []
    assert (await api.data(DEAD, token))["staff"]["deadMessages"] == []
    assert await act(api, token, "staffResendMessage", id=lost) == ["NO_SUCH_MESSAGE"]


async def test_what_staff_write_is_checked(api: Api, world: World) -> None:
    token = await hired_token(api, "manager")
    member = {"memberId": world.alice.member_id}
    wrong = {"x" * 201: "TOO_LONG", "": "REQUIRED", "a\u202eb": "BAD_CHARACTER"}

    for text, code in wrong.items():
        done = await act(api, token, "staffRemoveRegistration", **member, reason=text)
        assert done == [code]
        assert await act(api, token, "staffUnlockMember", **member, note=text) == [code]
    assert (await api.data(WHO, world.alice.token))["viewer"] is not None
