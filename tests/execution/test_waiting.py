"""Fields that wait: together, and none is left behind when one of them fails."""

import asyncio

import pytest
import strawberry

from tests.execution.small_schemas import FellBack, answered, fast, stock


class Gate:
    """Opens when so many wait before it."""

    def __init__(self, wanted: int) -> None:
        self.missing = wanted
        self._opened = asyncio.Event()

    async def passed(self) -> int:
        self.missing -= 1
        if self.missing == 0:
            self._opened.set()
        async with asyncio.timeout(20):
            await self._opened.wait()
        return self.missing


@strawberry.type
class Leaf:
    @strawberry.field
    async def waits(self, info: strawberry.Info) -> int:
        gate: Gate = info.context
        return await gate.passed()

    @strawberry.field
    async def fails(self, text: str = "failed") -> int:
        await asyncio.sleep(0)
        raise LookupError(text)

    @strawberry.field
    def fails_at_once(self) -> int:
        raise LookupError("at once")

    @strawberry.field
    async def may_fail(self) -> int | None:
        raise LookupError("may fail")

    @strawberry.field
    async def is_late(self) -> int:
        for _ in range(5):
            await asyncio.sleep(0)
        return 5

    @strawberry.field
    def hands_on(self) -> int:
        return asyncio.sleep(0, 3)  # type: ignore[return-value]

    now: int = 1


@strawberry.type
class Query:
    @strawberry.field
    async def leaf(self) -> Leaf | None:
        return Leaf()

    @strawberry.field
    def leaves(self, count: int = 3) -> list[Leaf | None]:
        return [Leaf() for _ in range(count)]

    @strawberry.field
    def at_once(self) -> Leaf | None:
        return Leaf()

    @strawberry.field
    async def must(self) -> Leaf:
        return Leaf()


SCHEMA = strawberry.Schema(Query)

TOGETHER = [
    ("{ leaf { a: waits b: waits c: waits } }", 3),
    ("{ a: leaf { waits } b: atOnce { waits } c: must { waits now } }", 3),
    ("{ leaves { waits } }", 3),
    ("{ leaves { a: waits now b: waits } leaf { waits } }", 7),
    ("{ leaves(count: 1) { waits } }", 1),
]


@pytest.mark.parametrize(("query", "many"), TOGETHER)
async def test_all_that_wait_wait_together(query: str, many: int) -> None:
    gate = Gate(many)
    await fast(SCHEMA, query, gate)
    assert gate.missing == 0


async def test_an_empty_list_of_items_that_wait_is_empty() -> None:
    query = "{ leaves(count: 0) { isLate } }"
    assert await fast(SCHEMA, query) == await stock(SCHEMA, query)


async def test_keys_keep_the_order_of_the_selection_whoever_is_ready_first() -> None:
    query = "{ leaf { a: isLate b: now c: isLate __typename d: now } x: __typename must { now } }"
    assert await fast(SCHEMA, query) == await stock(SCHEMA, query)


FAILING = [
    "{ leaf { fails isLate now } }",
    "{ leaf { isLate fails } must { isLate } }",
    "{ must { isLate fails } }",
    "{ leaf { isLate failsAtOnce } }",
    "{ atOnce { failsAtOnce } must { isLate } leaves { isLate } }",
    "{ leaves { isLate fails } }",
    "{ leaves { failsAtOnce isLate } }",
    "{ leaf { mayFail isLate } }",
    "{ leaves { mayFail } leaf { mayFail a: mayFail now } }",
]


@pytest.mark.parametrize("query", FAILING)
async def test_a_failing_field_has_the_stock_answer_and_leaves_no_task_behind(query: str) -> None:
    before = asyncio.all_tasks()
    with pytest.raises(FellBack) as found:
        await fast(SCHEMA, query)
    assert type(found.value.__context__) is LookupError
    assert asyncio.all_tasks() <= before
    assert await answered(SCHEMA, query) == await stock(SCHEMA, query)


async def test_a_resolver_that_is_not_async_may_hand_on_an_awaitable() -> None:
    query = "{ leaf { handsOn now } }"
    assert await answered(SCHEMA, query) == await stock(SCHEMA, query)


async def test_cancelling_an_answer_cancels_what_it_waits_for() -> None:
    gate = Gate(4)
    before = asyncio.all_tasks()
    task = asyncio.create_task(fast(SCHEMA, "{ leaves { waits } }", gate))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() <= before
