"""Reads that requests share: which keys go in one command, and what becomes of those who ask."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import pytest

from resolvers import joined
from resolvers.joined import Asked, Joined, JoinedByArguments
from tests.api import eventually


class Database:
    """Answers a number with its double when it is let, and notes the commands."""

    def __init__(self) -> None:
        self.commands: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = False

    async def read(self, keys: Sequence[int]) -> list[int]:
        self.commands.append(list(keys))
        gate, broken = self.gate, self.broken
        await gate.wait()
        if broken:
            raise ConnectionError(f"no answer to {list(keys)}")
        return [2 * key for key in keys]

    def hold(self) -> Callable[[], None]:
        """Let the commands that begin from now on wait until the answer is called."""
        self.gate = asyncio.Event()
        return self.gate.set


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody loses patience, however slow the machine is."""
    monkeypatch.setattr(joined, "_PATIENCE_SECONDS", 3600)


async def ask(reads: Joined[int, int], *keys: int, asker: str = "a") -> list[int]:
    return await asyncio.gather(*(reads.load(key, asker) for key in keys))


async def one(reads: Joined[int, int], key: int) -> int:
    return await reads.load(key, key)


async def begun(database: Database, commands: int) -> None:
    await eventually(lambda: len(database.commands) == commands)


class TestOneMoment:
    async def test_keys_of_the_same_moment_go_in_one_command_whoever_asks(
        self, database: Database
    ) -> None:
        reads = Joined(database.read)
        found = await asyncio.gather(ask(reads, 1, 2), ask(reads, 3, asker="b"))
        assert list(found) == [[2, 4], [6]]
        assert database.commands == [[1, 2, 3]]

    async def test_a_key_that_several_ask_for_is_read_once(self, database: Database) -> None:
        reads = Joined(database.read)
        found = await asyncio.gather(ask(reads, 1, 2, 1), ask(reads, 2, 3, asker="b"))
        assert list(found) == [[2, 4, 2], [4, 6]]
        assert database.commands == [[1, 2, 3]]

    async def test_nothing_is_kept(self, database: Database) -> None:
        reads = Joined(database.read)
        assert await ask(reads, 1) == await ask(reads, 1) == [2]
        assert database.commands == [[1], [1]]

    async def test_an_answer_can_be_awaited_as_often_as_one_likes(self, database: Database) -> None:
        asked = Joined(database.read).load(1, "a")
        assert list(await asyncio.gather(asked, asked)) == [2, 2]
        assert await asked == 2
        assert database.commands == [[1]]

    async def test_a_command_is_no_part_of_the_request_that_asked_first(self) -> None:
        request = ContextVar("request", default="none")

        async def read(keys: Sequence[int]) -> list[str]:
            return [request.get() for _ in keys]

        request.set("a")
        assert await Joined(read).load(1, "a") == "none"


@pytest.mark.usefixtures("patient")
class TestBusy:
    async def test_while_two_commands_are_under_way_the_next_one_gathers(
        self, database: Database
    ) -> None:
        reads = Joined(database.read)
        let_go = database.hold()
        asking = []
        for number in range(1, 6):
            asking.append(asyncio.create_task(ask(reads, number, asker=str(number))))
            await begun(database, min(number, 2))
        assert database.commands == [[1], [2]]

        let_go()

        assert await asyncio.gather(*asking) == [[2], [4], [6], [8], [10]]
        assert database.commands == [[1], [2], [3, 4, 5]]

    async def test_a_heavy_request_goes_at_once_and_alone_and_holds_up_nobody(
        self, database: Database
    ) -> None:
        reads = Joined(database.read, weigh=lambda key: key)
        let_go = database.hold()
        first = asyncio.gather(ask(reads, 50, 49), ask(reads, 60, 40, asker="heavy"))
        await begun(database, 2)
        second = asyncio.gather(ask(reads, 100, asker="heavy"), ask(reads, 2, asker="b"))
        await begun(database, 4)
        third = asyncio.gather(ask(reads, 3, asker="c"), ask(reads, 101, 102, asker="heavy"))
        await begun(database, 5)
        assert database.commands == [[60, 40], [50, 49], [100], [2], [101, 102]]

        let_go()

        assert list(await first) == [[100, 98], [120, 80]]
        assert list(await second) == [[200], [4]]
        assert list(await third) == [[6], [202, 204]]
        assert database.commands[5:] == [[3]]

    async def test_what_waits_is_cut_into_commands_of_bounded_weight(
        self, database: Database
    ) -> None:
        reads = Joined(database.read, weigh=lambda key: 90)
        askers = [ask(reads, number, asker=str(number)) for number in range(25)]
        assert await asyncio.gather(*askers) == [[2 * number] for number in range(25)]
        assert [len(command) for command in database.commands] == [11, 11, 3]

    async def test_very_many_keys_of_one_request_are_cut_too(self, database: Database) -> None:
        reads = Joined(database.read)
        assert await ask(reads, *range(2500)) == list(range(0, 5000, 2))
        assert [len(command) for command in database.commands] == [1000, 1000, 500]


