"""Another postcard for an account, of the kind that its portal sends (MB-7, MB-8)."""

from typing import Any

import pytest

from datasources.postcards import PostcardInTransit
from domain.facilities import PaymentMethod
from domain.leaving import LeaveReason
from domain.members import MemberProfile, MemberState
from resolvers.account_postcards import reissue_account_postcard
from resolvers.leaving import end_membership
from resolvers.passwords import PASSWORDS
from tests.api import Api, Clock
from tests.first_logins import (
    HEPCO,
    account_of,
    begin,
    change_password,
    confirm_phone,
    import_accounts,
    postcard,
)
from tests.logging_in import code_of
from tests.registering import (
    NAME,
    PASSWORD,
    PHONE,
    codes,
    complete,
    confirm_code,
    customer,
    everything,
    link_token,
    messages,
)
from tests.stories import test_hokulink
from tests.world import World, password_hash

EMAIL = "hanako@example.jp"


class Notes:
    """What staff write in the transaction of the act."""

    def __init__(self) -> None:
        self.written = 0

    async def __call__(self, transaction: Any) -> None:
        assert transaction is not None
        self.written += 1


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


async def member_of(api: Api, portal: str) -> str:
    (member,) = await api.sources.mongo.find("members", {"portal": portal})
    found: str = member["_id"]
    return found


async def reissue(api: Api, member: str) -> bool:
    """Whether there was a postcard to send; then a note was written with it, else none."""
    notes = Notes()
    sent = await reissue_account_postcard(api.sources, member, api.sources.clock(), notes)
    assert (notes.written > 0) == sent
    return sent


async def test_an_account_gets_another_password_and_has_to_be_opened_again(
    api: Api, world: World, clock: Clock, tmp_path: Any
) -> None:
    home = await customer(world, HEPCO)
    await import_accounts(api.sources, tmp_path, account_of(home))
    member = await member_of(api, HEPCO)
    old = await postcard(api.sources)
    opened = (await begin(api, **old))["accessToken"]
    await confirm_phone(api, opened, PHONE)
    await change_password(api, opened, old["password"], PASSWORD)
    clock.advance(days=200)
    session = await begin(api, **old | {"password": PASSWORD})
    assert session["duties"] == []

    # What goes wrong with the note undoes all of it.
    async def fail(_: Any) -> None:
        raise ConnectionError

    before = await everything(api.sources)
    with pytest.raises(ConnectionError):
        await reissue_account_postcard(api.sources, member, clock.now, fail)
    assert await everything(api.sources) == before

    assert await reissue(api, member)

    assert await api.code("{ viewer { id } }", session["accessToken"]) == "UNAUTHENTICATED"
    for dead in (PASSWORD, old["password"]):
        assert await code_of(api, **old | {"password": dead}) == "WRONG_LOGIN"
    new = await postcard(api.sources)
    assert new["loginId"] == old["loginId"]
    assert (await begin(api, **new))["duties"] == ["CONTRACT_PHONE"]
    clock.advance(days=90)
    assert await code_of(api, **new) == "WRONG_LOGIN"
    assert await reissue(api, member)
    assert await code_of(api, **await postcard(api.sources)) is None


async def test_a_first_password_is_sent_again_until_the_member_has_one_of_its_own(
    api: Api, world: World, clock: Clock
) -> None:
    portal = test_hokulink.PORTAL
    hanako = await customer(world, portal, payment_method=PaymentMethod.PAYMENT_SLIP)
    token = await link_token(api, portal, EMAIL)
    await complete(api, portal, token, test_hokulink.entered(hanako), course="POSTCARD")
    (mail,) = await messages(api.sources, "LOGIN_ID", EMAIL)
    me = {"portal": portal, "loginId": mail["values"]["login_id"]}
    member = await member_of(api, portal)
    clock.advance(days=31)

    assert await reissue(api, member)

    lost, letter = await messages(api.sources, "FIRST_PASSWORD")
    assert await code_of(api, **me, password=lost["values"]["password"]) == "WRONG_LOGIN"
    first = letter["values"]["password"]
    session = await begin(api, **me, password=first)
    assert session["duties"] == ["NEW_PASSWORD", "KEYWORDS", "PROFILE"]
    await change_password(api, session["accessToken"], first, PASSWORD)
    before = await everything(api.sources)
    assert not await reissue(api, member)
    assert await everything(api.sources) == before


async def test_a_code_is_sent_again_and_the_one_before_is_dead(api: Api, world: World) -> None:
    sources, now = api.sources, api.sources.clock()
    hanako = await world.person("mirai", "hanako_1", facilities=0)
    await sources.members.put(
        "mirai",
        "hanako_1",
        password_hash(),
        MemberState.POSTCARD_IN_TRANSIT,
        MemberProfile(NAME, None, None, None),
    )
    home = await customer(world, "mirai")
    lost = PostcardInTransit(hanako.member, await PASSWORDS.hash("ABCD2345"), now, now)

    async def begin(transaction: Any) -> None:
        await sources.contracts.claim(home.contract.id, hanako.member, transaction)
        await sources.postcards.put(lost, transaction)

    await sources.mongo.transaction(begin)

    assert await reissue(api, hanako.member)

    assert codes(await confirm_code(api, hanako.token, "ABCD-2345")) == ["WRONG_CODE"]
    (letter,) = await messages(sources, "POSTCARD_CODE")
    assert codes(await confirm_code(api, hanako.token, letter["values"]["code"])) == []
    assert not await reissue(api, hanako.member)


async def test_nobody_else_gets_a_postcard(api: Api, world: World, tmp_path: Any) -> None:
    home = await customer(world, HEPCO)
    await import_accounts(api.sources, tmp_path, account_of(home))
    (left,) = (await api.sources.members.by_ids([await member_of(api, HEPCO)])).values()
    await end_membership(api.sources, left, LeaveReason.UNSUITABLE_USE, api.sources.clock())
    without_contract = await world.person(HEPCO, "carol")
    of_another_portal = await world.person("hapie", "kate01")
    assert left.state is not MemberState.WITHDRAWN
    before = await everything(api.sources)

    for member in (left.id, without_contract.member, of_another_portal.member, "0" * 24):
        assert not await reissue(api, member)

    assert await everything(api.sources) == before
