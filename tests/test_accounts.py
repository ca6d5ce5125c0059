"""Accounts that the company makes: imported as often as one likes, and from nobody (MB-2)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from domain.leaving import LeaveReason
from resolvers import accounts
from resolvers.leaving import end_membership
from resolvers.sources import Sources
from tests.api import Api, Clock
from tests.first_logins import HEPCO, account_of, begin, import_accounts, postcard
from tests.registering import Customer, customer, everything, messages
from tests.world import World

NO_CONTRACT = "no supply contract has customer number C-0; import it first with --kind contracts"
ONE = ["1 stored, 0 rejected"]


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


@pytest.fixture
def sources(api: Api) -> Sources:
    return api.sources


async def members(sources: Sources) -> list[dict[str, Any]]:
    return await sources.mongo.find("members", {})


async def owners(sources: Sources, *customers: Customer) -> list[str]:
    """Whose contract and facility each is; fails if the two disagree."""
    found = []
    for each in customers:
        contract = await sources.contracts.find(HEPCO, each.number)
        (facility,) = await sources.mongo.find("facilities", {"_id": each.facility.number})
        assert contract is not None
        assert (contract.member or "") == facility["member"]
        found.append(facility["member"])
    return found


async def test_lines_that_cannot_be_taken_are_told_and_change_nothing(
    sources: Sources, world: World, tmp_path: Path
) -> None:
    taken, free, silent = [
        await customer(world, HEPCO, phone=phone) for phone in ("011-111-1111", "011-1", None)
    ]
    elsewhere = await customer(world, "mirai")
    await import_accounts(sources, tmp_path, account_of(taken))
    before = await everything(sources)

    told = await import_accounts(
        sources,
        tmp_path,
        account_of(free, number="B") | {"portal": "nowhere"},
        account_of(elsewhere, number="B") | {"portal": "mirai"},
        account_of(free, number="B") | {"customerNumbers": ["C-0"]},
        account_of(silent, number="B"),
        account_of(free, taken, number="B"),
        account_of(free, number="B") | {"customerNumbers": "x"},
    )

    assert told == [
        "0 stored, 6 rejected",
        "  line 1: there is no portal 'nowhere'",
        "  line 2: people register with portal 'mirai' themselves",
        f"  line 3: {NO_CONTRACT}",
        "  line 4: none of these contracts has a phone, which the first log-in asks for",
        f"  line 5: {taken.number} belongs to another member",
        "  line 6: customerNumbers must be a list, found 'x'",
    ]
    assert await everything(sources) == before


async def test_two_imports_of_a_file_at_once_make_one_account_and_one_postcard(
    sources: Sources, world: World, tmp_path: Path
) -> None:
    home, shop = [await customer(world, HEPCO) for _ in range(2)]
    (tmp_path / "other").mkdir()

    told = await asyncio.gather(
        *(
            import_accounts(sources, folder, account_of(home, shop))
            for folder in (tmp_path, tmp_path / "other")
        )
    )

    assert told == [ONE, ONE]
    (member,) = await members(sources)
    assert await owners(sources, home, shop) == [member["_id"]] * 2
    assert len(await messages(sources, "ACCOUNT_POSTCARD")) == 1


async def test_an_import_that_ended_in_the_middle_is_completed_by_the_next_one(
    sources: Sources, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, shop = [await customer(world, HEPCO) for _ in range(2)]
    give = sources.facilities.give

    async def fail_at_the_second(portal: str, number: str, *others: Any) -> None:
        if number == shop.number:
            raise ConnectionError
        await give(portal, number, *others)

    with monkeypatch.context() as patch:
        patch.setattr(sources.facilities, "give", fail_at_the_second)
        with pytest.raises(ConnectionError):
            await import_accounts(sources, tmp_path, account_of(home, shop))
    (member,) = await members(sources)
    assert await owners(sources, home, shop) == [member["_id"], ""]

    assert await import_accounts(sources, tmp_path, account_of(home, shop)) == ONE

    assert await owners(sources, home, shop) == [member["_id"]] * 2
    assert len(await messages(sources, "ACCOUNT_POSTCARD")) == 1


async def test_a_login_id_that_somebody_has_is_not_given_again(
    sources: Sources, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["tsubame234", "TSUBAME234", "tateyama56"])
    monkeypatch.setattr(accounts, "issued_login_id", lambda *_: next(drawn))
    lines = [account_of(await customer(world, HEPCO), number=number) for number in ("A", "B")]

    assert await import_accounts(sources, tmp_path, *lines) == ["2 stored, 0 rejected"]

    assert {member["loginId"] for member in await members(sources)} == {"tsubame234", "tateyama56"}
    assert next(drawn, None) is None


async def test_who_has_left_comes_back_with_a_new_account_number_and_not_by_the_old_file(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    """MB-15: leaving once is not undone by the file of the next night."""
    sources = api.sources
    home = await customer(world, HEPCO)
    await import_accounts(sources, tmp_path, account_of(home))
    (first,) = (await sources.members.by_ids([(await owners(sources, home))[0]])).values()
    await end_membership(sources, first, LeaveReason.WITHDRAWAL, sources.clock())

    told = await import_accounts(sources, tmp_path, account_of(home))
    assert told == [
        "0 stored, 1 rejected",
        "  line 1: the member of this account has left; a new one needs another account number",
    ]
    clock.advance(days=1)
    assert await import_accounts(sources, tmp_path, account_of(home, number="A-2")) == ONE

    session = await begin(api, **await postcard(sources))
    assert session["duties"] == ["CONTRACT_PHONE"]
    assert await owners(sources, home) != [first.id]