async def test_slow_commands_hold_up_others_for_a_moment_only(database: Database) -> None:
    reads = Joined(database.read)
    let_go = database.hold()
    asking = []
    for number in range(4):
        asking.append(asyncio.create_task(ask(reads, number, asker=str(number))))
        await begun(database, min(number + 1, 2))

    await begun(database, 3)

    assert database.commands == [[0], [1], [2, 3]]
    let_go()
    assert await asyncio.gather(*asking) == [[0], [2], [4], [6]]


@pytest.mark.usefixtures("patient")
class TestGivingUp:
    async def test_one_who_gives_up_disturbs_no_other(self, database: Database) -> None:
        reads = Joined(database.read)
        let_go = database.hold()
        one, other = (asyncio.create_task(ask(reads, 1, asker=name)) for name in "ab")
        same = reads.load(2, "c")
        two = [asyncio.ensure_future(same) for _ in range(2)]
        await begun(database, 1)

        one.cancel()
        two[0].cancel()
        await asyncio.wait([one, two[0]])
        let_go()

        assert one.cancelled()
        assert two[0].cancelled()
        assert (await other, await two[1]) == ([2], 4)
        assert sorted(*database.commands) == [1, 2]

    async def test_what_nobody_waits_for_any_more_is_not_read(self, database: Database) -> None:
        reads = Joined(database.read)
        let_go = database.hold()
        asking = []
        for number in range(5):
            asking.append(asyncio.create_task(one(reads, number)))
            await begun(database, min(number + 1, 2))
        await asyncio.sleep(0)

        asking[3].cancel()
        let_go()

        await asyncio.wait(asking)
        assert database.commands == [[0], [1], [2, 4]]
        assert asking[3].cancelled()

    async def test_a_heavy_request_that_gave_up_is_not_read(self, database: Database) -> None:
        reads = Joined(database.read, weigh=lambda key: 100)
        asking = asyncio.create_task(one(reads, 1))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        assert await one(reads, 2) == 4
        assert database.commands == [[2]]

    async def test_a_loop_that_closes_leaves_nothing_behind(self) -> None:
        async def leave() -> None:
            database = Database()
            database.hold()
            reads = Joined(database.read)
            tasks = [asyncio.create_task(one(reads, number)) for number in range(3)]
            await begun(database, 1)
            tasks += [asyncio.create_task(one(reads, number)) for number in range(9)]

        # A loop of its own, whose complaints about what is still pending would be warnings.
        await asyncio.to_thread(lambda: asyncio.run(leave()))


class TestErrors:
    async def test_an_error_reaches_all_of_its_command_and_nobody_else(
        self, database: Database
    ) -> None:
        reads = Joined(database.read)
        let_go = database.hold()
        database.broken = True
        first = asyncio.gather(ask(reads, 1), ask(reads, 2, asker="b"), return_exceptions=True)
        await begun(database, 1)
        database.broken = False
        second = asyncio.create_task(ask(reads, 1, asker="c"))
        await begun(database, 2)
        let_go()

        errors = await first

        assert [str(error) for error in errors] == ["no answer to [1, 2]"] * 2
        assert {type(error) for error in errors} == {ConnectionError}
        assert await second == [2]
        assert await ask(reads, 1) == [2]

    async def test_an_answer_that_does_not_fit_the_question_is_an_error(self) -> None:
        async def short(keys: Sequence[int]) -> list[int]:
            return list(keys)[:-1]

        with pytest.raises(ValueError, match="shorter"):
            await ask(Joined(short), 1, 2)

    async def test_an_error_is_the_same_for_who_comes_late(self, database: Database) -> None:
        database.broken = True
        asked: Asked[int] = Joined(database.read).load(1, "a")
        for _ in range(2):
            with pytest.raises(ConnectionError, match=r"no answer to \[1\]"):
                await asked


class TestArguments:
    async def test_every_distinct_set_of_arguments_has_a_command(self) -> None:
        commands: list[tuple[Any, ...]] = []

        async def read(keys: Sequence[int], owner: str, limit: int) -> Mapping[int, str]:
            commands.append((list(keys), owner, limit))
            return {key: f"{owner}{limit * key}" for key in keys}

        reads = JoinedByArguments(read)
        found = await asyncio.gather(
            reads.load(1, "a", 3),
            reads.load(2, "a", 3),
            reads.load(2, "b", 3),
            reads.load(1, "a", 9),
        )

        assert list(found) == ["a3", "a6", "b6", "a9"]
        assert commands == [([1, 2], "a", 3), ([2], "b", 3), ([1], "a", 9)]
        assert await reads.load(2, "a", 3) == "a6"
        assert len(commands) == 4
        assert reads._moment == {}

    async def test_an_error_of_one_set_of_arguments_is_not_that_of_another(self) -> None:
        async def read(keys: Sequence[int], broken: bool) -> Mapping[int, int]:
            if broken:
                raise ConnectionError
            return {key: key for key in keys}

        reads = JoinedByArguments(read)
        found = await asyncio.gather(
            reads.load(1, True), reads.load(1, False), return_exceptions=True
        )
        assert isinstance(found[0], ConnectionError)
        assert found[1] == 1
